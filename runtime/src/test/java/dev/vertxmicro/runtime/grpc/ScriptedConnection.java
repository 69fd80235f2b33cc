// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.grpc;

import dev.vertxmicro.runtime.grpc.SeenFrame.Header;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelOption;
import io.netty.channel.socket.SocketChannel;
import io.vertx.core.buffer.Buffer;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * One accepted connection: does a server's duties and plays the scripts.
 *
 * <p>All state belongs to the server's event loop; {@link #play}, {@link #barrier} and {@link
 * #frames} are for the test's thread.
 */
final class ScriptedConnection {
  /** What the server does by itself as long as no script takes the duty away. */
  enum Duty {
    SETTINGS_ACK,
    PING_ACK,
    WINDOW_UPDATE
  }

  private static final int INITIAL_WINDOW_SIZE = 4;
  private static final long DEFAULT_WINDOW = 65_535;

  private final int index;
  private final SocketChannel channel;
  private final ScriptedHttp2Server server;
  private final Journal<SeenFrame> journal;
  private final ConnectionRecorder recorder;

  // event loop only
  private final FrameWriter writer = new FrameWriter();
  private final Set<Duty> duties = EnumSet.allOf(Duty.class);
  private final Map<Integer, ScriptedStream> streams = new LinkedHashMap<>();
  private final List<Playback> playing = new ArrayList<>();
  private final Set<String> released = new HashSet<>();
  private final ScriptedStream self = new ScriptedStream(this, 0, 0);
  private long window = DEFAULT_WINDOW;
  private long streamWindow = DEFAULT_WINDOW;
  private int openPings;
  private int openSettings;

  ScriptedConnection(int index, SocketChannel channel, ScriptedHttp2Server server) {
    this.index = index;
    this.channel = channel;
    this.server = server;
    this.journal = server.journal();
    this.recorder = new ConnectionRecorder(index, this, journal);
  }

  ConnectionRecorder recorder() {
    return recorder;
  }

  /** Plays a script on the connection (stream 0) and returns when its last step is done. */
  void play(Step... script) {
    play(0, script);
  }

  /** Plays a script on a stream that the client has opened and returns when it is done. */
  void play(int streamId, Step... script) {
    Step all = Step.all(script);
    CompletableFuture<Void> end = new CompletableFuture<>();
    channel.eventLoop().execute(() -> begin(streamId, all, end));
    try {
      end.get(Journal.PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
    } catch (TimeoutException e) {
      throw journal.tooLate("the end of " + all);
    } catch (ExecutionException e) {
      throw new AssertionError(e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError(e);
    }
  }

  /** Returns after a PING round trip: what the peer had sent before is in the journal now. */
  void barrier() {
    play(Steps.ping(), Steps.untilPingAck());
  }

  /** What this connection has received so far. */
  List<SeenFrame> frames() {
    return journal.entries().stream().filter(f -> f.connection() == index).toList();
  }

  // for scripts, on the event loop

  void without(Set<Duty> noLonger) {
    duties.removeAll(noLonger);
  }

  void send(Buffer bytes) {
    channel.writeAndFlush(Unpooled.wrappedBuffer(bytes.getBytes()));
  }

  void sendHeaders(int streamId, int flags, List<Header> fields) {
    send(writer.headers(streamId, flags, fields));
  }

  void sendPing() {
    openPings++;
    self.sendFrame(FrameType.PING, 0, Buffer.buffer().appendLong(openPings));
  }

  void sendSettings(Buffer settings) {
    openSettings++;
    self.sendFrame(FrameType.SETTINGS, 0, settings);
  }

  void sendGoAway(int lastStreamId, long code, String text) {
    Buffer payload = Buffer.buffer().appendInt(lastStreamId).appendUnsignedInt(code);
    self.sendFrame(FrameType.GOAWAY, 0, payload.appendString(text));
  }

  /** Whether the client has answered each PING of ours. */
  boolean pingsAcknowledged() {
    return openPings == 0;
  }

  /** Whether the client has acknowledged each SETTINGS of ours. */
  boolean settingsAcknowledged() {
    return openSettings == 0;
  }

  boolean released(String hold) {
    return released.contains(hold);
  }

  /** Stops reading: nothing more is recorded or answered, the client's writes fill the buffers. */
  void stopReading() {
    channel.config().setAutoRead(false);
  }

  /** Ends our direction; the connection closes when the client closes its own. */
  void closeWithFin() {
    recorder.closing("by the server, FIN");
    channel.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(sent -> channel.shutdownOutput());
  }

  /** Drops the connection with a TCP reset; what was sent just before may be lost. */
  void closeWithReset() {
    recorder.closing("by the server, RST");
    channel.config().setOption(ChannelOption.SO_LINGER, 0);
    channel.close();
  }

  long window() {
    return window;
  }

  void spend(long bytes) {
    window -= bytes;
  }

  void release(String hold) {
    released.add(hold);
    advance();
  }

  // events, from ConnectionRecorder

  void opened() {
    begin(0, server.nextConnectScript(), new CompletableFuture<>());
  }

  void closed(String how) {
    playing.forEach(playback -> playback.abandon("connection closed " + how));
    playing.clear();
  }

  void onFrame(SeenFrame frame) {
    switch (frame.type()) {
      case SETTINGS -> onSettings(frame);
      case PING -> onPing(frame);
      case DATA -> onData(frame);
      case HEADERS -> onHeaders(frame);
      case WINDOW_UPDATE -> onWindowUpdate(frame);
      case RST_STREAM -> stream(frame.streamId()).onFrame(frame);
      default -> {}
    }
    advance();
  }

  private void onSettings(SeenFrame frame) {
    if (frame.isAck()) {
      openSettings--;
      return;
    }
    long wanted = frame.settings().getOrDefault(INITIAL_WINDOW_SIZE, streamWindow);
    streams.values().forEach(stream -> stream.grant(wanted - streamWindow));
    streamWindow = wanted;
    if (duties.contains(Duty.SETTINGS_ACK)) {
      self.sendFrame(FrameType.SETTINGS, SeenFrame.ACK, Buffer.buffer());
    }
  }

  private void onPing(SeenFrame frame) {
    if (frame.isAck()) {
      openPings--;
    } else if (duties.contains(Duty.PING_ACK)) {
      self.sendFrame(FrameType.PING, SeenFrame.ACK, frame.payload());
    }
  }

  private void onHeaders(SeenFrame frame) {
    boolean opens = !streams.containsKey(frame.streamId());
    stream(frame.streamId()).onFrame(frame);
    if (opens) {
      begin(frame.streamId(), server.nextAnswer(frame), new CompletableFuture<>());
    }
  }

  private void onData(SeenFrame frame) {
    ScriptedStream stream = stream(frame.streamId());
    stream.onFrame(frame);
    if (frame.length() > 0 && duties.contains(Duty.WINDOW_UPDATE)) {
      Buffer increment = Buffer.buffer().appendInt(frame.length());
      self.sendFrame(FrameType.WINDOW_UPDATE, 0, increment);
      if (!stream.requestEnded()) {
        stream.sendFrame(FrameType.WINDOW_UPDATE, 0, increment);
      }
    }
  }

  private void onWindowUpdate(SeenFrame frame) {
    if (frame.streamId() == 0) {
      window += frame.windowIncrement();
      streams.values().forEach(ScriptedStream::flush);
    } else {
      stream(frame.streamId()).onFrame(frame);
    }
  }

  private ScriptedStream stream(int id) {
    return streams.computeIfAbsent(id, i -> new ScriptedStream(this, i, streamWindow));
  }

  private void begin(int streamId, Step script, CompletableFuture<Void> end) {
    if (!channel.isActive()) {
      end.completeExceptionally(
          new IllegalStateException("connection closed; not played: " + script));
      return;
    }
    playing.add(new Playback(streamId == 0 ? self : stream(streamId), script, end));
    advance();
  }

  private void advance() {
    try {
      playing.removeIf(Playback::advance);
    } catch (RuntimeException e) {
      journal.fail(e);
    }
  }
}
