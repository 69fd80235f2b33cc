// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.codec;

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
}
