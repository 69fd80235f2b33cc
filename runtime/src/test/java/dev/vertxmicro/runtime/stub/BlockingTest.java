// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.stub;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.vertxmicro.errors.GrpcStatus;
import dev.vertxmicro.errors.RpcException;
import dev.vertxmicro.runtime.Request;
import dev.vertxmicro.runtime.RpcCall;
import dev.vertxmicro.runtime.RpcClient;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import org.junit.jupiter.api.Test;

/** What stubs that block stand on, on a thread that is not of Vert.x. */
class BlockingTest {

  private static final Request<String, String> REQUEST =
      Request.of("service", "Handler.Method", "question", String.class);

  private final Promise<String> reply = Promise.promise();
  private final List<String> asked = new ArrayList<>();

  private final RpcCall<String> call =
      proxy(
          RpcCall.class,
          (method, argument) -> {
            if (method.equals("cancel")) {
              asked.add("cancel");
            }
            return reply.future();
          });

  private final RpcClient client =
      proxy(
          RpcClient.class,
          (method, argument) -> {
            asked.add(method);
            return call;
          });

  private interface Answer {
    Object to(String method, Object argument);
  }

  @SuppressWarnings("unchecked")
  private static <T> T proxy(Class<?> type, Answer answer) {
    return (T)
        Proxy.newProxyInstance(
            type.getClassLoader(),
            new Class<?>[] {type},
            (self, method, arguments) -> {
              Object answered = answer.to(method.getName(), arguments);
              return method.getReturnType() == void.class ? null : answered;
            });
  }

  @Test
  void returnsTheReply() {
    reply.complete("answer");

    assertEquals("answer", Blocking.call(client, REQUEST));
    assertEquals("sent", Blocking.await(() -> Future.succeededFuture("sent")));
  }

  @Test
  void throwsWhatTheCallFailsWith() {
    RpcException failure = RpcException.client(GrpcStatus.NOT_FOUND, "none").build();
    reply.fail(failure);

    assertSame(failure, assertThrows(RpcException.class, () -> Blocking.call(client, REQUEST)));
    assertSame(
        failure,
        assertThrows(RpcException.class, () -> Blocking.await(() -> Future.failedFuture(failure))));
  }

  @Test
  void refusesAnEventLoopBeforeAnythingIsSent() throws Exception {
    Vertx vertx = Vertx.vertx();
    try {
      Future<Object> onLoop = Future.future(p -> vertx.runOnContext(run -> attempt(p)));

      ExecutionException failed =
          assertThrows(
              ExecutionException.class,
              () -> onLoop.toCompletionStage().toCompletableFuture().get());
      assertEquals(IllegalStateException.class, failed.getCause().getClass());
      assertTrue(failed.getCause().getMessage().contains("eventloop"), failed::toString);
      assertEquals(List.of(), asked);
    } finally {
      vertx.close().await();
    }
  }

  private void attempt(Promise<Object> result) {
    try {
      result.complete(Blocking.call(client, REQUEST));
    } catch (RuntimeException e) {
      result.fail(e);
    }
  }

  @Test
  void cancelsTheCallWhenItsThreadIsInterrupted() {
    Thread.currentThread().interrupt();

    RpcException cancelled = assertThrows(RpcException.class, () -> Blocking.call(client, REQUEST));

    assertEquals(499, cancelled.code());
    assertEquals(List.of("start", "cancel"), asked);
    assertTrue(Thread.interrupted(), "stays interrupted");
  }

  @Test
  void joinsOptions() {
    String[] defaults = {"a", "b"};

    assertSame(defaults, OwnOptions.after(defaults, new String[0]));
    assertArrayEquals(new String[] {"a", "b", "c"}, OwnOptions.after(defaults, new String[] {"c"}));
  }
}
