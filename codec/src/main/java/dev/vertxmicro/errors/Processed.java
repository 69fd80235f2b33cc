// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.errors;

/** Says whether a server may have acted on a request that failed. Retry rules stand on it. */
public enum Processed {

  /** The request never left this process whole: no server can have acted on it. */
  NOT_SENT,

  /**
   * The request left whole, and the server said that it did not look at it: HTTP/2 REFUSED_STREAM,
   * or GOAWAY with a last stream id below it.
   */
  REFUSED,

  /** The request left, and nobody knows what became of it. */
  UNKNOWN,

  /** The server handled the request and answered with an error. */
  YES;

  /** Tells whether sending the request again is safe whatever the request does. */
  public boolean isSafeToResend() {
    return this == NOT_SENT || this == REFUSED;
  }
}
