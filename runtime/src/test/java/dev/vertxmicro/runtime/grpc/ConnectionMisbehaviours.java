// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.grpc;

import static dev.vertxmicro.runtime.grpc.GrpcSteps.head;
import static dev.vertxmicro.runtime.grpc.GrpcSteps.message;
import static dev.vertxmicro.runtime.grpc.GrpcSteps.ok;
import static dev.vertxmicro.runtime.grpc.GrpcSteps.prefix;
import static dev.vertxmicro.runtime.grpc.GrpcSteps.status;
import static dev.vertxmicro.runtime.grpc.Misbehaviour.answering;
import static dev.vertxmicro.runtime.grpc.Misbehaviour.connecting;
import static dev.vertxmicro.runtime.grpc.Outcome.lost;
import static dev.vertxmicro.runtime.grpc.Steps.announceGoAway;
import static dev.vertxmicro.runtime.grpc.Steps.data;
import static dev.vertxmicro.runtime.grpc.Steps.fin;
import static dev.vertxmicro.runtime.grpc.Steps.goAwayAfter;
import static dev.vertxmicro.runtime.grpc.Steps.goAwayBelow;
import static dev.vertxmicro.runtime.grpc.Steps.raw;
import static dev.vertxmicro.runtime.grpc.Steps.roundTrip;
import static dev.vertxmicro.runtime.grpc.Steps.rst;
import static dev.vertxmicro.runtime.grpc.Steps.settings;
import static dev.vertxmicro.runtime.grpc.Steps.untilRequestEnds;
import static dev.vertxmicro.runtime.grpc.Steps.without;

import dev.vertxmicro.errors.GrpcStatus;
import dev.vertxmicro.errors.Processed;
import dev.vertxmicro.runtime.grpc.Misbehaviour.Caller;
import dev.vertxmicro.runtime.grpc.Outcome.EndedBy;
import dev.vertxmicro.runtime.grpc.Outcome.Then;
import dev.vertxmicro.runtime.grpc.ScriptedConnection.Duty;
import io.netty.handler.codec.http2.Http2Error;
import io.vertx.core.buffer.Buffer;
import java.util.ArrayList;
import java.util.List;

/** What a server can do to the connection while a call is on it. */
final class ConnectionMisbehaviours {
  private static final Buffer HALF = prefix(0, 10).appendString("half");

  private ConnectionMisbehaviours() {}

  static List<Misbehaviour> all() {
    List<Misbehaviour> all = new ArrayList<>();
    all.addAll(harmless());
    all.addAll(goAways());
    all.addAll(losses());
    all.addAll(brokenFrames());
    return all;
  }

  private static List<Misbehaviour> harmless() {
    return List.of(
        connecting("MAX_STREAMS", Outcome.reply("fine"), settings(Steps.MAX_CONCURRENT_STREAMS, 1)),
        answering(
            "PING",
            Outcome.reply("pinged"),
            roundTrip(),
            untilRequestEnds(),
            roundTrip(),
            head(),
            roundTrip(),
            data(message(Buffer.buffer("pinged"))),
            roundTrip(),
            status(0)),
        answering(
            "SETTINGS_DURING_THE_CALL",
            Outcome.reply("fine"),
            settings(Steps.INITIAL_WINDOW_SIZE, 20_000, Steps.MAX_FRAME_SIZE, 20_000),
            Steps.untilSettingsAck(),
            ok("fine")),
        answering(
            "FRAME_OF_UNKNOWN_TYPE",
            Outcome.reply("fine"),
            raw(rawFrame(0xEE, 0, "ignored")),
            ok("fine")));
  }

  private static List<Misbehaviour> goAways() {
    Outcome served = Outcome.reply("served").then(Then.RECONNECTS);
    Outcome refused =
        Outcome.failure(GrpcStatus.UNAVAILABLE, Processed.REFUSED).then(Then.RECONNECTS);
    Step announce = Step.all(untilRequestEnds(), announceGoAway());
    return List.of(
        answering("GOAWAY", served, goAwayAfter(Http2Error.NO_ERROR), ok("served")),
        answering(
            "GOAWAY_DURING_DATA",
            Outcome.reply("half and half").then(Then.RECONNECTS),
            untilRequestEnds(),
            head(),
            data(prefix(0, 13).appendString("half ")),
            goAwayAfter(Http2Error.NO_ERROR),
            data(Buffer.buffer("and half")),
            status(0)),
        answering(
            "GOAWAY_IN_TWO_STEPS",
            served,
            announce,
            goAwayAfter(Http2Error.NO_ERROR),
            ok("served")),
        answering(
            "GOAWAY_BELOW_THE_CALL", refused, untilRequestEnds(), goAwayBelow(Http2Error.NO_ERROR)),
        answering(
            "GOAWAY_BELOW_THE_CALL_WITH_ERROR",
            refused,
            untilRequestEnds(),
            goAwayBelow(Http2Error.ENHANCE_YOUR_CALM)),
        answering(
            "GOAWAY_BELOW_THE_CALL_IN_TWO_STEPS",
            refused,
            announce,
            goAwayBelow(Http2Error.NO_ERROR)),
        answering(
            "GOAWAY_BELOW_THE_CALL_AND_FIN",
            refused,
            untilRequestEnds(),
            goAwayBelow(Http2Error.NO_ERROR),
            fin()),
        goAwayBelowACallWhoseBodyWaits(),
        answering(
            "GOAWAY_AND_FIN_WITHOUT_AN_ANSWER",
            lost(),
            untilRequestEnds(),
            goAwayAfter(Http2Error.INTERNAL_ERROR),
            fin()));
  }

  /** What has left whole is refused by it, what has not was never sent. */
  private static Misbehaviour goAwayBelowACallWhoseBodyWaits() {
    return new Misbehaviour(
        "GOAWAY_BELOW_A_CALL_WHOSE_BODY_WAITS",
        Caller.CLEAR_TEXT,
        server ->
            server
                .onConnect(settings(Steps.INITIAL_WINDOW_SIZE, 0), without(Duty.WINDOW_UPDATE))
                .answer(goAwayBelow(Http2Error.NO_ERROR)),
        Outcome.failure(GrpcStatus.UNAVAILABLE, Processed.NOT_SENT).then(Then.FAILS_TOO));
  }

  private static List<Misbehaviour> losses() {
    Outcome vanished = lost().endedBy(EndedBy.KEEPALIVE);
    return List.of(
        answering("FIN_BEFORE_HEAD", lost(), untilRequestEnds(), fin()),
        answering("FIN_AFTER_HEAD", lost(), untilRequestEnds(), head(), fin()),
        answering("FIN_DURING_DATA", lost(), untilRequestEnds(), head(), data(HALF), fin()),
        answering(
            "FIN_BEFORE_TRAILERS",
            lost(),
            untilRequestEnds(),
            head(),
            data(message(Buffer.buffer("whole"))),
            fin()),
        answering("TCP_RESET_BEFORE_HEAD", lost(), untilRequestEnds(), rst()),
        answering(
            "TCP_RESET_DURING_DATA",
            lost(),
            untilRequestEnds(),
            head(),
            data(HALF),
            roundTrip(),
            rst()),
        answering("VANISHES_BEFORE_HEAD", vanished, untilRequestEnds(), without(Duty.PING_ACK)),
        answering(
            "VANISHES_DURING_DATA",
            vanished,
            untilRequestEnds(),
            head(),
            data(HALF),
            without(Duty.PING_ACK)));
  }

  /** What RFC 9113 makes a connection error of; 1 is the stream of the call. */
  private static List<Misbehaviour> brokenFrames() {
    int data = FrameType.DATA.code();
    int headers = FrameType.HEADERS.code();
    return List.of(
        answering("GARBAGE", lost(), untilRequestEnds(), raw("?".repeat(100))),
        answering("DATA_ON_STREAM_0", lost(), untilRequestEnds(), raw(rawFrame(data, 0, "x"))),
        answering("HEADERS_ON_STREAM_0", lost(), untilRequestEnds(), raw(rawFrame(headers, 0, ""))),
        answering(
            "DATA_ON_A_STREAM_NOBODY_OPENED",
            lost(),
            untilRequestEnds(),
            raw(rawFrame(data, 99, "x"))),
        answering(
            "BROKEN_HEADER_BLOCK",
            lost(),
            untilRequestEnds(),
            raw(rawFrame(headers, 1, "\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff"))),
        answering(
            "SHORT_SETTINGS",
            lost(),
            untilRequestEnds(),
            raw(rawFrame(FrameType.SETTINGS.code(), 0, "12345"))),
        answering(
            "SHORT_RST_STREAM",
            lost(),
            untilRequestEnds(),
            raw(rawFrame(FrameType.RST_STREAM.code(), 1, "123"))),
        answering(
            "CONNECTION_WINDOW_OVERFLOW",
            lost(),
            untilRequestEnds(),
            raw(rawFrame(FrameType.WINDOW_UPDATE.code(), 0, "\u007f\u00ff\u00ff\u00ff"))));
  }

  /** A frame with END_HEADERS set, where that means anything. */
  private static Buffer rawFrame(int type, int streamId, String latin1) {
    Buffer payload = Buffer.buffer(latin1, "ISO-8859-1");
    return Buffer.buffer()
        .appendMedium(payload.length())
        .appendByte((byte) type)
        .appendByte((byte) (type == FrameType.HEADERS.code() ? SeenFrame.END_HEADERS : 0))
        .appendInt(streamId)
        .appendBuffer(payload);
  }
}
