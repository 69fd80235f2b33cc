// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.samples.outage;

import dev.vertxmicro.registry.Node;
import dev.vertxmicro.runtime.CallOption;
import dev.vertxmicro.runtime.Reply;
import dev.vertxmicro.runtime.Request;
import dev.vertxmicro.runtime.RpcClient;
import dev.vertxmicro.runtime.RpcObserver;
import dev.vertxmicro.runtime.retry.CallInfo;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.VerticleBase;
import io.vertx.core.Vertx;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Idempotent calls at a steady rate, and at most so many at a time, until it is stopped; counts
 * what became of them.
 */
final class OutageLoad implements RpcObserver {

  static final int AT_A_TIME = 16;

  private static final int CALLS_A_TICK = 4;
  private static final long TICK_MILLIS = 5;

  private static final Request<String, String> REQUEST =
      Request.of(OutageNode.SERVICE, "Outage.Say", "hello", String.class);

  private final Map<String, AtomicInteger> answers = new ConcurrentHashMap<>();
  private final Map<String, AtomicInteger> attempts = new ConcurrentHashMap<>();
  private final List<Throwable> failures = new CopyOnWriteArrayList<>();
  private final Promise<Void> idle = Promise.promise();
  private volatile boolean stopping;
  private boolean ticking = true;
  private int open;

  @Override
  public void attemptStarted(CallInfo call, int number, Node node) {
    counter(attempts, node.id()).incrementAndGet();
  }

  /** Starts calling in a verticle of {@code vertx}. */
  Future<String> start(Vertx vertx, RpcClient client) {
    return vertx.deployVerticle(
        new VerticleBase() {
          @Override
          public Future<?> start() {
            vertx.setPeriodic(TICK_MILLIS, timer -> tick(vertx, timer, client));
            return Future.succeededFuture();
          }
        });
  }

  private void tick(Vertx vertx, long timer, RpcClient client) {
    if (stopping) {
      vertx.cancelTimer(timer);
      ticking = false;
      completeIfIdle();
      return;
    }
    for (int i = 0; i < CALLS_A_TICK && open < AT_A_TIME; i++) {
      open++;
      client
          .start(REQUEST, CallOption.idempotent())
          .response()
          .onSuccess(this::answered)
          .onFailure(failures::add)
          .onComplete(
              ended -> {
                open--;
                completeIfIdle();
              });
    }
  }

  private void completeIfIdle() {
    if (open == 0 && !ticking) {
      idle.tryComplete();
    }
  }

  private void answered(Reply<String> reply) {
    counter(answers, reply.node().id()).incrementAndGet();
  }

  private static AtomicInteger counter(Map<String, AtomicInteger> counters, String id) {
    return counters.computeIfAbsent(id, fresh -> new AtomicInteger());
  }

  /** Returns how many calls a node has answered. */
  int answers(String id) {
    return counter(answers, id).get();
  }

  /** Returns how many calls have been answered. */
  int answers() {
    return answers.values().stream().mapToInt(AtomicInteger::get).sum();
  }

  /** Returns how many attempts have gone to a node. */
  int attempts(String id) {
    return counter(attempts, id).get();
  }

  /** Returns what calls failed with. */
  List<Throwable> failures() {
    return failures;
  }

  /** Starts no more calls; completes when those under way have ended. */
  Future<Void> stop() {
    stopping = true;
    return idle.future();
  }
}
