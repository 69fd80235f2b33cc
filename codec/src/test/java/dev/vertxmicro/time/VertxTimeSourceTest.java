// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.time;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vertx.core.Context;
import io.vertx.core.DeploymentOptions;
import io.vertx.core.Future;
import io.vertx.core.ThreadingModel;
import io.vertx.core.VerticleBase;
import io.vertx.core.Vertx;
import io.vertx.junit5.VertxExtension;
import io.vertx.junit5.VertxTestContext;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@ExtendWith(VertxExtension.class)
class VertxTimeSourceTest {

  @ParameterizedTest
  @ValueSource(longs = {Long.MIN_VALUE, 0, 1, 1_000_000, 1_000_001})
  void firesOnTheContextThatArmedItAndNeverTooEarly(
      long nanos, Vertx vertx, VertxTestContext test) {
    TimeSource time = TimeSource.of(vertx);
    Context context = vertx.getOrCreateContext();

    context.runOnContext(
        go -> {
          long start = time.nanoTime();
          boolean[] armed = {false};
          Timer[] timer = new Timer[1];
          timer[0] =
              time.timer(
                  nanos,
                  () ->
                      test.verify(
                          () -> {
                            assertTrue(armed[0], "not before timer() returned");
                            assertSame(context, Vertx.currentContext());
                            assertTrue(time.nanoTime() - start >= nanos);
                            assertFalse(timer[0].cancel());
                            test.completeNow();
                          }));
          armed[0] = true;
        });
  }

  @Test
  void doesNotFireWhatIsCancelled(Vertx vertx, VertxTestContext test) {
    TimeSource time = TimeSource.of(vertx);

    vertx.runOnContext(
        go -> {
          Timer cancelled = time.timer(1_000_000, () -> test.failNow("fired"));
          test.verify(
              () -> {
                assertTrue(cancelled.cancel());
                assertFalse(cancelled.cancel());
              });
          time.timer(3_000_000, test::completeNow);
        });
  }

  @Test
  void takesTheLongestDelay(Vertx vertx) {
    Timer timer = TimeSource.of(vertx).timer(Long.MAX_VALUE, () -> {});

    assertTrue(timer.cancel());
  }

  @Test
  void readsTheMachinesClocks(Vertx vertx) {
    TimeSource time = TimeSource.of(vertx);

    long before = System.currentTimeMillis();
    long read = time.epochMillis();

    assertTrue(read >= before);
    assertEquals("TimeSource.of(vertx)", time.toString());
  }

  @Test
  void sharesItsClockWithTheOthers(Vertx vertx) {
    Deadline sooner = Deadline.afterNanos(1, TimeSource.of(vertx));
    Deadline later = Deadline.afterNanos(Long.MAX_VALUE, TimeSource.of(vertx));

    assertSame(sooner, later.min(sooner));
  }

  @Test
  void firesAlthoughTheVerticleThatArmedItIsGone(Vertx vertx, VertxTestContext test) {
    VerticleBase arming =
        new VerticleBase() {
          @Override
          public Future<?> start() {
            TimeSource.of(vertx).timer(100_000_000, test::completeNow);
            return Future.succeededFuture();
          }
        };

    vertx
        .deployVerticle(arming)
        .compose(vertx::undeploy)
        .onComplete(test.succeeding(undeployed -> {}));
  }

  private static final class Bell extends Alarm {
    private final Runnable rung;
    private int disarmed;

    Bell(Runnable rung) {
      this.rung = rung;
    }

    @Override
    protected void ring() {
      rung.run();
    }

    @Override
    protected void disarmed() {
      disarmed++;
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void anAlarmRingsOnTheContextThatArmedItAndNeverTooEarly(
      boolean worker, Vertx vertx, VertxTestContext test) {
    TimeSource time = TimeSource.of(vertx);
    ThreadingModel threads = worker ? ThreadingModel.WORKER : ThreadingModel.EVENT_LOOP;
    VerticleBase arming =
        new VerticleBase() {
          private Bell bell = new Bell(() -> {});

          @Override
          public Future<?> start() {
            long start = time.nanoTime();
            bell =
                new Bell(
                    () ->
                        test.verify(
                            () -> {
                              assertSame(context, Vertx.currentContext());
                              assertTrue(time.nanoTime() - start >= 2_000_000);
                              assertEquals(1, bell.disarmed);
                              assertFalse(bell.isArmed());
                              assertFalse(bell.disarm());
                              test.completeNow();
                            }));
            time.arm(bell, 2_000_000);
            return Future.succeededFuture();
          }
        };

    vertx
        .deployVerticle(arming, new DeploymentOptions().setThreadingModel(threads))
        .onComplete(test.succeeding(deployed -> {}));
  }

  @Test
  void anAlarmIsArmedOnceAtATimeAndDisarmedOnce(Vertx vertx, VertxTestContext test) {
    TimeSource time = TimeSource.of(vertx);
    Bell bell = new Bell(() -> test.failNow("it rang"));

    vertx.runOnContext(
        go ->
            test.verify(
                () -> {
                  time.arm(bell, 3_000_000);
                  assertThrows(IllegalStateException.class, () -> time.arm(bell, 1));
                  assertTrue(bell.disarm());
                  assertFalse(bell.disarm());
                  assertEquals(1, bell.disarmed);
                  time.arm(bell, Long.MAX_VALUE);
                  assertTrue(bell.disarm());
                  time.timer(6_000_000, test::completeNow);
                }));
  }
}
