// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.samples.embedding;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.vertxmicro.registry.MemoryRegistry;
import dev.vertxmicro.runtime.RpcClient;
import dev.vertxmicro.runtime.RpcCounters;
import dev.vertxmicro.samples.stubs.Shelves;
import dev.vertxmicro.samples.stubs.Warehouse;
import dev.vertxmicro.samples.stubs.Warehouse.Article;
import dev.vertxmicro.samples.stubs.Warehouse.Goods;
import dev.vertxmicro.samples.stubs.WarehouseStub;
import dev.vertxmicro.samples.stubs.WarehouseVerticle;
import io.vertx.core.Context;
import io.vertx.core.DeploymentOptions;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.VerticleBase;
import io.vertx.core.Vertx;
import io.vertx.core.eventbus.ReplyException;
import io.vertx.core.json.JsonObject;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class EmbeddingIT {

  private static final int INSTANCES = 3;

  private final Vertx vertx = Vertx.vertx();
  private final MemoryRegistry registry = MemoryRegistry.create(vertx);
  private final RpcCounters counters = new RpcCounters();

  @BeforeEach
  void serve() throws Exception {
    await(vertx.deployVerticle(new WarehouseVerticle(registry, new Shelves())));
    RpcClient client = RpcClient.builder(vertx).withRegistry(registry).build();
    await(
        WarehouseStub.create(client)
            .storeAll()
            .compose(
                stream -> {
                  stream.write(new Goods("tea", 7));
                  stream.end();
                  Future<List<Goods>> stored = stream.collect(Collectors.toList());
                  stream.resume();
                  return stored;
                }));
    await(client.close());
  }

  @AfterEach
  void close() throws Exception {
    await(vertx.close());
  }

  private static <T> T await(Future<T> future) throws Exception {
    return future.await(30, TimeUnit.SECONDS);
  }

  private int ask(String address) throws Exception {
    return await(vertx.eventBus().<Integer>request(address, "tea")).body();
  }

  @Test
  void oneClientServesAllInstancesAndIsNotClosedWithThem() throws Exception {
    RpcClient client =
        RpcClient.builder(vertx).withRegistry(registry).withObserver(counters).build();
    String deployment = await(SharedClientVerticle.deploy(vertx, client, INSTANCES));

    // The event bus asks one instance after the other.
    for (int i = 0; i < 2 * INSTANCES; i++) {
      assertEquals(7, ask(SharedClientVerticle.ADDRESS));
    }

    assertEquals(2 * INSTANCES, counters.calls());
    long connections = counters.openConnections();
    assertTrue(connections > 0 && connections <= INSTANCES, () -> connections + " connections");
    await(vertx.undeploy(deployment));
    assertEquals(connections, counters.openConnections(), "the client is not the verticle's");
    await(client.close());
    assertEquals(0, counters.openConnections());
  }

  /** Calls when it is deployed, and fails unless the reply comes on its own context. */
  private static final class Checking extends VerticleBase {

    private final Warehouse warehouse;

    Checking(Warehouse warehouse) {
      this.warehouse = warehouse;
    }

    @Override
    public Future<?> start() {
      return warehouse
          .count(new Article("tea"))
          .compose(
              goods -> {
                assertSame(context, Vertx.currentContext());
                return warehouse.list(new Article(""));
              })
          .compose(
              stream -> {
                Set<Context> seen = new HashSet<>();
                Promise<Set<Context>> ended = Promise.promise();
                stream
                    .handler(goods -> seen.add(Vertx.currentContext()))
                    .exceptionHandler(ended::tryFail)
                    .endHandler(end -> ended.tryComplete(seen))
                    .resume();
                return ended.future();
              })
          .map(
              seen -> {
                assertEquals(Set.of(context), seen);
                return seen;
              });
    }
  }

  @Test
  void repliesOfOneClientComeOnTheContextOfTheInstanceThatCalled() throws Exception {
    RpcClient client = RpcClient.builder(vertx).withRegistry(registry).build();
    Warehouse warehouse = WarehouseStub.create(client);

    await(
        vertx.deployVerticle(
            () -> new Checking(warehouse), new DeploymentOptions().setInstances(INSTANCES)));

    await(client.close());
  }

  @Test
  void eachInstanceMayHaveAClientOfItsOwnThatItsJsonConfiguresAndItsUndeployCloses()
      throws Exception {
    JsonObject config =
        new JsonObject()
            .put("rpc", new JsonObject().put("calls", new JsonObject().put("retries", 0)));
    DeploymentOptions options = new DeploymentOptions().setInstances(INSTANCES).setConfig(config);
    String deployment =
        await(vertx.deployVerticle(() -> new OwnClientVerticle(registry, counters), options));

    for (int i = 0; i < 2 * INSTANCES; i++) {
      assertEquals(7, ask(OwnClientVerticle.ADDRESS));
    }

    assertEquals(INSTANCES, counters.openConnections(), "each has its own");
    await(vertx.undeploy(deployment));
    assertEquals(0, counters.openConnections());
    assertEquals(0, counters.openCalls());
    assertEquals(0, counters.openTimers());
    assertThrows(ReplyException.class, () -> ask(OwnClientVerticle.ADDRESS));
  }

  @Test
  void jsonThatIsWrongFailsTheDeployment() {
    JsonObject config = new JsonObject().put("rpc", new JsonObject().put("poolSize", 0));

    IllegalArgumentException failure =
        assertThrows(
            IllegalArgumentException.class,
            () ->
                await(
                    vertx.deployVerticle(
                        new OwnClientVerticle(registry, counters),
                        new DeploymentOptions().setConfig(config))));

    assertTrue(failure.getMessage().contains("poolSize: 0"), failure::getMessage);
  }
}
