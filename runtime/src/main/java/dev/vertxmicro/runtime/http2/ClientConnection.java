// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.http2;

import dev.vertxmicro.runtime.pooling.Departure;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http2.AbstractHttp2ConnectionHandlerBuilder;
import io.netty.handler.codec.http2.DefaultHttp2Connection;
import io.netty.handler.codec.http2.DefaultHttp2RemoteFlowController;
import io.netty.handler.codec.http2.Http2CodecUtil;
import io.netty.handler.codec.http2.Http2Connection;
import io.netty.handler.codec.http2.Http2ConnectionAdapter;
import io.netty.handler.codec.http2.Http2ConnectionDecoder;
import io.netty.handler.codec.http2.Http2ConnectionEncoder;
import io.netty.handler.codec.http2.Http2ConnectionHandler;
import io.netty.handler.codec.http2.Http2ConnectionPrefaceAndSettingsFrameWrittenEvent;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2FrameAdapter;
import io.netty.handler.codec.http2.Http2FrameWriter;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.handler.codec.http2.Http2HeadersEncoder;
import io.netty.handler.codec.http2.Http2HeadersEncoder.SensitivityDetector;
import io.netty.handler.codec.http2.Http2LocalFlowController;
import io.netty.handler.codec.http2.Http2Settings;
import io.netty.handler.codec.http2.Http2Stream;
import io.netty.handler.codec.http2.UniformStreamByteDistributor;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.http.StreamResetException;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Queue;
import org.jspecify.annotations.Nullable;

/**
 * One HTTP/2 connection of a client: opens streams, hands their frames to them, and says what ends
 * them. Belongs to the event loop of its socket.
 *
 * <p>Netty's codec underneath keeps the rules of RFC 9113: the states of streams, both windows,
 * header compression, sizes of frames and header lists; and bounds what a peer can make us do by
 * SETTINGS, PING, CONTINUATION and empty DATA frames. A connection that breaks them ends; a stream
 * that does is reset and fails alone.
 *
 * <p><b>When frames leave.</b> Frames are collected and leave together: when a number of them were
 * written, when the bytes that have just come were read to their end, and at the end of the turn of
 * the event loop. One write to the socket for each frame would cost more than the frame; one for
 * each turn alone would let both sides wait for each other in turns.
 *
 * <p><b>How streams end.</b> Every way goes through {@link ClientStream#closed}, which Netty calls
 * for each stream exactly once; what is known of the reason was noted before. A stream that we
 * reset is closed at once, so that nothing written before is sent after the RST_STREAM; frames of
 * it that still come are passed over (RFC 9113 5.1).
 */
public final class ClientConnection extends Http2ConnectionHandler {

  private static final int LAST_STREAM_OF_THE_PEER = 0;

  private final Http2Connection http2;
  private final Http2Connection.PropertyKey streamKey;
  private final Http2Limits limits;
  private final FrameBatch frames;
  private final Promise<ClientConnection> greeting = Promise.promise();
  private final Queue<Promise<Void>> pings = new ArrayDeque<>(1);
  private final Queue<Promise<Void>> settings = new ArrayDeque<>(1);
  private final Runnable flushOfTurn = this::flushOfTurn;

  private ConnectionListener listener = ConnectionListener.NONE;
  private @Nullable ChannelHandlerContext context;
  private int nextStreamId = 1;
  private int unflushed;
  private boolean flushing;
  private boolean flushArmed;
  private boolean ending;
  private long goAwayCode;
  private @Nullable Throwable lossCause;

  private ClientConnection(
      Http2ConnectionDecoder decoder,
      Http2ConnectionEncoder encoder,
      Http2Settings initial,
      Http2Limits limits) {
    super(decoder, encoder, initial, true);
    this.http2 = encoder.connection();
    this.streamKey = http2.newKey();
    this.limits = limits;
    this.frames = batch(encoder.configuration());
    http2.addListener(new Streams());
    decoder.frameListener(new Frames());
    settings.add(Promise.promise());
  }

  /** The codec goes on to apply the peer's settings to the parts that are taken from it here. */
  private static FrameBatch batch(Http2FrameWriter.Configuration codec) {
    if (!(codec.headersConfiguration() instanceof Http2HeadersEncoder compression)) {
      throw new IllegalStateException(
          "headers: " + codec.headersConfiguration() + " (expected: the codec's compression)");
    }
    return new FrameBatch(compression, codec.frameSizePolicy());
  }

  /**
   * Returns a connection that is to be put into a pipeline.
   *
   * @param unindexed tells which headers are not worth a place in the table of the compression
   */
  static ClientConnection create(Http2Limits limits, SensitivityDetector unindexed) {
    DefaultHttp2Connection http2 = new DefaultHttp2Connection(false, 0);
    http2
        .remote()
        .flowController(
            new DefaultHttp2RemoteFlowController(http2, new UniformStreamByteDistributor(http2)));
    return new Builder(limits).make(http2, unindexed);
  }

  private static final class Builder
      extends AbstractHttp2ConnectionHandlerBuilder<ClientConnection, Builder> {
    private final Http2Limits limits;

    Builder(Http2Limits limits) {
      this.limits = limits;
    }

    ClientConnection make(Http2Connection http2, SensitivityDetector unindexed) {
      connection(http2);
      headerSensitivityDetector(unindexed);
      initialSettings(
          new Http2Settings()
              .pushEnabled(false)
              .initialWindowSize(limits.streamWindowBytes())
              .maxHeaderListSize(limits.maxHeaderListBytes()));
      return build();
    }

    @Override
    protected ClientConnection build(
        Http2ConnectionDecoder decoder, Http2ConnectionEncoder encoder, Http2Settings initial) {
      return new ClientConnection(decoder, encoder, initial, limits);
    }
  }

  // ---- for its owner

  /** Completes when the peer has sent its first SETTINGS; fails if the connection ends before. */
  Future<ClientConnection> greeting() {
    return greeting.future();
  }

  /** Sets who learns what becomes of it; called once. */
  public void listen(ConnectionListener listener) {
    this.listener = listener;
    listener.streamsAllowed(http2.local().maxActiveStreams());
  }

  /** Tells whether one more stream is all that it can number. */
  public boolean isOnLastNumber() {
    return nextStreamId == Integer.MAX_VALUE;
  }

  /** Returns how many streams are open. */
  public int activeStreams() {
    return http2.local().numActiveStreams();
  }

  /** Sends a PING; completes when it was answered. */
  public Future<Void> ping(long data) {
    Promise<Void> answered = Promise.promise();
    if (isOpen()) {
      pings.add(answered);
      encoder().writePing(context(), false, data, context().newPromise());
      wrote();
    }
    return answered.future();
  }

  /** Sends SETTINGS that change nothing; completes when the peer has acknowledged them. */
  public Future<Void> askForSettingsAck() {
    Promise<Void> answered = Promise.promise();
    if (isOpen()) {
      settings.add(answered);
      encoder().writeSettings(context(), new Http2Settings(), context().newPromise());
      wrote();
    }
    return answered.future();
  }

  /** Says GOAWAY and closes; the streams that are open fail. May be called twice. */
  public void shutdown() {
    end(Http2Error.NO_ERROR);
  }

  // ---- for streams

  /**
   * Opens a stream and writes its head. A head that is larger than the peer takes fails the stream
   * before this returns.
   *
   * @param departure told when the head has left, or cannot; may be null
   * @throws Http2Exception if the peer allows no more streams; nothing was written then
   */
  public void open(ClientStream stream, Http2Headers head, @Nullable Departure departure)
      throws Http2Exception {
    Http2Stream raw = http2.local().createStream(nextStreamId, false);
    nextStreamId += 2;
    raw.setProperty(streamKey, stream);
    stream.opened(raw);
    try {
      frames.headers(raw.id(), head);
    } catch (Http2Exception tooLarge) {
      if (departure != null) {
        departure.left(tooLarge);
      }
      onError(context(), true, tooLarge);
      return;
    }
    raw.headersSent(false);
    if (departure != null) {
      frames.tell(departure);
    }
    wrote();
  }

  /** Writes data to a stream; none leaves, and it is told so, if our side of it has ended. */
  public void write(ClientStream stream, OutgoingData data) {
    Http2Stream raw = stream.raw();
    if (raw == null || !raw.state().localSideOpen()) {
      data.left(new IOException("stream " + stream.id() + " takes no more data"));
      return;
    }
    data.on(this, raw);
    encoder().flowController().addFlowControlled(raw, data);
    wrote();
  }

  /** Returns where data goes when the flow controller lets it. */
  FrameBatch frames() {
    return frames;
  }

  /** The last of our data is on its way. */
  void endedByUs(Http2Stream stream) {
    closeStreamLocal(stream, context().newSucceededFuture());
  }

  /** Lets the peer of a stream send so many bytes more. */
  public void consumed(ClientStream stream, int bytes) {
    Http2Stream raw = stream.raw();
    if (raw == null || bytes == 0 || ending) {
      return;
    }
    try {
      if (decoder().flowController().consumeBytes(raw, bytes)) {
        wrote();
      }
    } catch (Http2Exception broken) {
      onError(context(), true, broken);
    }
  }

  /** Ends both sides of a stream, whatever was still to be written. It is told nothing more. */
  public void reset(ClientStream stream, long code) {
    stream.givenUp();
    Http2Stream raw = stream.raw();
    if (raw != null && raw.state() != Http2Stream.State.CLOSED) {
      encoder().writeRstStream(context(), raw.id(), code, context().newPromise());
      raw.close();
      wrote();
    }
  }

  // ---- when frames leave

  private void wrote() {
    if (++unflushed >= limits.flushFrames() && !flushing) {
      flush(context());
    } else if (!flushArmed) {
      flushArmed = true;
      context().executor().execute(flushOfTurn);
    }
  }

  private void flushOfTurn() {
    flushArmed = false;
    if (unflushed > 0) {
      flush(context());
    }
  }

  @Override
  public void flush(ChannelHandlerContext ctx) {
    boolean outer = flushing;
    flushing = true;
    unflushed = 0;
    super.flush(ctx);
    flushing = outer;
  }

  // ---- its life

  @Override
  public void handlerAdded(ChannelHandlerContext ctx) throws Exception {
    context = ctx;
    ctx.pipeline().addBefore(ctx.name(), "continuations", new ContinuationLimit());
    ctx.pipeline().addBefore(ctx.name(), "frames", frames);
    super.handlerAdded(ctx);
    ctx.flush();
  }

  @Override
  public void userEventTriggered(ChannelHandlerContext ctx, Object event) throws Exception {
    if (event instanceof Http2ConnectionPrefaceAndSettingsFrameWrittenEvent) {
      int more = limits.connectionWindowBytes() - Http2CodecUtil.DEFAULT_WINDOW_SIZE;
      if (more > 0) {
        Http2LocalFlowController window = decoder().flowController();
        window.incrementWindowSize(http2.connectionStream(), more);
      }
    } else {
      super.userEventTriggered(ctx, event);
    }
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) throws Exception {
    if (Http2CodecUtil.getEmbeddedHttp2Exception(cause) != null) {
      onError(ctx, false, cause);
    } else {
      lost(cause);
      ctx.close();
    }
  }

  @Override
  protected void onConnectionError(
      ChannelHandlerContext ctx,
      boolean outbound,
      Throwable cause,
      @Nullable Http2Exception broken) {
    lost(broken == null ? cause : broken);
    end(broken == null ? Http2Error.INTERNAL_ERROR : broken.error());
  }

  @Override
  protected void onStreamError(
      ChannelHandlerContext ctx,
      boolean outbound,
      Throwable cause,
      Http2Exception.StreamException broken) {
    Http2Stream raw = http2.stream(broken.streamId());
    if (raw == null) {
      // A frame of a stream that we have given up, or one behind its end.
      return;
    }
    ClientStream stream = raw.getProperty(streamKey);
    if (stream != null) {
      stream.failing(broken);
    }
    encoder().writeRstStream(ctx, raw.id(), broken.error().code(), ctx.newPromise());
    raw.close();
    wrote();
  }

  private void end(Http2Error why) {
    if (!isOpen()) {
      return;
    }
    lost(new IOException("closed by us"));
    ChannelHandlerContext ctx = context();
    goAway(ctx, LAST_STREAM_OF_THE_PEER, why.code(), Unpooled.EMPTY_BUFFER, ctx.newPromise());
    ctx.flush();
    ctx.close();
    ending();
  }

  /** The first reason is the one that counts. */
  private void lost(Throwable cause) {
    if (lossCause == null) {
      lossCause = cause;
    }
  }

  private boolean isOpen() {
    return !ending && context().channel().isActive();
  }

  private void ending() {
    if (!ending) {
      ending = true;
      listener.ending();
    }
  }

  @Override
  public void channelInactive(ChannelHandlerContext ctx) throws Exception {
    ending();
    frames.drop(lossReason());
    super.channelInactive(ctx);
    greeting.tryFail(lossReason());
    // Nobody waits for these any more: the one who asked hears that the connection is gone.
    pings.clear();
    settings.clear();
    listener.closed();
  }

  private Throwable lossReason() {
    Throwable cause = lossCause;
    return cause == null ? new IOException("the connection was closed") : cause;
  }

  private ChannelHandlerContext context() {
    ChannelHandlerContext known = context;
    if (known == null) {
      throw new IllegalStateException("the connection is in no pipeline");
    }
    return known;
  }

  @Override
  public String toString() {
    return "ClientConnection[" + (context == null ? "new" : context.channel()) + "]";
  }

  // ---- what the codec reports

  private final class Streams extends Http2ConnectionAdapter {

    @Override
    public void onGoAwayReceived(int lastStreamId, long code, ByteBuf debugData) {
      goAwayCode = code;
      listener.goAway(lastStreamId);
    }

    @Override
    public void onStreamClosed(Http2Stream raw) {
      ClientStream stream = raw.getProperty(streamKey);
      if (stream == null) {
        return;
      }
      // Most streams are over by now, and an exception costs more than all the rest of their end.
      if (!stream.isOver()) {
        stream.closed(closeReason(raw));
      }
      listener.streamClosed();
    }

    private Throwable closeReason(Http2Stream raw) {
      int last = http2.local().lastStreamKnownByPeer();
      return last >= 0 && raw.id() > last
          ? new IOException("the peer goes away, code " + goAwayCode)
          : lossReason();
    }
  }

  private final class Frames extends Http2FrameAdapter {

    @Override
    public void onSettingsRead(ChannelHandlerContext ctx, Http2Settings changed) {
      greeting.tryComplete(ClientConnection.this);
      listener.streamsAllowed(http2.local().maxActiveStreams());
    }

    @Override
    public void onSettingsAckRead(ChannelHandlerContext ctx) {
      answered(settings.poll());
    }

    @Override
    public void onPingAckRead(ChannelHandlerContext ctx, long data) {
      answered(pings.poll());
    }

    private void answered(@Nullable Promise<Void> question) {
      if (question != null) {
        question.complete();
      }
    }

    @Override
    public void onHeadersRead(
        ChannelHandlerContext ctx,
        int streamId,
        Http2Headers headers,
        int streamDependency,
        short weight,
        boolean exclusive,
        int padding,
        boolean end)
        throws Http2Exception {
      onHeadersRead(ctx, streamId, headers, padding, end);
    }

    @Override
    public void onHeadersRead(
        ChannelHandlerContext ctx, int streamId, Http2Headers headers, int padding, boolean end)
        throws Http2Exception {
      ClientStream stream = stream(streamId);
      if (stream.isHeadSeen()) {
        stream.endRead(headers);
        return;
      }
      CharSequence status = headers.status();
      if (status == null) {
        throw Http2Exception.streamError(
            streamId, Http2Error.PROTOCOL_ERROR, "a response without :status");
      }
      if (status.length() == 3 && status.charAt(0) == '1') {
        if (end) {
          throw Http2Exception.streamError(
              streamId, Http2Error.PROTOCOL_ERROR, "the stream ends with an interim response");
        }
        return;
      }
      stream.headRead(headers);
      if (end) {
        stream.endRead(null);
      }
    }

    @Override
    public int onDataRead(
        ChannelHandlerContext ctx, int streamId, ByteBuf data, int padding, boolean end)
        throws Http2Exception {
      ClientStream stream = stream(streamId);
      if (!stream.isHeadSeen()) {
        if (end) {
          throw Http2Exception.streamError(
              streamId, Http2Error.PROTOCOL_ERROR, "the stream ends without a response");
        }
        return data.readableBytes() + padding;
      }
      int consumed = data.isReadable() ? stream.dataRead(data) : 0;
      if (end) {
        stream.endRead(null);
      }
      return consumed + padding;
    }

    @Override
    public void onRstStreamRead(ChannelHandlerContext ctx, int streamId, long code)
        throws Http2Exception {
      stream(streamId).failing(new StreamResetException(code));
    }

    /** Returns the stream that we have opened; a server opens none, since it may not push. */
    private ClientStream stream(int streamId) throws Http2Exception {
      Http2Stream raw = http2.stream(streamId);
      ClientStream stream = raw == null ? null : raw.getProperty(streamKey);
      if (stream == null) {
        throw Http2Exception.connectionError(
            Http2Error.PROTOCOL_ERROR, "stream %d was not opened by us", streamId);
      }
      return stream;
    }
  }
}
