// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.wrapper;

import dev.vertxmicro.codec.Ranges;
import io.vertx.core.Future;
import java.util.function.Supplier;

/** Where an {@link AuthToken} takes its token from. */
interface TokenSource {

  /** Returns the token to use now. */
  Future<String> token();

  /** A server did not take that token. */
  default void refused(String token) {}

  /** Asks each time. */
  static TokenSource of(Supplier<String> supplier) {
    return new TokenSource() {
      @Override
      public Future<String> token() {
        try {
          return Future.succeededFuture(Ranges.notBlank("token", supplier.get()));
        } catch (RuntimeException none) {
          return Future.failedFuture(none);
        }
      }

      @Override
      public String toString() {
        return "supplied";
      }
    };
  }
}
