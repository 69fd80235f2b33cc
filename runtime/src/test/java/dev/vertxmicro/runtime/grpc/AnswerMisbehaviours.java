// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.grpc;

import static dev.vertxmicro.runtime.grpc.GrpcSteps.head;
import static dev.vertxmicro.runtime.grpc.GrpcSteps.message;
import static dev.vertxmicro.runtime.grpc.GrpcSteps.status;
import static dev.vertxmicro.runtime.grpc.GrpcSteps.trailersOnly;
import static dev.vertxmicro.runtime.grpc.Misbehaviour.answering;
import static dev.vertxmicro.runtime.grpc.Outcome.failure;
import static dev.vertxmicro.runtime.grpc.Steps.data;
import static dev.vertxmicro.runtime.grpc.Steps.headers;
import static dev.vertxmicro.runtime.grpc.Steps.lastData;
import static dev.vertxmicro.runtime.grpc.Steps.lastHeaders;
import static dev.vertxmicro.runtime.grpc.Steps.untilRequestEnds;

import dev.vertxmicro.errors.GrpcStatus;
import dev.vertxmicro.errors.Processed;
import io.vertx.core.buffer.Buffer;
import java.util.ArrayList;
import java.util.List;

/** Answers that end as HTTP/2 wants, and whose heads or trailers are not what gRPC wants. */
final class AnswerMisbehaviours {
  private static final Step WHOLE = data(message(Buffer.buffer("whole")));
  private static final Outcome GARBLED = failure(GrpcStatus.UNKNOWN, Processed.YES);
  private static final Outcome NOT_GRPC = failure(GrpcStatus.UNKNOWN, Processed.UNKNOWN);

  private AnswerMisbehaviours() {}

  static List<Misbehaviour> all() {
    List<Misbehaviour> all = new ArrayList<>();
    all.addAll(statuses());
    all.addAll(heads());
    for (int http : new int[] {400, 401, 403, 404, 418, 429, 500, 502, 503, 504}) {
      all.add(httpAnswer(http));
    }
    return all;
  }

  private static List<Misbehaviour> statuses() {
    Outcome notFound = failure(GrpcStatus.NOT_FOUND, Processed.YES);
    String encoded = "a+b caf%C3%A9 100 %zz";
    String decoded = "a+b caf\u00e9 100 %zz";
    return List.of(
        asked("ERROR_IN_TRAILERS", notFound.detail(decoded), head(), status(5, encoded)),
        asked("ERROR_IN_TRAILERS_ONLY", notFound.detail(decoded), trailersOnly(5, encoded)),
        asked("ERROR_AFTER_A_MESSAGE", notFound.detail("no"), head(), WHOLE, status(5, "no")),
        asked("STATUS_99", GARBLED, head(), WHOLE, status(99)),
        asked("STATUS_99_IN_TRAILERS_ONLY", GARBLED, trailersOnly(99, "")),
        asked("STATUS_GARBAGE", GARBLED, head(), WHOLE, lastHeaders("grpc-status", "abc")),
        asked("STATUS_EMPTY", GARBLED, head(), WHOLE, lastHeaders("grpc-status", "")),
        asked("STATUS_NEGATIVE", GARBLED, head(), WHOLE, lastHeaders("grpc-status", "-1")),
        asked(
            "STATUS_GARBAGE_IN_TRAILERS_ONLY",
            GARBLED,
            lastHeaders(
                ":status", "200", "content-type", "application/grpc", "grpc-status", "abc")),
        asked("STATUS_MISSING", GARBLED, head(), WHOLE, lastHeaders("x-other", "y")),
        asked(
            "STATUS_MISSING_IN_TRAILERS_ONLY",
            GARBLED,
            lastHeaders(":status", "200", "content-type", "application/grpc")),
        asked("TRAILERS_MISSING", GARBLED, head(), lastData(message(Buffer.buffer("whole")))));
  }

  private static List<Misbehaviour> heads() {
    return List.of(
        asked(
            "CONTENT_TYPE_WITH_PARAMETER",
            Outcome.reply("whole"),
            headers(":status", "200", "content-type", "application/grpc; charset=utf-8"),
            WHOLE,
            status(0)),
        asked(
            "INTERIM_103",
            Outcome.reply("whole"),
            headers(":status", "103", "link", "</style.css>"),
            head(),
            WHOLE,
            status(0)),
        asked(
            "MUCP_EMPTY_200",
            NOT_GRPC.detail("200"),
            lastHeaders(":status", "200", "content-length", "0")),
        asked(
            "HTML_200",
            NOT_GRPC.detail("text/html"),
            headers(":status", "200", "content-type", "text/html"),
            lastData(Buffer.buffer("<html></html>"))),
        asked(
            "GRPC_WEB_200",
            NOT_GRPC.detail("application/grpc-web"),
            headers(":status", "200", "content-type", "application/grpc-web"),
            lastData(message(Buffer.buffer("whole")))),
        asked(
            "HTTP_500_WITH_GRPC_STATUS",
            failure(GrpcStatus.NOT_FOUND, Processed.YES),
            lastHeaders(":status", "500", "content-type", "application/grpc", "grpc-status", "5")));
  }

  /** An answer of a proxy, or of a server that speaks no gRPC. */
  private static Misbehaviour httpAnswer(int http) {
    return asked(
        "HTTP_" + http,
        failure(ofHttp(http), Processed.UNKNOWN).detail(String.valueOf(http)),
        headers(":status", String.valueOf(http), "content-type", "text/plain"),
        lastData(Buffer.buffer("not gRPC")));
  }

  /** The mapping of gRPC's http-grpc-status-mapping.md. */
  private static GrpcStatus ofHttp(int http) {
    return switch (http) {
      case 400 -> GrpcStatus.INTERNAL;
      case 401 -> GrpcStatus.UNAUTHENTICATED;
      case 403 -> GrpcStatus.PERMISSION_DENIED;
      case 404 -> GrpcStatus.UNIMPLEMENTED;
      case 429, 502, 503, 504 -> GrpcStatus.UNAVAILABLE;
      default -> GrpcStatus.UNKNOWN;
    };
  }

  private static Misbehaviour asked(String name, Outcome outcome, Step... answer) {
    return answering(name, outcome, untilRequestEnds(), Step.all(answer));
  }
}
