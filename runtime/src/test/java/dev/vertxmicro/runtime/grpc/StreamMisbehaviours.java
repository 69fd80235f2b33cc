// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.grpc;

import static dev.vertxmicro.runtime.grpc.GrpcSteps.head;
import static dev.vertxmicro.runtime.grpc.GrpcSteps.message;
import static dev.vertxmicro.runtime.grpc.GrpcSteps.ok;
import static dev.vertxmicro.runtime.grpc.GrpcSteps.prefix;
import static dev.vertxmicro.runtime.grpc.GrpcSteps.status;
import static dev.vertxmicro.runtime.grpc.GrpcSteps.trailersOnly;
import static dev.vertxmicro.runtime.grpc.Misbehaviour.answering;
import static dev.vertxmicro.runtime.grpc.Outcome.failure;
import static dev.vertxmicro.runtime.grpc.Steps.data;
import static dev.vertxmicro.runtime.grpc.Steps.frame;
import static dev.vertxmicro.runtime.grpc.Steps.reset;
import static dev.vertxmicro.runtime.grpc.Steps.untilRequestEnds;

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

/** What a server can do to the stream of a call: reset it, starve it, leave it open. */
final class StreamMisbehaviours {
  private static final Buffer WHOLE = message(Buffer.buffer("whole"));

  private StreamMisbehaviours() {}

  static List<Misbehaviour> all() {
    List<Misbehaviour> all = new ArrayList<>();
    for (Http2Error error : Http2Error.values()) {
      all.add(resets("RST_STREAM_" + error, error.code(), ofReset(error)));
    }
    all.add(resets("RST_STREAM_UNKNOWN_CODE", 99, GrpcStatus.INTERNAL));
    all.addAll(laterResets());
    all.addAll(openEnds());
    all.addAll(brokenFrames());
    return all;
  }

  /** The mapping of gRPC's PROTOCOL-HTTP2.md, "HTTP2 Transport Mapping", Errors. */
  private static GrpcStatus ofReset(Http2Error error) {
    return switch (error) {
      case REFUSED_STREAM -> GrpcStatus.UNAVAILABLE;
      case CANCEL -> GrpcStatus.CANCELLED;
      case ENHANCE_YOUR_CALM -> GrpcStatus.RESOURCE_EXHAUSTED;
      case INADEQUATE_SECURITY -> GrpcStatus.PERMISSION_DENIED;
      default -> GrpcStatus.INTERNAL;
    };
  }

  private static Misbehaviour resets(String name, long code, GrpcStatus status) {
    boolean refused = code == Http2Error.REFUSED_STREAM.code();
    Processed processed = refused ? Processed.REFUSED : Processed.UNKNOWN;
    return answering(name, failure(status, processed), untilRequestEnds(), reset(code));
  }

  private static List<Misbehaviour> laterResets() {
    Outcome internal = failure(GrpcStatus.INTERNAL, Processed.UNKNOWN);
    return List.of(
        answering(
            "RST_AFTER_HEADER",
            internal,
            untilRequestEnds(),
            head(),
            reset(Http2Error.PROTOCOL_ERROR)),
        answering(
            "RST_DURING_DATA",
            internal,
            untilRequestEnds(),
            head(),
            data(prefix(0, 100).appendString("cut")),
            reset(Http2Error.PROTOCOL_ERROR)),
        answering(
            "RST_AFTER_DATA",
            internal,
            untilRequestEnds(),
            head(),
            data(WHOLE),
            reset(Http2Error.PROTOCOL_ERROR)),
        answering(
            "RST_NO_ERROR_BEFORE_TRAILERS",
            internal,
            untilRequestEnds(),
            head(),
            data(WHOLE),
            reset(Http2Error.NO_ERROR)),
        // A server that has begun to answer has looked at the request, whatever its code says.
        answering(
            "REFUSED_STREAM_AFTER_HEADER",
            failure(GrpcStatus.UNAVAILABLE, Processed.UNKNOWN),
            untilRequestEnds(),
            head(),
            reset(Http2Error.REFUSED_STREAM)),
        answering(
            "RST_NO_ERROR_AFTER_THE_ANSWER",
            Outcome.reply("whole"),
            ok("whole"),
            reset(Http2Error.NO_ERROR)),
        answering(
            "ERROR_AND_RST_BEFORE_THE_REQUEST_ENDS",
            failure(GrpcStatus.RESOURCE_EXHAUSTED, Processed.YES).detail("enough"),
            trailersOnly(8, "enough"),
            reset(Http2Error.NO_ERROR)));
  }

  private static List<Misbehaviour> openEnds() {
    Outcome open =
        failure(GrpcStatus.DEADLINE_EXCEEDED, Processed.UNKNOWN).endedBy(EndedBy.DEADLINE);
    return List.of(
        answering("NEVER_ANSWERS", open),
        answering("NEVER_ENDS_AFTER_HEADER", open, untilRequestEnds(), head()),
        answering("NEVER_ENDS_DURING_DATA", open, untilRequestEnds(), head(), data(prefix(0, 10))),
        answering("NEVER_ENDS_AFTER_DATA", open, untilRequestEnds(), head(), data(WHOLE)),
        neverTakesTheBody());
  }

  /** The head leaves, the message cannot: a unary request that is not whole is not sent. */
  private static Misbehaviour neverTakesTheBody() {
    return new Misbehaviour(
        "NEVER_TAKES_THE_BODY",
        Caller.CLEAR_TEXT,
        server ->
            server.onConnect(
                Steps.settings(Steps.INITIAL_WINDOW_SIZE, 0), Steps.without(Duty.WINDOW_UPDATE)),
        failure(GrpcStatus.DEADLINE_EXCEEDED, Processed.NOT_SENT)
            .endedBy(EndedBy.DEADLINE)
            .then(Then.FAILS_TOO));
  }

  /** What RFC 9113 makes a stream error of: the connection lives. */
  private static List<Misbehaviour> brokenFrames() {
    Outcome internal = failure(GrpcStatus.INTERNAL, Processed.UNKNOWN);
    return List.of(
        // Vert.x passes over such DATA in silence, so that no message is left in the answer.
        answering(
            "DATA_BEFORE_HEADER",
            failure(GrpcStatus.INTERNAL, Processed.YES),
            untilRequestEnds(),
            data(WHOLE),
            head(),
            status(0)),
        answering(
            "WINDOW_UPDATE_OF_0",
            internal,
            untilRequestEnds(),
            frame(FrameType.WINDOW_UPDATE, 0, Buffer.buffer().appendInt(0))),
        answering(
            "STREAM_WINDOW_OVERFLOW",
            internal,
            untilRequestEnds(),
            frame(FrameType.WINDOW_UPDATE, 0, Buffer.buffer().appendInt(Integer.MAX_VALUE))),
        answering(
            "CONTENT_LENGTH_TOO_SMALL",
            internal,
            untilRequestEnds(),
            head("content-length", "3"),
            data(WHOLE)),
        answering(
            "OVERSIZED_HEADER",
            internal,
            untilRequestEnds(),
            head("x-large", "v".repeat(Misbehaviour.CLIENT_HEADER_LIMIT + 4_000))),
        answering(
            "OVERSIZED_TRAILERS",
            internal,
            untilRequestEnds(),
            head(),
            data(WHOLE),
            Steps.lastHeaders(
                "grpc-status", "0", "x", "v".repeat(Misbehaviour.CLIENT_HEADER_LIMIT + 4_000))));
  }
}
