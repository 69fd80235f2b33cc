// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.samples.stubs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.vertxmicro.broker.MemoryBroker;
import dev.vertxmicro.errors.RpcException;
import dev.vertxmicro.runtime.CallOption;
import dev.vertxmicro.runtime.RpcClient;
import dev.vertxmicro.runtime.RpcClientBuilder;
import dev.vertxmicro.runtime.server.ServerCall;
import dev.vertxmicro.samples.stubs.Warehouse.Article;
import dev.vertxmicro.samples.stubs.Warehouse.Goods;
import dev.vertxmicro.selector.SelectOption;
import io.vertx.core.DeploymentOptions;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.ThreadingModel;
import io.vertx.core.VerticleBase;
import io.vertx.core.Vertx;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * Each kind of method, through stub, client, transport and server to an implementation and back.
 */
abstract class StubsContract {

  final Vertx vertx = Vertx.vertx();
  private final MemoryBroker broker = MemoryBroker.create(vertx);
  private final Promise<Goods> discarded = Promise.promise();
  private RpcClient client;
  private Storekeeper storekeeper;

  /** Serves {@code service}, and returns what builds a client that finds it. */
  abstract RpcClientBuilder serve(WarehouseService service) throws Exception;

  @BeforeEach
  void open() throws Exception {
    Shelves shelves =
        new Shelves() {
          @Override
          public Future<Void> discard(Goods goods, ServerCall call) {
            return super.discard(goods, call).onSuccess(done -> discarded.tryComplete(goods));
          }
        };
    client = serve(shelves).withBroker(broker).build();
    storekeeper = new Storekeeper(client);
    await(storekeeper.storeAll(List.of(new Goods("rice", 3), new Goods("tea", 2))));
  }

  @AfterEach
  void close() throws Exception {
    await(client.close());
    await(vertx.close());
  }

  static <T> T await(Future<T> future) throws Exception {
    return future.await(30, TimeUnit.SECONDS);
  }

  @Test
  void aCallIsAnswered() throws Exception {
    assertEquals(3, await(storekeeper.count("rice")));
  }

  @Test
  void aFailureComesBackAsTheServerMadeIt() {
    RpcException failure =
        assertThrows(RpcException.class, () -> await(storekeeper.count("coffee")));

    assertEquals(404, failure.code());
    assertEquals("warehouse", failure.error().id());
    assertTrue(failure.getMessage().contains("no article coffee"), failure::getMessage);
  }

  @Test
  void oneRequestIsAnsweredWithAStream() throws Exception {
    assertEquals(List.of(new Goods("rice", 3), new Goods("tea", 2)), await(storekeeper.list()));
  }

  @Test
  void requestsAreAnsweredOneByOne() throws Exception {
    assertEquals(
        List.of(new Goods("tea", 3), new Goods("tea", 13)),
        await(storekeeper.store(List.of(new Goods("tea", 1), new Goods("tea", 10)))));
  }

  @Test
  void requestsAreAnsweredTogether() throws Exception {
    assertEquals(
        new Goods("all", 9),
        await(storekeeper.storeAll(List.of(new Goods("tea", 4), new Goods("salt", 5)))));
    assertEquals(6, await(storekeeper.count("tea")));
  }

  @Test
  void aRequestWithoutReplyArrives() throws Exception {
    await(storekeeper.discard(new Goods("tea", 1)));

    assertEquals(new Goods("tea", 1), await(discarded.future()));
    assertEquals(1, await(storekeeper.count("tea")));
  }

  @Test
  void anEventReachesASubscriber() throws Exception {
    Promise<String> heard = Promise.promise();
    await(broker.connect());
    await(
        broker.subscribe(
            "warehouse.sold-out",
            event -> {
              heard.complete(event.message().body().toString());
              return Future.succeededFuture();
            }));

    await(storekeeper.soldOut("tea"));

    assertEquals("{\"name\":\"tea\"}", await(heard.future()));
  }

  @Test
  void theBlockingFlavourReturnsAndThrows() {
    BlockingWarehouse blocking = BlockingWarehouseStub.create(client);

    assertEquals(new Goods("rice", 3), blocking.count(new Article("rice")));
    blocking.discard(new Goods("rice", 1));
    blocking.soldOut(new Article("rice"));
    RpcException failure =
        assertThrows(RpcException.class, () -> blocking.count(new Article("coffee")));
    assertEquals(404, failure.code());
  }

  @Test
  void theBlockingFlavourWaitsOnTheVirtualThreadOfAVerticle() throws Exception {
    assumeTrue(Runtime.version().feature() >= 21, "virtual threads came with Java 21");
    BlockingWarehouse blocking = BlockingWarehouseStub.create(client);
    Promise<Goods> counted = Promise.promise();

    await(
        vertx.deployVerticle(
            new VerticleBase() {
              @Override
              public Future<?> start() {
                counted.complete(blocking.count(new Article("rice")));
                return Future.succeededFuture();
              }
            },
            new DeploymentOptions().setThreadingModel(ThreadingModel.VIRTUAL_THREAD)));

    assertEquals(new Goods("rice", 3), await(counted.future()));
  }

  @Test
  void callersChooseVersionsAndNames() throws Exception {
    Warehouse warehouse = WarehouseStub.create(client);
    Warehouse elsewhere = WarehouseStub.create(client, "warehouse-2");
    CallOption second = CallOption.select(SelectOption.version("2"));

    RpcException noVersion =
        assertThrows(RpcException.class, () -> await(warehouse.count(new Article("rice"), second)));
    RpcException noService =
        assertThrows(RpcException.class, () -> await(elsewhere.count(new Article("rice"))));

    assertEquals(503, noVersion.code());
    assertEquals(404, noService.code());
    assertTrue(noService.getMessage().contains("warehouse-2"), noService::getMessage);
  }
}
