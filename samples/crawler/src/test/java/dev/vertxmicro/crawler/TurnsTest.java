// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.crawler;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.vertxmicro.errors.GrpcStatus;
import dev.vertxmicro.errors.RpcException;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import org.junit.jupiter.api.Test;

class TurnsTest {

  private final Turns turns = new Turns();

  @Test
  void oneBeginsWhenTheOneBeforeHasEnded() {
    Promise<String> first = Promise.promise();
    Future<String> one = turns.take(first::future);
    Future<String> two = turns.take(() -> Future.succeededFuture("two"));
    assertFalse(two.isComplete());

    first.complete("one");

    assertEquals("one", one.result());
    assertEquals("two", two.result());
  }

  @Test
  void aFailureKeepsNobodyWaiting() {
    Future<String> thrown =
        turns.take(
            () -> {
              throw new IllegalStateException("no");
            });
    Future<String> next = turns.take(() -> Future.succeededFuture("next"));

    assertTrue(thrown.failed());
    assertEquals("next", next.result());
  }

  @Test
  void thousandsThatAreDoneAtOnceNeedNoStack() {
    Promise<Integer> first = Promise.promise();
    turns.take(first::future);
    Future<Integer> last = Future.succeededFuture(0);
    for (int i = 1; i <= Turns.MOST; i++) {
      int number = i;
      last = turns.take(() -> Future.succeededFuture(number));
    }
    Future<Integer> tooMany = turns.take(() -> Future.succeededFuture(0));

    first.complete(0);

    assertEquals(Turns.MOST, last.result());
    assertEquals(GrpcStatus.RESOURCE_EXHAUSTED, RpcException.from(tooMany.cause()).grpcStatus());
  }

  @Test
  void afterTheEndAllAreRefused() {
    Promise<String> first = Promise.promise();
    Future<String> running = turns.take(first::future);
    Future<String> waiting = turns.take(() -> Future.succeededFuture("never"));
    RpcException why = RpcException.client(GrpcStatus.UNAVAILABLE, "over").build();

    turns.close(why);

    assertSame(why, waiting.cause());
    assertSame(why, turns.take(() -> Future.succeededFuture("never")).cause());
    first.complete("one");
    assertEquals("one", running.result());
  }
}
