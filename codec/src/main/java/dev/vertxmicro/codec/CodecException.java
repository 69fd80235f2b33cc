// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.codec;

import io.vertx.core.buffer.Buffer;
import org.jspecify.annotations.Nullable;

/** Bytes and a value do not fit together. Callers of the runtime see it as an RpcException. */
public final class CodecException extends RuntimeException {

  private static final long serialVersionUID = 1;

  /**
   * Makes the exception.
   *
   * @param message what, where and what was expected; never the bytes themselves
   * @param cause the failure of the library underneath, if any
   */
  public CodecException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }

  /** Returns the exception of a value that a codec cannot write. */
  static CodecException unfitValue(Object value, String expected) {
    return new CodecException(
        "value: " + value.getClass().getTypeName() + " (expected: " + expected + ")", null);
  }

  /** Returns the exception of a type that a codec cannot read. */
  static CodecException unfitType(TypeRef<?> type, String expected) {
    return new CodecException("type: " + type + " (expected: " + expected + ")", null);
  }

  /** Returns the exception of a body that is not what it should be. */
  static CodecException malformed(Buffer body, String expected, @Nullable Throwable cause) {
    return new CodecException(
        "body: " + body.length() + " bytes (expected: " + expected + ")", cause);
  }
}
