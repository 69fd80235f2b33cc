// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.skynet;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.vertxmicro.errors.GrpcStatus;
import dev.vertxmicro.errors.RpcException;
import dev.vertxmicro.registry.RegisterOptions;
import dev.vertxmicro.registry.RegistryEvent;
import dev.vertxmicro.registry.Service;
import dev.vertxmicro.registry.Watch;
import dev.vertxmicro.time.FakeTimeSource;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class SkynetNodesTest {

  private final Vertx vertx = Vertx.vertx();
  private final FakeTimeSource time = new FakeTimeSource();
  private final SkynetNodes nodes = SkynetNodes.create(vertx, time);

  @AfterEach
  void stop() {
    Waiting.await(nodes.close());
    assertEquals(0, time.armed());
    Waiting.await(vertx.close());
  }

  private static String address(Future<List<Service>> answer) {
    return answer.result().get(0).nodes().get(0).address();
  }

  @Test
  void mergesTables() {
    nodes.reload(Map.of("a", "127.0.0.1:1", "b", "[::1]:2", "__other", "ignored"));
    nodes.reload(Map.of("b", "127.0.0.1:3", "c", false));

    assertEquals("127.0.0.1:1", address(nodes.get("a")));
    assertEquals("127.0.0.1:3", address(nodes.get("b")));
    assertEquals(List.of(), nodes.get("c").result());
    assertEquals(List.of("a", "b"), nodes.list().result());
    assertEquals("skynet", nodes.get("a").result().get(0).nodes().get(0).protocol());
    assertEquals("a", nodes.get("a").result().get(0).nodes().get(0).id());
  }

  @Test
  void answersWithTheSameWhileNothingChanges() {
    nodes.put("a", "127.0.0.1:1");
    Future<List<Service>> before = nodes.get("a");
    nodes.put("a", "127.0.0.1:1");

    assertSame(before.result(), nodes.get("a").result());
    assertTrue(nodes.answersFromMemory());
  }

  @Test
  void refusesTablesAsAWhole() {
    for (Object bad : List.of(7, true, "127.0.0.1", "http://127.0.0.1:1", ":1", "h:0")) {
      Map<String, Object> table = Map.of("a", "127.0.0.1:1", "bad", bad);
      assertThrows(IllegalArgumentException.class, () -> nodes.reload(table), bad.toString());
    }
    assertThrows(IllegalArgumentException.class, () -> nodes.reload(Map.of("__nowaiting", "yes")));
    assertEquals(List.of(), nodes.list().result());
  }

  @Test
  void letsCallsWaitForANameInTheirOrder() {
    List<String> order = new ArrayList<>();
    nodes.get("late").onSuccess(found -> order.add("first"));
    nodes.get("late").onSuccess(found -> order.add("second"));
    nodes.get("other").onSuccess(found -> order.add("other " + found.size()));
    assertEquals(3, time.armed());

    nodes.put("late", "127.0.0.1:1");
    nodes.remove("other");

    assertEquals(List.of("first", "second", "other 0"), order);
  }

  @Test
  void endsTheWaitAfterAWhile() {
    Future<List<Service>> waiting = nodes.get("never");
    time.advance(Duration.ofMinutes(10).minusNanos(1));
    assertFalse(waiting.isComplete());
    time.advance(Duration.ofNanos(1));

    assertEquals(List.of(), waiting.result());
  }

  @Test
  void failsAtOnceWithNowaiting() {
    Future<List<Service>> waiting = nodes.get("unknown");
    nodes.reload(Map.of("__nowaiting", true));

    assertEquals(List.of(), waiting.result());
    assertEquals(List.of(), nodes.get("unknown").result());
    nodes.reload(Map.of("__nowaiting", false));
    assertFalse(nodes.get("unknown").isComplete());
  }

  @Test
  void boundsHowManyWait() {
    for (int i = 0; i < SkynetNodes.MOST_WAITING; i++) {
      assertFalse(nodes.get("n" + i % 7).isComplete());
    }
    RpcException full = (RpcException) nodes.get("one more").cause();

    assertEquals(GrpcStatus.RESOURCE_EXHAUSTED, full.grpcStatus());
    nodes.put("n0", "127.0.0.1:1");
    assertFalse(nodes.get("one more").isComplete());
  }

  @Test
  void reportsChangesInTheirOrder() {
    Promise<Void> enough = Promise.promise();
    List<String> seen = new ArrayList<>();
    Watch watch =
        nodes.watch(
            "a",
            event -> {
              seen.add(event.action() + " " + event.service().nodes().get(0).address());
              if (event.action() == RegistryEvent.Action.DELETE) {
                enough.complete();
              }
            });
    nodes.put("a", "127.0.0.1:1");
    nodes.put("a", "127.0.0.1:2");
    nodes.put("b", "127.0.0.1:9");
    nodes.remove("a");
    Waiting.await(enough.future());
    watch.close();

    assertEquals(List.of("CREATE 127.0.0.1:1", "UPDATE 127.0.0.1:2", "DELETE 127.0.0.1:2"), seen);
    assertTrue(watch.ready().succeeded());
  }

  @Test
  void tellsFollowersAtOnce() {
    List<String> seen = new ArrayList<>();
    SkynetNodes.Listener follower = node -> seen.add(node + "=" + nodes.addressOf(node, "unknown"));
    nodes.follow(follower);
    nodes.reload(Map.of("a", "127.0.0.1:1"));
    nodes.remove("a");
    nodes.unfollow(follower);
    nodes.put("a", "127.0.0.1:2");

    assertEquals(List.of("a=127.0.0.1:1", "a=null"), seen);
    assertNull(nodes.addressOf("zzz", null));
    assertEquals("127.0.0.1:2", nodes.addressOf("a", "x"));
  }

  @Test
  void tellsFollowersWhoHearOfAChangeLateWhatHoldsNow() {
    List<String> seen = new ArrayList<>();
    nodes.follow(node -> nodes.put("a", "127.0.0.1:2"));
    nodes.follow(node -> seen.add(nodes.addressOf(node, "unknown")));

    nodes.put("a", "127.0.0.1:1");

    assertEquals(List.of("127.0.0.1:2", "127.0.0.1:2"), seen);
  }

  @Test
  void cannotBeRegisteredWith() {
    Service service =
        Service.builder("a").node(dev.vertxmicro.registry.Node.of("a", "127.0.0.1:1")).build();

    RpcException refused = (RpcException) nodes.register(service, RegisterOptions.DEFAULT).cause();

    assertEquals(GrpcStatus.UNIMPLEMENTED, refused.grpcStatus());
  }

  @Test
  void failsWhenClosed() {
    Future<List<Service>> waiting = nodes.get("late");
    nodes.close();

    assertEquals(503, ((RpcException) waiting.cause()).code());
    assertEquals(503, ((RpcException) nodes.get("a").cause()).code());
    assertEquals(503, ((RpcException) nodes.list().cause()).code());
  }
}
