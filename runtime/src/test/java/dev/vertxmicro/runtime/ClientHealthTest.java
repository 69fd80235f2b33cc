// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.vertxmicro.broker.Connectivity;
import dev.vertxmicro.broker.MemoryBroker;
import dev.vertxmicro.errors.GrpcStatus;
import dev.vertxmicro.errors.RpcException;
import dev.vertxmicro.registry.RegisterOptions;
import dev.vertxmicro.registry.Registration;
import dev.vertxmicro.registry.Registry;
import dev.vertxmicro.registry.RegistryEvent;
import dev.vertxmicro.registry.Service;
import dev.vertxmicro.registry.StaticRegistry;
import dev.vertxmicro.registry.Watch;
import dev.vertxmicro.runtime.ClientHealth.Reach;
import dev.vertxmicro.runtime.ClientHealth.ServiceHealth;
import dev.vertxmicro.runtime.transport.MemoryTransport;
import dev.vertxmicro.selector.Selector;
import dev.vertxmicro.time.TimeSource;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class ClientHealthTest {

  private final Vertx vertx = Vertx.vertx();
  private final MemoryBroker broker = MemoryBroker.create(vertx);
  private final StaticRegistry nodes = StaticRegistry.of("greeter", "a:1", "b:1");

  @AfterEach
  void close() throws Exception {
    await(vertx.close());
  }

  private RpcClient client(Registry registry) {
    return builder().withRegistry(registry).build();
  }

  private RpcClientBuilder builder() {
    return RpcClient.builder(vertx)
        .with(new RpcClientOptions().setProtocol(MemoryTransport.PROTOCOL))
        .withTransport(MemoryTransport.create(TimeSource.of(vertx)))
        .withBroker(broker);
  }

  private static <T> T await(Future<T> future) throws Exception {
    return future.await(30, TimeUnit.SECONDS);
  }

  /** Knows the nodes, but answers the question for all services as it is told. */
  private final class Listing implements Registry {

    private final Future<List<String>> answer;

    Listing(Future<List<String>> answer) {
      this.answer = answer;
    }

    @Override
    public Future<List<Service>> get(String service) {
      return nodes.get(service);
    }

    @Override
    public Future<List<String>> list() {
      return answer;
    }

    @Override
    public Future<Registration> register(Service service, RegisterOptions options) {
      return nodes.register(service, options);
    }

    @Override
    public Watch watch(String service, Handler<RegistryEvent> handler) {
      return nodes.watch(service, handler);
    }

    @Override
    public boolean answersFromMemory() {
      return true;
    }

    @Override
    public Future<Void> close() {
      return Future.succeededFuture();
    }
  }

  @Test
  void allIsWellWhereRegistryAndNodesAre() throws Exception {
    ClientHealth health = await(client(nodes).health("greeter"));

    assertEquals(
        new ClientHealth(
            Reach.REACHABLE,
            null,
            Connectivity.NEW,
            List.of(new ServiceHealth("greeter", 2, 2, false, null))),
        health);
    assertTrue(health.isHealthy());
    assertTrue(health.canCall());
    assertEquals(
        new JsonObject()
            .put("registry", "REACHABLE")
            .put("broker", "NEW")
            .put(
                "services",
                new JsonArray()
                    .add(
                        new JsonObject()
                            .put("service", "greeter")
                            .put("nodes", 2)
                            .put("healthyNodes", 2)
                            .put("stale", false))),
        health.toJson());
  }

  @Test
  void aRegistryThatFailsIsUnhealthyAndCallsGoOn() throws Exception {
    Registry failing =
        new Listing(
            Future.failedFuture(RpcException.client(GrpcStatus.UNAVAILABLE, "it is off").build()));

    ClientHealth health = await(client(failing).health("greeter"));

    assertEquals(Reach.UNREACHABLE, health.registry());
    assertTrue(health.registryFailure().contains("it is off"), health::registryFailure);
    assertFalse(health.isHealthy());
    assertTrue(health.canCall());
  }

  @Test
  void aRegistryThatDoesNotAnswerIsNotWaitedForLongerThanAConnect() throws Exception {
    Registry silent = new Listing(Promise.<List<String>>promise().future());
    RpcClient client =
        builder()
            .with(ClientOption.calls(CallOption.dialTimeout(Duration.ofMillis(1))))
            .withRegistry(silent)
            .build();

    ClientHealth health = await(client.health());

    assertEquals(Reach.UNREACHABLE, health.registry());
    assertTrue(health.registryFailure().contains("no answer in time"), health::registryFailure);
  }

  @Test
  void aRegistryThatCannotListIsNotKnown() throws Exception {
    Registry unable =
        new Listing(
            Future.failedFuture(RpcException.client(GrpcStatus.UNIMPLEMENTED, "list").build()));

    ClientHealth health = await(client(unable).health("greeter"));

    assertEquals(Reach.UNKNOWN, health.registry());
    assertNull(health.registryFailure());
    assertTrue(health.isHealthy());
  }

  @Test
  void aSelectorThatWasGivenSaysNothingOfItsRegistry() throws Exception {
    Selector selector = Selector.create(nodes, TimeSource.of(vertx));

    ClientHealth health = await(builder().withSelector(selector).build().health("greeter"));

    assertEquals(Reach.UNKNOWN, health.registry());
    assertEquals(2, health.services().get(0).healthyNodes());
  }

  @Test
  void anUnknownServiceCannotBeCalled() throws Exception {
    ClientHealth health = await(client(nodes).health("greeter", "nobody"));

    ServiceHealth nobody = health.services().get(1);
    assertEquals(0, nobody.nodes());
    assertTrue(nobody.failure().contains("404"), nobody::failure);
    assertFalse(health.canCall());
    assertFalse(health.isHealthy());
    assertEquals(Reach.REACHABLE, health.registry());
  }

  @Test
  void nodesThatFailAreNotHealthy() throws Exception {
    RpcClient client = client(nodes);
    Request<String, String> request = Request.of("greeter", "Greeter.Hello", "Ada", String.class);
    for (int i = 0; i < 4; i++) {
      // Nobody serves the nodes: both are tried, and found to refuse connections.
      assertThrows(RpcException.class, () -> await(client.call(request)));
    }

    ClientHealth health = await(client.health("greeter"));

    ServiceHealth greeter = health.services().get(0);
    assertEquals(2, greeter.nodes());
    assertEquals(0, greeter.healthyNodes());
    assertTrue(greeter.failure().startsWith("no healthy node"), greeter::failure);
    assertFalse(health.canCall());
  }

  @Test
  void aBrokerSaysWhetherItIsConnected() throws Exception {
    RpcClient client = client(nodes);

    await(client.publish(Publication.of("topic", "text")));
    assertEquals(Connectivity.CONNECTED, await(client.health()).broker());
    assertTrue(await(client.health()).isHealthy());
    await(broker.close());

    ClientHealth health = await(client.health("greeter"));
    assertEquals(Connectivity.CLOSED, health.broker());
    assertFalse(health.isHealthy());
    assertTrue(health.canCall());
  }

  @Test
  void theAnswerComesOnTheCallersContext() throws Exception {
    RpcClient client = client(nodes);
    Context context = vertx.getOrCreateContext();
    Promise<Context> answered = Promise.promise();

    context.runOnContext(
        here ->
            client
                .health("greeter")
                .onComplete(health -> answered.complete(Vertx.currentContext())));

    assertSame(context, await(answered.future()));
  }

  @Test
  void aClosedClientHasNoHealth() throws Exception {
    RpcClient client = client(nodes);
    await(client.close());

    RpcException failure = assertThrows(RpcException.class, () -> await(client.health("greeter")));

    assertEquals(GrpcStatus.UNAVAILABLE, failure.grpcStatus());
  }
}
