// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.crawler.backend;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.vertxmicro.errors.GrpcStatus;
import dev.vertxmicro.errors.Processed;
import dev.vertxmicro.errors.RpcException;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What every backend promises. Elections end here within {@link #patience}. */
abstract class BackendContract {

  static final Buffer VALUE = Buffer.buffer("{\"Name\":\"a\"}");

  /** Its Base64 has what the alphabets for URLs write otherwise, and padding. */
  static final Buffer OTHER = Buffer.buffer("{\"Name\":\"???>>>~~~ü\"}");

  private Vertx vertx;
  private final List<Process> processes = new ArrayList<>();

  /** Makes a backend on the same store as the others of a test, on the current context. */
  protected abstract Backend open(Vertx vertx, ElectionOptions options);

  /** The shortest sessions that the store grants. */
  protected abstract ElectionOptions options();

  /** Forgets what the test has written; nobody uses the store any more. */
  protected void clear() {}

  /** How long it may take until a silent leader is replaced, and more. */
  protected Duration patience() {
    return Duration.ofSeconds(20);
  }

  /** A process: a backend on a context of its own, and what it heard. */
  private final class Process {
    final Context context = vertx.getOrCreateContext();
    final List<Leadership> heard = new CopyOnWriteArrayList<>();
    final Backend backend = on(() -> Future.succeededFuture(open(vertx, options())));
    Candidacy candidacy;

    Process() {
      processes.add(this);
    }

    Process campaign(String name) {
      candidacy = on(() -> Future.succeededFuture(backend.campaign(name, heard::add)));
      return this;
    }

    Leadership last() {
      return heard.isEmpty() ? Leadership.NONE : heard.get(heard.size() - 1);
    }

    Term term() {
      BackendContract.this.await("it leads", () -> last().term() != null);
      return last().term();
    }

    <T> T on(Supplier<Future<T>> task) {
      Promise<T> promise = Promise.promise();
      context.runOnContext(
          run -> {
            try {
              task.get().onComplete(promise);
            } catch (RuntimeException thrown) {
              promise.fail(thrown);
            }
          });
      return promise.future().await();
    }

    void run(Runnable task) {
      on(
          () -> {
            task.run();
            return Future.succeededFuture();
          });
    }
  }

  @BeforeEach
  void start() {
    vertx = Vertx.vertx();
  }

  @AfterEach
  void stop() {
    for (Process process : processes) {
      process.on(process.backend::close);
    }
    vertx.close().await();
    clear();
  }

  private void await(String what, BooleanSupplier condition) {
    long end = System.nanoTime() + patience().toNanos();
    while (!condition.getAsBoolean()) {
      assertTrue(System.nanoTime() - end < 0, () -> "not within " + patience() + ": " + what);
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(10));
    }
  }

  @Test
  void theFirstLeadsAndTheOthersLearnOfIt() {
    Process first = new Process().campaign("one");
    first.term();

    Process second = new Process().campaign("two");

    await("the second knows the first", () -> "one".equals(second.last().leader()));
    assertEquals(null, second.last().term());
    assertEquals("one", first.last().leader());
  }

  @Test
  void anotherLeadsAtOnceWhenTheLeaderResigns() {
    Process first = new Process().campaign("one");
    Term old = first.term();
    Process second = new Process().campaign("two");
    await("the second knows the first", () -> "one".equals(second.last().leader()));

    first.on(first.candidacy::close);

    Term next = second.term();
    assertEquals("two", second.last().leader());
    assertTrue(next.number() > old.number(), "a later term has a higher number");
    assertEquals("one", first.last().leader(), "who has resigned hears nothing more");
  }

  @Test
  void anotherLeadsWhenTheLeaderFallsSilent() {
    Process first = new Process().campaign("one");
    first.term();
    Process second = new Process().campaign("two");
    await("the second knows the first", () -> "one".equals(second.last().leader()));

    first.run(first.backend::abandon);

    second.term();
    assertEquals("two", second.last().leader());
  }

  @Test
  void aFormerLeaderWritesNothing() {
    Process first = new Process().campaign("one");
    Term old = first.term();
    Process second = new Process().campaign("two");
    first.run(first.backend::abandon);
    Term next = second.term();
    second.on(() -> next.put("a", VALUE));

    RpcException refused =
        assertThrows(RpcException.class, () -> first.on(() -> old.put("a", OTHER)));
    RpcException alsoRefused =
        assertThrows(RpcException.class, () -> first.on(() -> old.delete("a")));

    assertEquals(GrpcStatus.ABORTED, refused.grpcStatus());
    assertEquals(Processed.REFUSED, refused.processed());
    assertEquals(GrpcStatus.ABORTED, alsoRefused.grpcStatus());
    assertEquals(Map.of("a", VALUE), second.on(second.backend::resources));
  }

  @Test
  void theNextLeaderReadsWhatTheLastWrote() {
    Process first = new Process().campaign("one");
    Term term = first.term();
    Process second = new Process().campaign("two");
    first.on(() -> term.put("a", VALUE));
    first.on(() -> term.put("with/slash und ümlaut", OTHER));
    first.on(() -> term.put("gone", OTHER));
    first.on(() -> term.delete("gone"));
    first.on(() -> term.delete("never there"));

    first.on(first.candidacy::close);

    second.term();
    assertEquals(
        Map.of("a", VALUE, "with/slash und ümlaut", OTHER), second.on(second.backend::resources));
  }

  @Test
  void aWatchReportsWhatIsThereAndWhatChanges() {
    Process leader = new Process().campaign("one");
    Term term = leader.term();
    leader.on(() -> term.put("a", VALUE));
    Process worker = new Process();
    Map<String, Buffer> seen = new ConcurrentSkipListMap<>();
    ResourceListener listener =
        new ResourceListener() {
          @Override
          public void put(String name, Buffer value) {
            seen.put(name, value);
          }

          @Override
          public void deleted(String name) {
            seen.remove(name);
          }
        };

    Runnable watch =
        worker.on(() -> Future.succeededFuture(worker.backend.watchResources(listener)));

    await("what is there", () -> seen.equals(Map.of("a", VALUE)));
    leader.on(() -> term.put("b", VALUE));
    leader.on(() -> term.put("a", OTHER));
    await("what was written", () -> seen.equals(Map.of("a", OTHER, "b", VALUE)));
    leader.on(() -> term.delete("a"));
    await("what was deleted", () -> seen.equals(Map.of("b", VALUE)));
    worker.run(watch);
    leader.on(() -> term.put("c", VALUE));
    assertFalse(seen.containsKey("c"), "nothing is reported after the end");
  }

  @Test
  void whoClosesTwiceIsWell() {
    Process process = new Process().campaign("one");
    process.term();

    process.on(process.candidacy::close);
    process.on(process.candidacy::close);
    process.on(process.backend::close);

    assertNotEquals(List.of(), process.heard);
  }
}
