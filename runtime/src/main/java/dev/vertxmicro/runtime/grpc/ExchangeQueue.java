// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.grpc;

import org.jspecify.annotations.Nullable;

/**
 * The exchanges that wait, first come first served. Linked through the exchanges themselves, so
 * that one that is cancelled leaves in O(1) whatever its place.
 */
final class ExchangeQueue {

  private @Nullable PooledExchange first;
  private @Nullable PooledExchange last;

  boolean isEmpty() {
    return first == null;
  }

  @Nullable PooledExchange first() {
    return first;
  }

  void add(PooledExchange exchange) {
    exchange.previous = last;
    if (last == null) {
      first = exchange;
    } else {
      last.next = exchange;
    }
    last = exchange;
  }

  /** Takes an exchange out; false if it was not in the queue. */
  boolean remove(PooledExchange exchange) {
    PooledExchange before = exchange.previous;
    PooledExchange after = exchange.next;
    if (before == null && first != exchange) {
      return false;
    }
    if (before == null) {
      first = after;
    } else {
      before.next = after;
    }
    if (after == null) {
      last = before;
    } else {
      after.previous = before;
    }
    exchange.previous = null;
    exchange.next = null;
    return true;
  }
}
