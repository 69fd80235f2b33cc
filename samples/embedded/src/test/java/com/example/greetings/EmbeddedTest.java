// SPDX-License-Identifier: Apache-2.0
package com.example.greetings;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.example.visits.Visitor;
import com.example.visits.Visits;
import com.example.visits.VisitsStub;
import dev.vertxmicro.runtime.RpcClient;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.util.concurrent.ExecutionException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class EmbeddedTest {

  private final Vertx vertx = Vertx.vertx();

  @AfterEach
  void close() throws Exception {
    await(vertx.close());
  }

  @Test
  void oneVerticleCallsTheOther() throws Exception {
    await(vertx.deployVerticle(new GreeterVerticle()));
    await(vertx.deployVerticle(new VisitorVerticle()));

    assertEquals("Hello Ada", visit("Ada"));
    assertEquals("Hello Linus", visit("Linus"));
  }

  @Test
  void sayingThatNobodyServesNamesTheService() throws Exception {
    String greeter = await(vertx.deployVerticle(new GreeterVerticle()));
    await(vertx.deployVerticle(new VisitorVerticle()));
    await(vertx.undeploy(greeter));

    ExecutionException failure = assertThrows(ExecutionException.class, () -> visit("Ada"));
    assertTrue(failure.getMessage().contains("greeter"), failure::getMessage);
  }

  @Test
  void aStubOfAProtoFileCallsWhatServesIt() throws Exception {
    await(vertx.deployVerticle(new VisitsVerticle()));
    RpcClient client = RpcClient.create(vertx);
    Visits visits = VisitsStub.create(client);
    Visitor ada = Visitor.newBuilder().setName("Ada").build();

    assertEquals(1, await(visits.visit(ada)).getTimes());
    assertEquals(2, await(visits.visit(ada)).getTimes());
    await(client.close());
  }

  private String visit(String name) throws Exception {
    return await(vertx.eventBus().<String>request(VisitorVerticle.ADDRESS, name)).body();
  }

  private static <T> T await(Future<T> future) throws Exception {
    return future.toCompletionStage().toCompletableFuture().get(30, SECONDS);
  }
}
