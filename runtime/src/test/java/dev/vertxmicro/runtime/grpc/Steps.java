// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.grpc;

import dev.vertxmicro.runtime.grpc.ScriptedConnection.Duty;
import dev.vertxmicro.runtime.grpc.SeenFrame.Header;
import io.netty.handler.codec.http2.Http2Error;
import io.vertx.core.buffer.Buffer;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.function.ToIntFunction;

/** The HTTP/2 and TCP vocabulary of scripts. */
final class Steps {
  static final int ENABLE_PUSH = 2;
  static final int MAX_CONCURRENT_STREAMS = 3;
  static final int INITIAL_WINDOW_SIZE = 4;
  static final int MAX_FRAME_SIZE = 5;
  static final int MAX_HEADER_LIST_SIZE = 6;

  private Steps() {}

  // waits

  static Step untilRequestEnds() {
    return until("request ends", ScriptedStream::requestEnded);
  }

  /** Until the client sends RST_STREAM on this stream. */
  static Step untilReset() {
    return until("client resets", ScriptedStream::resetByClient);
  }

  static Step untilPingAck() {
    return until("PING acknowledged", stream -> stream.connection().pingsAcknowledged());
  }

  static Step untilSettingsAck() {
    return until("SETTINGS acknowledged", stream -> stream.connection().settingsAcknowledged());
  }

  /** Until the test calls {@link ScriptedHttp2Server#release} with this name. */
  static Step hold(String name) {
    return until("released: " + name, stream -> stream.connection().released(name));
  }

  // frames on this stream

  static Step headers(String... namesAndValues) {
    return act("headers", stream -> stream.sendHeaders(0, fields(namesAndValues)));
  }

  /** Headers with END_STREAM: trailers, or a trailers-only answer. */
  static Step lastHeaders(String... namesAndValues) {
    return act(
        "last headers", stream -> stream.sendHeaders(SeenFrame.END_STREAM, fields(namesAndValues)));
  }

  static Step data(Buffer payload) {
    return act("data", stream -> stream.sendData(payload, 0));
  }

  static Step lastData(Buffer payload) {
    return act("last data", stream -> stream.sendData(payload, SeenFrame.END_STREAM));
  }

  /** The payload in several DATA frames, cut at the given offsets (ascending). */
  static Step dataCutAt(Buffer payload, int... offsets) {
    List<Step> frames = new ArrayList<>();
    int from = 0;
    for (int to : offsets) {
      frames.add(data(payload.getBuffer(from, to)));
      from = to;
    }
    frames.add(data(payload.getBuffer(from, payload.length())));
    return new Step.All(frames);
  }

  static Step reset(Http2Error error) {
    return reset(error.code());
  }

  static Step reset(long code) {
    return frame(FrameType.RST_STREAM, 0, Buffer.buffer().appendUnsignedInt(code));
  }

  /** Any frame, legal or not, on this stream. */
  static Step frame(FrameType type, int flags, Buffer payload) {
    return act(type.name(), stream -> stream.sendFrame(type, flags, payload));
  }

  // frames on the connection

  /** SETTINGS from pairs of id and value; none gives the empty frame. */
  static Step settings(int... idsAndValues) {
    if (idsAndValues.length % 2 != 0) {
      throw new IllegalArgumentException(
          "idsAndValues: " + idsAndValues.length + " ints (expected: pairs)");
    }
    Buffer payload = Buffer.buffer();
    for (int i = 0; i < idsAndValues.length; i += 2) {
      payload.appendUnsignedShort(idsAndValues[i]).appendInt(idsAndValues[i + 1]);
    }
    return act("settings", stream -> stream.connection().sendSettings(payload));
  }

  static Step goAway(int lastStreamId, Http2Error error) {
    return goAway("GOAWAY", stream -> lastStreamId, error);
  }

  /** GOAWAY that tells the client that this very stream is not processed. */
  static Step goAwayBelow(Http2Error error) {
    return goAway("GOAWAY below", stream -> Math.max(0, stream.id() - 2), error);
  }

  /** GOAWAY that lets this stream be the last one processed. */
  static Step goAwayAfter(Http2Error error) {
    return goAway("GOAWAY after", ScriptedStream::id, error);
  }

  /** The first half of a graceful shutdown: GOAWAY(2^31-1), then a PING round trip. */
  static Step announceGoAway() {
    return Step.all(goAway(Integer.MAX_VALUE, Http2Error.NO_ERROR), ping(), untilPingAck());
  }

  static Step ping() {
    return act("PING", stream -> stream.connection().sendPing());
  }

  /** Bytes that need not be frames. */
  static Step raw(Buffer bytes) {
    return act("raw bytes", stream -> stream.connection().send(bytes));
  }

  static Step raw(String latin1) {
    return raw(Buffer.buffer(latin1, "ISO-8859-1"));
  }

  // the connection itself

  static Step nothing() {
    return Step.all();
  }

  /** From now on the server no longer does these duties by itself. */
  static Step without(Duty first, Duty... more) {
    Set<Duty> duties = EnumSet.of(first, more);
    return act("without " + duties, stream -> stream.connection().without(duties));
  }

  /** From now on the server sends nothing by itself, as a peer that hangs; it still reads. */
  static Step mute() {
    return without(Duty.SETTINGS_ACK, Duty.PING_ACK, Duty.WINDOW_UPDATE);
  }

  /** From now on the server does not read, so that the client's writes fill the buffers. */
  static Step stopReading() {
    return act("stop reading", stream -> stream.connection().stopReading());
  }

  static Step fin() {
    return act("FIN", stream -> stream.connection().closeWithFin());
  }

  /** TCP reset; put a PING round trip before it if what was sent earlier must arrive. */
  static Step rst() {
    return act("RST", stream -> stream.connection().closeWithReset());
  }

  static Step roundTrip() {
    return Step.all(ping(), untilPingAck());
  }

  private static Step goAway(String name, ToIntFunction<ScriptedStream> last, Http2Error error) {
    return act(
        name,
        stream ->
            stream.connection().sendGoAway(last.applyAsInt(stream), error.code(), "scripted"));
  }

  private static Step act(String name, Consumer<ScriptedStream> act) {
    return new Step.Act(name, act);
  }

  private static Step until(String name, Predicate<ScriptedStream> condition) {
    return new Step.Until(name, condition);
  }

  private static List<Header> fields(String... namesAndValues) {
    if (namesAndValues.length % 2 != 0) {
      throw new IllegalArgumentException(
          "namesAndValues: " + namesAndValues.length + " strings (expected: pairs)");
    }
    List<Header> fields = new ArrayList<>();
    for (int i = 0; i < namesAndValues.length; i += 2) {
      fields.add(new Header(namesAndValues[i], namesAndValues[i + 1]));
    }
    return List.copyOf(fields);
  }
}
