// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.grpc;

import io.vertx.core.buffer.Buffer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.zip.GZIPOutputStream;

/** The gRPC vocabulary of scripts: heads, messages and statuses, right or wrong. */
final class GrpcSteps {
  private static final int COMPRESSED = 1;

  private GrpcSteps() {}

  // steps

  /** A whole, right answer: waits for the request's end, then head, message, status 0. */
  static Step ok(Buffer body) {
    return Step.all(Steps.untilRequestEnds(), head(), Steps.data(message(body)), status(0));
  }

  /** A whole, right answer with this text as its message. */
  static Step ok(String text) {
    return ok(Buffer.buffer(text));
  }

  /** The response head of a gRPC call, with more fields after the two it must have. */
  static Step head(String... more) {
    String[] fields = new String[4 + more.length];
    fields[0] = ":status";
    fields[1] = "200";
    fields[2] = "content-type";
    fields[3] = "application/grpc";
    System.arraycopy(more, 0, fields, 4, more.length);
    return Steps.headers(fields);
  }

  static Step status(int code) {
    return Steps.lastHeaders("grpc-status", String.valueOf(code));
  }

  static Step status(int code, String message) {
    return Steps.lastHeaders("grpc-status", String.valueOf(code), "grpc-message", message);
  }

  /** Head and status in one HEADERS frame. */
  static Step trailersOnly(int code, String message) {
    return Steps.lastHeaders(
        ":status",
        "200",
        "content-type",
        "application/grpc",
        "grpc-status",
        String.valueOf(code),
        "grpc-message",
        message);
  }

  // bytes

  /** A length-prefixed message, not compressed. */
  static Buffer message(Buffer body) {
    return prefix(0, body.length()).appendBuffer(body);
  }

  /** A length-prefixed message with the compressed flag; the body is taken as it is. */
  static Buffer compressedMessage(Buffer body) {
    return prefix(COMPRESSED, body.length()).appendBuffer(body);
  }

  /** The five bytes before a message, with any flag and any length. */
  static Buffer prefix(int flag, long length) {
    return Buffer.buffer().appendByte((byte) flag).appendUnsignedInt(length);
  }

  static Buffer gzip(Buffer body) {
    return gzip(body.getBytes(), 1);
  }

  /** A gzip body that inflates to this many mebibytes of zeros, about a thousandth on the wire. */
  static Buffer bomb(int mebibytes) {
    return gzip(new byte[1 << 20], mebibytes);
  }

  private static Buffer gzip(byte[] bytes, int times) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (GZIPOutputStream gzip = new GZIPOutputStream(out)) {
      for (int i = 0; i < times; i++) {
        gzip.write(bytes);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return Buffer.buffer(out.toByteArray());
  }
}
