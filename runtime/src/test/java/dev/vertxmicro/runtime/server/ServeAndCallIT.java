// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.server;

import static dev.vertxmicro.runtime.server.RawCaller.await;
import static dev.vertxmicro.runtime.server.RawCaller.failure;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.vertxmicro.errors.GrpcStatus;
import dev.vertxmicro.errors.RpcError;
import dev.vertxmicro.errors.RpcException;
import dev.vertxmicro.registry.MemoryRegistry;
import dev.vertxmicro.runtime.CallOption;
import dev.vertxmicro.runtime.Request;
import dev.vertxmicro.runtime.RpcClient;
import dev.vertxmicro.runtime.RpcClientBuilder;
import dev.vertxmicro.runtime.grpc.GrpcEngine;
import dev.vertxmicro.runtime.grpc.GrpcOptions;
import dev.vertxmicro.runtime.grpc.GrpcTransports;
import dev.vertxmicro.runtime.grpc.VertxGrpcTransport;
import dev.vertxmicro.runtime.transport.TransportObserver;
import dev.vertxmicro.time.TimeSource;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.VerticleBase;
import io.vertx.core.Vertx;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Both ends of this runtime and a registry between them. */
@Timeout(60)
class ServeAndCallIT {

  record Ask(String name) {}

  record Answer(String text, long remainingMillis) {}

  /** Says where it was encoded. */
  public static final class Where {
    public String getThread() {
      return Thread.currentThread().getName();
    }
  }

  record Told(String thread) {}

  /** The transports that the client can have. */
  enum Engine {
    HTTP_CLIENT,
    NETTY,
    VERTX_GRPC
  }

  /** Answers by itself, or has "back" answer. */
  private final class Served extends VerticleBase {

    private final String name;

    Served(String name) {
      this.name = name;
    }

    @Override
    public Future<?> start() {
      return RpcServer.create(vertx, new ServerOptions(name))
          .handle("Greeter.Hello", Ask.class, this::hello)
          .handle("Greeter.Pass", Ask.class, this::pass)
          .handle("Greeter.Fail", Ask.class, this::fail)
          .handle("Greeter.Where", Ask.class, this::where)
          .start(registry);
    }

    private Future<Answer> hello(Ask ask, ServerCall call) {
      return Future.succeededFuture(
          new Answer(name + " greets " + ask.name(), call.deadline().remaining().toMillis()));
    }

    private Future<Answer> pass(Ask ask) {
      return client.call(Request.of("back", "Greeter.Hello", ask, Answer.class));
    }

    /** Completes its reply on a worker thread. */
    private Future<Where> where(Ask ask) {
      Promise<Where> reply = Promise.promise();
      vertx
          .executeBlocking(
              () -> {
                reply.complete(new Where());
                return null;
              })
          .onFailure(reply::tryFail);
      return reply.future();
    }

    private Future<Answer> fail(Ask ask) {
      return Future.failedFuture(
          RpcException.of(RpcError.of(name, 409, ask.name()), GrpcStatus.ALREADY_EXISTS).build());
    }
  }

  private Vertx vertx;
  private MemoryRegistry registry;
  private RpcClient client;

  @BeforeEach
  void start() {
    vertx = Vertx.vertx();
    registry = MemoryRegistry.create(vertx);
  }

  @AfterEach
  void stop() throws Exception {
    await(client.close());
    await(vertx.close());
  }

  private void connect(Engine engine) {
    RpcClientBuilder builder = RpcClient.builder(vertx).withRegistry(registry);
    if (engine == Engine.VERTX_GRPC) {
      builder.withTransport(
          VertxGrpcTransport.create(
              vertx, TimeSource.of(vertx), TransportObserver.NONE, new GrpcOptions()));
    } else {
      GrpcEngine http2 = GrpcEngine.valueOf(engine.name());
      builder.withTransport(new GrpcTransports(new GrpcOptions().setEngine(http2)));
    }
    client = builder.build();
  }

  private Future<Answer> call(String service, String endpoint, CallOption... options) {
    return client.call(Request.of(service, endpoint, new Ask("Ada"), Answer.class), options);
  }

  @ParameterizedTest
  @EnumSource(Engine.class)
  void answersWhatIsFoundInTheRegistry(Engine engine) throws Exception {
    connect(engine);
    await(vertx.deployVerticle(new Served("front")));

    assertEquals("front greets Ada", await(call("front", "Greeter.Hello")).text());
  }

  @ParameterizedTest
  @EnumSource(Engine.class)
  void passesTheDeadlineOn(Engine engine) throws Exception {
    connect(engine);
    await(vertx.deployVerticle(new Served("front")));
    await(vertx.deployVerticle(new Served("back")));

    Answer answer =
        await(call("front", "Greeter.Pass", CallOption.timeout(Duration.ofMillis(2_500))));

    assertEquals("back greets Ada", answer.text());
    assertTrue(answer.remainingMillis() > 0 && answer.remainingMillis() <= 2_500, answer::toString);
  }

  @ParameterizedTest
  @EnumSource(Engine.class)
  void bringsErrorsBack(Engine engine) throws Exception {
    connect(engine);
    await(vertx.deployVerticle(new Served("front")));

    RpcException failure =
        assertInstanceOf(RpcException.class, failure(call("front", "Greeter.Fail")));

    assertEquals(RpcError.of("front", 409, "Ada"), failure.error());
    assertEquals(GrpcStatus.ALREADY_EXISTS, failure.grpcStatus());
  }

  @Test
  void answersOnItsEventLoopWhereverTheHandlerCompletes() throws Exception {
    connect(Engine.NETTY);
    await(vertx.deployVerticle(new Served("front")));

    Told told = await(client.call(Request.of("front", "Greeter.Where", new Ask("x"), Told.class)));

    assertTrue(told.thread().contains("eventloop"), told.thread());
  }

  @Test
  void isGoneFromTheRegistryOnceUndeployed() throws Exception {
    connect(Engine.HTTP_CLIENT);
    String id = await(vertx.deployVerticle(new Served("front")));
    await(call("front", "Greeter.Hello"));
    assertEquals(1, await(registry.get("front")).get(0).nodes().size());

    await(vertx.undeploy(id));

    assertTrue(await(registry.get("front")).isEmpty());
  }
}
