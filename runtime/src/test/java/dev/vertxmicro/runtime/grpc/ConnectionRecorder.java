// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.grpc;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.DecoderException;
import io.vertx.core.buffer.Buffer;
import java.io.IOException;

/** Writes what happens on one connection into the journal, then tells the connection. */
final class ConnectionRecorder extends ChannelInboundHandlerAdapter {
  private final int index;
  private final ScriptedConnection connection;
  private final Journal<SeenFrame> journal;
  private final FrameParser parser;
  private String closing = "by the peer, FIN";

  ConnectionRecorder(int index, ScriptedConnection connection, Journal<SeenFrame> journal) {
    this.index = index;
    this.connection = connection;
    this.journal = journal;
    this.parser = FrameParser.ofClient(index);
  }

  /** Says how the connection is being closed, for the CLOSED entry. */
  void closing(String how) {
    closing = how;
  }

  @Override
  public void channelActive(ChannelHandlerContext ctx) {
    journal.add(SeenFrame.event(index, FrameType.OPENED, ""));
    connection.opened();
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) {
    ByteBuf bytes = (ByteBuf) message;
    try {
      for (SeenFrame frame : parser.feed(Buffer.buffer(ByteBufUtil.getBytes(bytes)))) {
        journal.add(frame);
        connection.onFrame(frame);
      }
    } finally {
      bytes.release();
    }
  }

  @Override
  public void channelInactive(ChannelHandlerContext ctx) {
    journal.add(SeenFrame.event(index, FrameType.CLOSED, closing));
    connection.closed(closing);
  }

  /** A reset by the peer or a failed handshake ends the connection; anything else is our fault. */
  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    if (cause instanceof IOException || cause instanceof DecoderException) {
      closing = "by the peer, " + cause;
    } else {
      journal.fail(cause);
    }
    ctx.close();
  }
}
