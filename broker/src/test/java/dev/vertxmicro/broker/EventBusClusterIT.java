// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.broker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.hazelcast.config.Config;
import com.hazelcast.config.JoinConfig;
import dev.vertxmicro.codec.Message;
import dev.vertxmicro.peers.FreePorts;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.eventbus.EventBusOptions;
import io.vertx.spi.cluster.hazelcast.ConfigUtil;
import io.vertx.spi.cluster.hazelcast.HazelcastClusterManager;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * The broker on a clustered event bus: two Vert.x instances, joined over the loopback interface.
 * The brokers of a test are on both in turn.
 */
class EventBusClusterIT extends BrokerContract {

  private static final List<Integer> PORTS = FreePorts.take(2);

  /** The first is this test's; the second one stays for all tests. */
  private static Vertx second;

  private int opened;

  @BeforeAll
  static void startSecond() {
    second = clustered(PORTS.get(1));
  }

  @AfterAll
  static void stopSecond() {
    await(second.close());
  }

  private static Vertx clustered(int port) {
    Config config = ConfigUtil.loadConfig();
    config.setClusterName("vertx-micro-" + PORTS);
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
    return await(
        Vertx.builder()
            .with(
                new VertxOptions()
                    .setEventBusOptions(
                        new EventBusOptions()
                            .setHost("127.0.0.1")
                            .setClusterPublicHost("127.0.0.1")))
            .withClusterManager(new HazelcastClusterManager(config))
            .buildClustered());
  }

  @Override
  protected Vertx newVertx() {
    return clustered(PORTS.get(0));
  }

  @Override
  protected Broker open(Vertx vertx) {
    return EventBusBroker.create(opened++ % 2 == 0 ? vertx : second);
  }

  @Override
  protected boolean redelivers() {
    return true;
  }

  @Override
  protected boolean sendGarbage(String topic) {
    second
        .eventBus()
        .publish(EventBusBrokerOptions.DEFAULT_ADDRESS_PREFIX + "topic:" + topic, "garbage");
    return true;
  }

  private static int number(Event event) {
    return Integer.parseInt(event.message().id());
  }

  private static Message event(int number) {
    return Message.event("news").id("" + number).build();
  }

  private static <T> T next(BlockingQueue<T> queue) {
    try {
      T next = queue.poll(20, TimeUnit.SECONDS);
      assertTrue(next != null, "nothing came in time");
      return next;
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  /** The first publish makes the publisher trust what it read; the group comes after it. */
  @Test
  void aGroupThatSubscribesLaterMissesNothingAfterThat() {
    Broker publisher = connected();
    Broker member = connected();
    BlockingQueue<Integer> got = new LinkedBlockingQueue<>();
    await(publisher.publish("news", event(0)));
    for (int round = 1; round <= 3; round++) {
      String queue = "queue-" + round;
      Subscription subscription =
          await(
              member.subscribe(
                  "news",
                  event -> {
                    got.add(number(event));
                    return Future.succeededFuture();
                  },
                  SubscribeOption.queue(queue)));

      IntStream.range(1, 100).forEach(number -> await(publisher.publish("news", event(number))));

      IntStream.range(1, 100).forEach(number -> assertEquals(number, next(got)));
      await(subscription.close());
      await(publisher.publish("news", event(100)));
    }
    assertTrue(got.isEmpty());
  }

  @Test
  void aMemberThatClosesHandsOverToTheOtherNode() {
    Broker one = connected();
    Broker two = connected();
    BlockingQueue<Event> held = new LinkedBlockingQueue<>();
    Subscription leaving =
        await(
            one.subscribe(
                "news",
                event -> {
                  held.add(event);
                  return Future.succeededFuture();
                },
                SubscribeOption.queue("red"),
                SubscribeOption.manualAck()));
    IntStream.range(0, 10).forEach(number -> await(two.publish("news", event(number))));
    IntStream.range(0, 10).forEach(number -> assertEquals(number, number(next(held))));
    BlockingQueue<Event> taken = new LinkedBlockingQueue<>();
    await(
        two.subscribe(
            "news",
            event -> {
              taken.add(event);
              return Future.succeededFuture();
            },
            SubscribeOption.queue("red")));

    await(leaving.close());

    List<Event> all = IntStream.range(0, 10).mapToObj(i -> next(taken)).toList();
    assertEquals(10, all.stream().map(EventBusClusterIT::number).distinct().count());
    all.forEach(event -> assertEquals(2, event.attempt()));
    assertEquals(0, leaving.lost());
  }
}
