// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.pooling;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.vertx.core.Context;
import io.vertx.core.Handler;
import java.lang.reflect.Proxy;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.RejectedExecutionException;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class ArrivalsTest {

  private final Queue<Handler<Void>> turns = new ArrayDeque<>();
  private final Arrivals arrivals = new Arrivals(context());
  private final List<Integer> done = new ArrayList<>();
  private boolean ended;

  /** Returns a context whose tasks run when the test says so. */
  @SuppressWarnings("unchecked")
  private Context context() {
    return (Context)
        Proxy.newProxyInstance(
            Context.class.getClassLoader(),
            new Class<?>[] {Context.class},
            (proxy, method, arguments) -> {
              assertEquals("runOnContext", method.getName());
              if (ended) {
                throw new RejectedExecutionException("ended");
              }
              turns.add((Handler<Void>) arguments[0]);
              return null;
            });
  }

  private void add(int from, int to) {
    IntStream.range(from, to).forEach(i -> arrivals.add(() -> done.add(i)));
  }

  private static List<Integer> upTo(int end) {
    return IntStream.range(0, end).boxed().toList();
  }

  @Test
  void aBurstIsOneTaskOfTheLoopAndKeepsItsOrder() {
    add(0, 100);

    assertEquals(1, turns.size());
    turns.remove().handle(null);
    assertEquals(upTo(100), done);
    assertEquals(0, turns.size());
  }

  @Test
  void aLongBurstLetsTheLoopTurnToItsSocketsInBetween() {
    add(0, Arrivals.MOST_AT_ONCE + 1);

    turns.remove().handle(null);

    assertEquals(upTo(Arrivals.MOST_AT_ONCE), done);
    assertEquals(1, turns.size());
    turns.remove().handle(null);
    assertEquals(upTo(Arrivals.MOST_AT_ONCE + 1), done);
    assertEquals(0, turns.size());
  }

  @Test
  void whatComesWhileTheLoopTakesInIsDoneOnce() {
    arrivals.add(() -> add(0, 3));

    while (!turns.isEmpty()) {
      turns.remove().handle(null);
    }

    assertEquals(upTo(3), done);
  }

  @Test
  void aTaskThatThrowsDoesNotKeepTheOthers() {
    arrivals.add(
        () -> {
          throw new IllegalStateException("boom");
        });
    add(0, 2);

    Handler<Void> first = turns.remove();
    assertThrows(IllegalStateException.class, () -> first.handle(null));
    turns.remove().handle(null);

    assertEquals(upTo(2), done);
  }

  @Test
  void whoeverAddsAfterTheEndIsTold() {
    ended = true;

    assertThrows(RejectedExecutionException.class, () -> add(0, 1));
    assertThrows(RejectedExecutionException.class, () -> add(1, 2));

    ended = false;
    add(2, 3);
    turns.remove().handle(null);
    assertEquals(List.of(2), done);
  }
}
