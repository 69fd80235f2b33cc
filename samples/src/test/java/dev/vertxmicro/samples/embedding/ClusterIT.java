// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.samples.embedding;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;

import com.hazelcast.config.Config;
import com.hazelcast.config.JoinConfig;
import dev.vertxmicro.broker.EventBusBroker;
import dev.vertxmicro.peers.FreePorts;
import dev.vertxmicro.registry.MemoryRegistry;
import dev.vertxmicro.registry.Registry;
import dev.vertxmicro.registry.StaticRegistry;
import dev.vertxmicro.runtime.RpcClient;
import dev.vertxmicro.samples.stubs.Shelves;
import dev.vertxmicro.samples.stubs.Warehouse;
import dev.vertxmicro.samples.stubs.Warehouse.Article;
import dev.vertxmicro.samples.stubs.Warehouse.Goods;
import dev.vertxmicro.samples.stubs.WarehouseStub;
import dev.vertxmicro.samples.stubs.WarehouseVerticle;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.eventbus.EventBusOptions;
import io.vertx.spi.cluster.hazelcast.ConfigUtil;
import io.vertx.spi.cluster.hazelcast.HazelcastClusterManager;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** A client in one member of a Vert.x cluster, and its service and subscriber in another. */
class ClusterIT {

  private static final List<Integer> PORTS = FreePorts.take(2);

  private static <T> T await(Future<T> future) throws Exception {
    return future.await(60, TimeUnit.SECONDS);
  }

  private static Vertx member(int port) throws Exception {
    Config config = ConfigUtil.loadConfig();
    config.setClusterName("vertx-micro-samples-" + PORTS);
    config.setProperty("hazelcast.logging.type", "none");
    config.setProperty("hazelcast.phone.home.enabled", "false");
    config.setProperty("hazelcast.shutdownhook.enabled", "false");
    config.setProperty("hazelcast.wait.seconds.before.join", "0");
    config.setProperty("hazelcast.socket.bind.any", "false");
    config.getNetworkConfig().setPort(port).setPortAutoIncrement(false).setReuseAddress(true);
    config.getNetworkConfig().getInterfaces().setEnabled(true).addInterface("127.0.0.1");
    JoinConfig join = config.getNetworkConfig().getJoin();
    join.getMulticastConfig().setEnabled(false);
    join.getAutoDetectionConfig().setEnabled(false);
    join.getTcpIpConfig().setEnabled(true);
    PORTS.forEach(each -> join.getTcpIpConfig().addMember("127.0.0.1:" + each));
    EventBusOptions bus =
        new EventBusOptions().setHost("127.0.0.1").setClusterPublicHost("127.0.0.1");
    return await(
        Vertx.builder()
            .with(new VertxOptions().setEventBusOptions(bus))
            .withClusterManager(new HazelcastClusterManager(config))
            .buildClustered());
  }

  @Test
  void callsStreamsAndEventsGoFromOneMemberToTheOther() throws Exception {
    Vertx caller = member(PORTS.get(0));
    Vertx server = member(PORTS.get(1));
    try {
      MemoryRegistry served = MemoryRegistry.create(server);
      await(server.deployVerticle(new WarehouseVerticle(served, new Shelves())));
      String address = await(served.get("warehouse")).get(0).nodes().get(0).address();
      EventBusBroker subscribing = EventBusBroker.create(server);
      await(subscribing.connect());
      Promise<String> soldOut = Promise.promise();
      await(
          subscribing.subscribe(
              "warehouse.sold-out",
              event -> {
                soldOut.tryComplete(event.message().body().toString());
                return Future.succeededFuture();
              }));
      Registry found = StaticRegistry.of("warehouse", address);
      EventBusBroker publishing = EventBusBroker.create(caller);
      RpcClient client =
          RpcClient.builder(caller).withRegistry(found).withBroker(publishing).build();
      Warehouse warehouse = WarehouseStub.create(client);
      Context context = caller.getOrCreateContext();
      Promise<Context> replied = Promise.promise();

      context.runOnContext(
          here ->
              warehouse
                  .storeAll()
                  .compose(
                      stream -> {
                        stream.write(new Goods("tea", 7));
                        stream.end();
                        Future<List<Goods>> stored = stream.collect(Collectors.toList());
                        stream.resume();
                        return stored;
                      })
                  .map(stored -> Vertx.currentContext())
                  .onComplete(replied));

      assertSame(context, await(replied.future()));
      assertEquals(new Goods("tea", 7), await(warehouse.count(new Article("tea"))));
      await(warehouse.soldOut(new Article("tea")));
      assertEquals("{\"name\":\"tea\"}", await(soldOut.future()));
      await(client.close());
    } finally {
      await(caller.close());
      await(server.close());
    }
  }
}
