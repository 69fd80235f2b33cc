// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.grpc;

import static dev.vertxmicro.runtime.grpc.GrpcSteps.bomb;
import static dev.vertxmicro.runtime.grpc.GrpcSteps.compressedMessage;
import static dev.vertxmicro.runtime.grpc.GrpcSteps.gzip;
import static dev.vertxmicro.runtime.grpc.GrpcSteps.head;
import static dev.vertxmicro.runtime.grpc.GrpcSteps.message;
import static dev.vertxmicro.runtime.grpc.GrpcSteps.prefix;
import static dev.vertxmicro.runtime.grpc.GrpcSteps.status;
import static dev.vertxmicro.runtime.grpc.Misbehaviour.CLIENT_MESSAGE_LIMIT;
import static dev.vertxmicro.runtime.grpc.Misbehaviour.answering;
import static dev.vertxmicro.runtime.grpc.Outcome.failure;
import static dev.vertxmicro.runtime.grpc.Steps.data;
import static dev.vertxmicro.runtime.grpc.Steps.dataCutAt;
import static dev.vertxmicro.runtime.grpc.Steps.frame;
import static dev.vertxmicro.runtime.grpc.Steps.untilRequestEnds;

import dev.vertxmicro.errors.GrpcStatus;
import dev.vertxmicro.errors.Processed;
import io.vertx.core.buffer.Buffer;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/** Right heads and trailers around bodies that are odd or wrong. */
final class MessageMisbehaviours {
  private static final Buffer WHOLE = message(Buffer.buffer("whole"));
  private static final Outcome REPLY = Outcome.reply("whole");
  private static final Outcome INTERNAL = failure(GrpcStatus.INTERNAL, Processed.YES);
  private static final Outcome TOO_BIG = failure(GrpcStatus.RESOURCE_EXHAUSTED, Processed.YES);
  private static final Step GZIP_HEAD = head("grpc-encoding", "gzip");

  private MessageMisbehaviours() {}

  static List<Misbehaviour> all() {
    List<Misbehaviour> all = new ArrayList<>();
    all.addAll(odd());
    all.addAll(counts());
    all.addAll(sizes());
    all.addAll(encodings());
    return all;
  }

  /** Odd, but right. */
  private static List<Misbehaviour> odd() {
    int[] everywhere = IntStream.range(0, WHOLE.length()).toArray();
    Buffer padded = Buffer.buffer(new byte[] {7}).appendBuffer(WHOLE).appendBytes(new byte[7]);
    return List.of(
        body("DATA_BYTE_BY_BYTE", REPLY, dataCutAt(WHOLE, everywhere)),
        body("DATA_PADDED", REPLY, frame(FrameType.DATA, SeenFrame.PADDED, padded)),
        body("EMPTY_DATA_AFTER_THE_MESSAGE", REPLY, data(WHOLE), data(Buffer.buffer())),
        body("MESSAGE_OF_NO_BYTES", Outcome.reply(""), data(message(Buffer.buffer()))));
  }

  private static List<Misbehaviour> counts() {
    Outcome notFound = failure(GrpcStatus.NOT_FOUND, Processed.YES);
    return List.of(
        body("NO_MESSAGE", INTERNAL),
        answering(
            "NO_MESSAGE_IN_TRAILERS_ONLY",
            INTERNAL,
            untilRequestEnds(),
            GrpcSteps.trailersOnly(0, "")),
        body("TWO_MESSAGES", INTERNAL, data(WHOLE), data(WHOLE)),
        body("TWO_MESSAGES_IN_ONE_FRAME", INTERNAL, data(WHOLE.copy().appendBuffer(WHOLE))),
        body("CUT_PREFIX", INTERNAL, data(WHOLE.getBuffer(0, 3))),
        body("CUT_MESSAGE", INTERNAL, data(WHOLE.getBuffer(0, 8))),
        body("CUT_SECOND_MESSAGE", INTERNAL, data(WHOLE), data(WHOLE.getBuffer(0, 3))),
        answering(
            "CUT_MESSAGE_AND_ERROR",
            notFound,
            untilRequestEnds(),
            head(),
            data(WHOLE.getBuffer(0, 8)),
            status(5)),
        answering(
            "TWO_MESSAGES_AND_ERROR",
            notFound,
            untilRequestEnds(),
            head(),
            data(WHOLE),
            data(WHOLE),
            status(5)));
  }

  /** Those without an end are to be given up by the client, on sight of the prefix. */
  private static List<Misbehaviour> sizes() {
    Buffer tooBig = Buffer.buffer(new byte[CLIENT_MESSAGE_LIMIT + 1]);
    return List.of(
        body("MESSAGE_TOO_BIG", TOO_BIG, data(message(tooBig))),
        open("PREFIX_TOO_BIG", TOO_BIG, head(), data(prefix(0, CLIENT_MESSAGE_LIMIT + 1L))),
        open("PREFIX_PAST_THE_INT_RANGE", TOO_BIG, head(), data(prefix(0, 0x8000_0000L))),
        open("PREFIX_OF_ALL_ONES", TOO_BIG, head(), data(prefix(0, 0xFFFF_FFFFL))),
        answering(
            "GZIP_BOMB",
            TOO_BIG,
            untilRequestEnds(),
            GZIP_HEAD,
            data(compressedMessage(bomb(64))),
            status(0)));
  }

  private static List<Misbehaviour> encodings() {
    Buffer zipped = gzip(Buffer.buffer("whole"));
    Buffer cut = zipped.getBuffer(0, zipped.length() - 10);
    return List.of(
        encoded("GZIP", REPLY, GZIP_HEAD, compressedMessage(zipped)),
        encoded("GZIP_NOT_USED", REPLY, GZIP_HEAD, WHOLE),
        encoded(
            "GZIP_OF_SOMETHING_ELSE", INTERNAL, GZIP_HEAD, compressedMessage(Buffer.buffer("?"))),
        encoded("GZIP_CUT", INTERNAL, GZIP_HEAD, compressedMessage(cut)),
        encoded("COMPRESSED_WITHOUT_ENCODING", INTERNAL, head(), compressedMessage(zipped)),
        encoded(
            "COMPRESSED_WITH_IDENTITY",
            INTERNAL,
            head("grpc-encoding", "identity"),
            compressedMessage(zipped)),
        encoded(
            "COMPRESSED_WITH_UNKNOWN_ENCODING",
            INTERNAL,
            head("grpc-encoding", "x-nobody-knows"),
            compressedMessage(zipped)),
        encoded("RESERVED_FLAG", INTERNAL, head(), prefix(2, 5).appendString("whole")));
  }

  private static Misbehaviour body(String name, Outcome outcome, Step... body) {
    return answering(name, outcome, untilRequestEnds(), head(), Step.all(body), status(0));
  }

  private static Misbehaviour encoded(String name, Outcome outcome, Step head, Buffer message) {
    return answering(name, outcome, untilRequestEnds(), head, data(message), status(0));
  }

  private static Misbehaviour open(String name, Outcome outcome, Step... answer) {
    return answering(name, outcome, untilRequestEnds(), Step.all(answer));
  }
}
