// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.server;

import static dev.vertxmicro.runtime.server.RawCaller.await;
import static dev.vertxmicro.runtime.server.RawCaller.failure;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.vertxmicro.registry.Endpoint;
import dev.vertxmicro.registry.Node;
import dev.vertxmicro.registry.RegisterOptions;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.VerticleBase;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.net.NetSocket;
import java.net.BindException;
import java.net.ConnectException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** From the start to the last answer. */
@Timeout(60)
class RpcServerLifecycleIT {

  private final RecordingRegistry registry = new RecordingRegistry();
  private final Promise<Promise<Buffer>> held = Promise.promise();
  private Vertx vertx;

  @BeforeEach
  void start() {
    vertx = Vertx.vertx();
  }

  @AfterEach
  void stop() throws Exception {
    await(vertx.close());
  }

  private static ServerOptions options() {
    return new ServerOptions("greeter");
  }

  private RpcServer server(ServerOptions options) {
    return RpcServer.create(vertx, options)
        .handle("Greeter.Ask", Buffer.class, Future::succeededFuture)
        .handle("Greeter.Hold", Buffer.class, this::hold);
  }

  private Future<Buffer> hold(Buffer request) {
    Promise<Buffer> reply = Promise.promise();
    held.tryComplete(reply);
    return reply.future();
  }

  private Future<RawCaller.Answer> ask(RawCaller caller, String method) {
    return caller.send(
        HttpMethod.POST, "/greeter.Greeter/" + method, RawCaller.frame(Buffer.buffer()));
  }

  private String event() throws InterruptedException {
    return registry.events.poll(10, TimeUnit.SECONDS);
  }

  @Test
  void registersWhatItServesAsGoMicroDoes() throws Exception {
    RpcServer server = server(options().setVersion("1.2.3").addMetadata("zone", "a"));

    await(server.start(registry));

    assertEquals("greeter", registry.registered.name());
    assertEquals("1.2.3", registry.registered.version());
    assertEquals(
        List.of(Endpoint.of("Greeter.Ask"), Endpoint.of("Greeter.Hold")),
        registry.registered.endpoints());
    Node node = registry.registered.nodes().get(0);
    assertTrue(node.id().matches("greeter-[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"), node.id());
    assertTrue(node.address().matches("127\\.0\\.0\\.1:[1-9][0-9]*"), node.address());
    assertEquals(
        Map.of(
            "protocol", "grpc",
            "server", "grpc",
            "transport", "grpc",
            "registry", "vertx-micro",
            "broker", "vertx-micro",
            "zone", "a"),
        node.metadata());
    assertEquals(RegisterOptions.DEFAULT, registry.options);
    assertSame(registry.registered, server.service());
    assertSame(node, server.node());
  }

  @Test
  void mayBeClosedAfterItsVertx() throws Exception {
    RpcServer server = server(options());
    await(server.start(registry));
    assertEquals("register", event());

    await(vertx.close());

    await(server.close());
    await(server.close());
    assertEquals("deregister", event());
  }

  @ParameterizedTest
  @CsvSource({
    "127.0.0.1, , 127.0.0.1:PORT",
    "0.0.0.0, greeter.example, greeter.example:PORT",
    "0.0.0.0, greeter.example:80, greeter.example:80",
    "127.0.0.1, ::1, [::1]:PORT",
    "127.0.0.1, [::1], [::1]:PORT",
    "127.0.0.1, [::1]:80, [::1]:80",
  })
  void registersTheAdvertisedAddress(String host, String advertised, String address)
      throws Exception {
    RpcServer server = server(options().setHost(host).setAdvertisedAddress(advertised));

    await(server.start());

    assertEquals(address, server.node().address().replaceFirst(":[0-9]{3,}$", ":PORT"));
  }

  @ParameterizedTest
  @CsvSource({"0.0.0.0", "::", "[::]"})
  void asksForAnAddressThatCallersReach(String host) {
    assertThrows(IllegalArgumentException.class, () -> server(options().setHost(host)));
  }

  @Test
  void failsWhenThePortIsTaken() throws Exception {
    RpcServer first = server(options());
    await(first.start());
    int port = Integer.parseInt(first.node().address().split(":")[1]);
    RpcServer second =
        RpcServer.create(Vertx.vertx(), options().setPort(port))
            .handle("Greeter.Ask", Buffer.class, Future::succeededFuture);

    assertInstanceOf(BindException.class, failure(second.start(registry)));

    assertTrue(registry.events.isEmpty());
    await(second.close());
  }

  @Test
  void closesThePortWhenTheRegistryFails() throws Exception {
    registry.registering = Future.failedFuture(new IllegalStateException("registry down"));
    RpcServer server = server(options());

    assertEquals("registry down", failure(server.start(registry)).getMessage());

    RawCaller caller = new RawCaller(vertx, registry.registered.nodes().get(0).address());
    assertRefused(failure(ask(caller, "Ask")));
    await(server.close());
    assertEquals("register", event());
    assertTrue(registry.events.isEmpty());
  }

  /**
   * The JDK closes a port only when its selector looks again; who connects till then is cut off.
   */
  private static void assertRefused(Throwable failure) {
    assertTrue(
        failure instanceof ConnectException
            || String.valueOf(failure.getMessage()).contains("Connection was closed"),
        failure::toString);
  }

  @Test
  void servesUntilItIsDeregisteredAndWaitsForWhatRuns() throws Exception {
    Promise<Void> deregistered = Promise.promise();
    registry.deregistering = deregistered.future();
    RpcServer server = server(options());
    await(server.start(registry));
    RawCaller caller = new RawCaller(vertx, server.node().address());
    Future<RawCaller.Answer> running = ask(caller, "Hold");
    Promise<Buffer> reply = await(held.future());
    assertEquals("register", event());

    Future<Void> closed = server.close();
    assertEquals("deregister", event());
    assertEquals("0", await(ask(caller, "Ask")).status(), "still serves");
    deregistered.complete();
    while (!isRefused(server)) {
      // The port closes one event loop later.
    }
    assertFalse(closed.isComplete(), "waits");
    assertFalse(running.isComplete());
    reply.complete(Buffer.buffer("last"));

    assertEquals("last", await(running).message().toString());
    await(closed);
    await(server.close());
    assertTrue(registry.events.isEmpty());
  }

  private boolean isRefused(RpcServer server) throws Exception {
    Future<RawCaller.Answer> answer = ask(new RawCaller(vertx, server.node().address()), "Ask");
    return await(answer.transform(outcome -> Future.succeededFuture(outcome.failed())));
  }

  @Test
  void answersWhatItWillNotWaitFor() throws Exception {
    RpcServer server = server(options().setDrainTimeout(Duration.ZERO));
    await(server.start(registry));
    RawCaller caller = new RawCaller(vertx, server.node().address());
    Future<RawCaller.Answer> running = ask(caller, "Hold");
    await(held.future());

    await(server.close());

    assertEquals("14", await(running).status());
    assertTrue(await(running).trailer("grpc-message").contains("server closed"));
  }

  /** Who is connected and has nothing open is no reason to wait, even one that hears nothing. */
  @Test
  void closesAtOnceWhileNobodyCalls() throws Exception {
    RpcServer server = server(options().setDrainTimeout(Duration.ofHours(1)));
    await(server.start(registry));
    String address = server.node().address();
    RawCaller caller = new RawCaller(vertx, address);
    assertEquals("0", await(ask(caller, "Ask")).status());
    Promise<Buffer> greeted = Promise.promise();
    int port = Integer.parseInt(address.substring(address.indexOf(':') + 1));
    NetSocket deaf = await(vertx.createNetClient().connect(port, "127.0.0.1"));
    deaf.handler(greeted::tryComplete);
    deaf.write(
        Buffer.buffer("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")
            .appendBytes(new byte[] {0, 0, 0, 4, 0, 0, 0, 0, 0}));
    await(greeted.future());

    await(server.close());
  }

  @Test
  void closesWithADrainTimeoutThatIsLongerThanAnyClock() throws Exception {
    RpcServer server = server(options().setDrainTimeout(Duration.ofSeconds(Long.MAX_VALUE)));
    await(server.start(registry));

    await(server.close());

    assertEquals("register", event());
    assertEquals("deregister", event());
  }

  @Test
  void stopsEvenIfTheRegistryDoesNotAnswer() throws Exception {
    registry.deregistering = Promise.<Void>promise().future();
    RpcServer server = server(options().setDrainTimeout(Duration.ofMillis(1)));
    await(server.start(registry));

    await(server.close());

    RawCaller caller = new RawCaller(vertx, server.node().address());
    assertRefused(failure(ask(caller, "Ask")));
  }

  /** Starts a server and forgets it. */
  private final class Forgetful extends VerticleBase {

    private final Promise<Boolean> deregisteredBeforeStop = Promise.promise();
    private final Promise<List<Context>> contexts = Promise.promise();
    private RpcServer server;

    @Override
    public Future<?> start() {
      server =
          server(options())
              .handle(
                  "Greeter.Where",
                  Buffer.class,
                  (body, call) -> {
                    contexts.complete(List.of(context, Vertx.currentContext()));
                    return Future.succeededFuture(body);
                  });
      return server.start(registry);
    }

    @Override
    public Future<?> stop() {
      deregisteredBeforeStop.complete(registry.deregistered);
      return Future.succeededFuture();
    }
  }

  @Test
  void closesWithItsVerticleWhichNeedNotRemember() throws Exception {
    Forgetful verticle = new Forgetful();
    String id = await(vertx.deployVerticle(verticle));
    RawCaller caller = new RawCaller(vertx, verticle.server.node().address());
    Future<RawCaller.Answer> running = ask(caller, "Hold");
    Promise<Buffer> reply = await(held.future());
    assertEquals("register", event());

    Future<Void> undeployed = vertx.undeploy(id);
    assertEquals("deregister", event());
    assertFalse(undeployed.isComplete());
    reply.complete(Buffer.buffer("last"));

    assertEquals("last", await(running).message().toString());
    await(undeployed);
    assertTrue(await(verticle.deregisteredBeforeStop.future()));
    assertRefused(failure(ask(caller, "Ask")));
    assertTrue(vertx.deploymentIDs().isEmpty());
    await(verticle.server.close());
  }

  @Test
  void servesOnTheEventLoopOfItsVerticle() throws Exception {
    Forgetful verticle = new Forgetful();
    await(vertx.deployVerticle(verticle));

    await(ask(new RawCaller(vertx, verticle.server.node().address()), "Where"));

    List<Context> contexts = await(verticle.contexts.future());
    assertEquals(contexts.get(0).deploymentID(), contexts.get(1).deploymentID());
  }

  @Test
  void closesWithItsVertx() throws Exception {
    Vertx own = Vertx.vertx();
    RpcServer server =
        RpcServer.create(own, options())
            .handle("Greeter.Ask", Buffer.class, Future::succeededFuture);
    await(server.start(registry));

    await(own.close());

    assertEquals("register", event());
    assertEquals("deregister", event());
  }

  @Test
  void closesBeforeItStarts() throws Exception {
    RpcServer server = server(options());

    await(server.close());

    assertThrows(IllegalStateException.class, server::node);
  }

  @Test
  void startsOnce() throws Exception {
    RpcServer server = server(options());
    await(server.start());

    assertThrows(IllegalStateException.class, server::start);
    assertThrows(
        IllegalStateException.class,
        () -> server.handle("Greeter.Late", Buffer.class, Future::succeededFuture));
  }
}
