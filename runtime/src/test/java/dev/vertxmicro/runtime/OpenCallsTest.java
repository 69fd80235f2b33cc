// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.vertxmicro.errors.GrpcStatus;
import dev.vertxmicro.errors.RpcException;
import io.vertx.core.Future;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class OpenCallsTest {

  private final OpenCalls open = new OpenCalls(1_000_000);

  private static final class Call extends OpenCalls.Entry {
    private final AtomicInteger told = new AtomicInteger();

    @Override
    void closed() {
      told.incrementAndGet();
    }

    @Override
    protected void ring() {
      throw new AssertionError("it has no deadline");
    }
  }

  private static void leave(OpenCalls open, Call call) {
    open.makeRoom(call);
    open.remove(call);
  }

  @Test
  void countsTheCallsThatHaveEnteredAndNotLeft() {
    Call first = new Call();
    Call second = new Call();
    Call third = new Call();
    List.of(first, second, third).forEach(open::add);
    assertEquals(3, open.size());

    // From the middle, the front and the end of the list.
    leave(open, second);
    leave(open, third);
    assertEquals(1, open.size());
    leave(open, first);
    assertEquals(0, open.size());
  }

  @Test
  void leavingTwiceOrWithoutHavingEnteredDoesNothing() {
    Call call = new Call();
    open.add(call);

    leave(open, call);
    leave(open, call);
    leave(open, new Call());

    assertEquals(0, open.size());
  }

  @Test
  void refusesWhatExceedsTheBoundUntilThereIsRoom() {
    open.setMost(1);
    Call first = new Call();
    assertNull(open.add(first));

    RpcException refused = open.add(new Call());
    assertEquals(GrpcStatus.RESOURCE_EXHAUSTED, refused.grpcStatus());
    assertEquals("open calls: 1 (expected: fewer than 1, see maxOpenCalls)", refused.detail());

    open.makeRoom(first);
    assertNull(open.add(new Call()));
  }

  @Test
  void drainsAtOnceIfNothingIsOpen() {
    assertTrue(open.drain().succeeded());
    assertTrue(open.isClosed());
  }

  @Test
  void drainsWhenTheLastCallerHasBeenTold() {
    Call call = new Call();
    open.add(call);
    Future<Void> drained = open.drain();

    open.makeRoom(call);
    assertFalse(drained.isComplete());
    open.remove(call);

    assertTrue(drained.succeeded());
    assertEquals(GrpcStatus.UNAVAILABLE, open.add(new Call()).grpcStatus());
  }

  @Test
  void tellsEveryOpenCallEvenIfOneCannotBeTold() {
    Call first = new Call();
    Call last = new Call();
    OpenCalls.Entry gone =
        new OpenCalls.Entry() {
          @Override
          void closed() {
            throw new RejectedExecutionException("its verticle is gone");
          }

          @Override
          protected void ring() {
            throw new AssertionError("it has no deadline");
          }
        };
    open.add(first);
    open.add(gone);
    open.add(last);

    open.closeAll();

    assertEquals(1, first.told.get());
    assertEquals(1, last.told.get());
  }

  @Test
  void manyThreadsEnterAndLeaveWhileItDrains() throws InterruptedException {
    ConcurrentLinkedQueue<RpcException> refused = new ConcurrentLinkedQueue<>();
    AtomicInteger entered = new AtomicInteger();
    CountDownLatch go = new CountDownLatch(1);
    List<Thread> threads = new ArrayList<>();
    for (int t = 0; t < 8; t++) {
      Thread thread =
          new Thread(
              () -> {
                await(go);
                for (int i = 0; i < 5_000; i++) {
                  Call call = new Call();
                  RpcException no = open.add(call);
                  if (no == null) {
                    entered.incrementAndGet();
                    leave(open, call);
                  } else {
                    refused.add(no);
                  }
                }
              });
      thread.start();
      threads.add(thread);
    }
    Call last = new Call();
    open.add(last);
    go.countDown();
    Future<Void> drained = open.drain();
    for (Thread thread : threads) {
      thread.join();
    }

    assertFalse(drained.isComplete());
    leave(open, last);
    assertTrue(drained.succeeded());
    assertEquals(0, open.size());
    assertEquals(8 * 5_000, entered.get() + refused.size());
  }

  private static void await(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException stop) {
      Thread.currentThread().interrupt();
    }
  }
}
