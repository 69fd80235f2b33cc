// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.transport;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Bounds of one exchange.
 *
 * @param dialTimeout how long it may wait for a new connection; more than zero
 * @param maxRequestBytes the largest request body, at least 0; above it the exchange fails with
 *     RESOURCE_EXHAUSTED before anything is sent
 * @param maxReplyBytes the largest reply body, also after inflating, at least 0; above it the
 *     exchange fails with RESOURCE_EXHAUSTED
 * @param previousAttempts how many attempts of the same call came before, at least 0; told to the
 *     peer where the protocol can ({@code grpc-previous-rpc-attempts})
 * @param requestEncoding what the request body is compressed with already, or null; set inside of a
 *     transport that has compressed it
 * @param oneRequest whether a stream has exactly one request, which is written and ended at once:
 *     protocols without half-close need not tell the peer that no more comes
 */
public record SendOptions(
    Duration dialTimeout,
    int maxRequestBytes,
    int maxReplyBytes,
    int previousAttempts,
    @Nullable String requestEncoding,
    boolean oneRequest) {

  /** 4 MiB, gRPC's default bound of a message. */
  public static final int DEFAULT_MAX_BYTES = 4 * 1024 * 1024;

  /** 5 s to connect and 4 MiB each way. */
  public static final SendOptions DEFAULT =
      new SendOptions(Duration.ofSeconds(5), DEFAULT_MAX_BYTES, DEFAULT_MAX_BYTES, 0);

  /** Makes options of a request that is not compressed, or of a stream of any requests. */
  public SendOptions(
      Duration dialTimeout, int maxRequestBytes, int maxReplyBytes, int previousAttempts) {
    this(dialTimeout, maxRequestBytes, maxReplyBytes, previousAttempts, null, false);
  }

  /** Checks the ranges. */
  public SendOptions {
    if (dialTimeout.isNegative() || dialTimeout.isZero()) {
      throw new IllegalArgumentException("dialTimeout: " + dialTimeout + " (expected: above zero)");
    }
    if (maxRequestBytes < 0) {
      throw new IllegalArgumentException(
          "maxRequestBytes: " + maxRequestBytes + " (expected: >= 0)");
    }
    if (maxReplyBytes < 0) {
      throw new IllegalArgumentException("maxReplyBytes: " + maxReplyBytes + " (expected: >= 0)");
    }
    if (previousAttempts < 0) {
      throw new IllegalArgumentException(
          "previousAttempts: " + previousAttempts + " (expected: >= 0)");
    }
  }

  /** Returns these options with that many attempts before. */
  public SendOptions withPreviousAttempts(int attempts) {
    return attempts == previousAttempts
        ? this
        : new SendOptions(
            dialTimeout, maxRequestBytes, maxReplyBytes, attempts, requestEncoding, oneRequest);
  }

  /** Returns these options for a request body that is compressed with {@code encoding}. */
  public SendOptions withRequestEncoding(String encoding) {
    return new SendOptions(
        dialTimeout, maxRequestBytes, maxReplyBytes, previousAttempts, encoding, oneRequest);
  }

  /** Returns these options for a stream with one request. */
  public SendOptions withOneRequest() {
    return new SendOptions(
        dialTimeout, maxRequestBytes, maxReplyBytes, previousAttempts, requestEncoding, true);
  }
}
