// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.registry;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.vertxmicro.errors.GrpcStatus;
import dev.vertxmicro.errors.RpcException;
import dev.vertxmicro.selector.Next;
import dev.vertxmicro.selector.Outcome;
import dev.vertxmicro.selector.Pick;
import dev.vertxmicro.selector.Selector;
import dev.vertxmicro.time.FakeTimeSource;
import io.vertx.core.Future;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** What a call sees of a registry that fails, through the cache and the selector together. */
class SelectorOverCacheTest {

  private static final RpcException DOWN =
      RpcException.client(GrpcStatus.UNAVAILABLE, "consul: connection refused").build();
  private static final Node A = Node.of("a", "127.0.0.1:1");
  private static final Node B = Node.of("b", "127.0.0.1:2");

  private final FakeTimeSource time = new FakeTimeSource();
  private final ScriptedRegistry registry = new ScriptedRegistry();
  private final CachingRegistry cache =
      CachingRegistry.immediate(registry, new CachingOptions(), time);
  private final Selector selector = Selector.create(cache, time);

  private static Service greeter(Node... nodes) {
    return Service.builder("greeter").build().withNodes(List.of(nodes));
  }

  private Set<String> picked() {
    Set<String> ids = new HashSet<>();
    for (int i = 0; i < 50; i++) {
      Pick pick = selector.select("greeter").result().next();
      ids.add(pick.node().id());
      time.advance(Duration.ofMillis(1));
      pick.done(Outcome.SUCCESS);
    }
    return ids;
  }

  @Test
  void outageOfTheRegistryIsNoOutageOfTheService() {
    registry.answer(greeter(A, B));
    assertEquals(Set.of("a", "b"), picked());

    registry.fail(DOWN);
    for (int minute = 0; minute < 59; minute++) {
      time.advance(Duration.ofMinutes(1));
      assertEquals(Set.of("a", "b"), picked());
    }

    registry.answer(greeter(B));
    time.advance(Duration.ofMinutes(2));
    assertEquals(Set.of("b"), picked());
  }

  @Test
  void registryThatComesBackEmptyTakesNothingAway() {
    registry.answer(greeter(A, B));
    picked();

    registry.answer();
    time.advance(Duration.ofMinutes(10));

    assertEquals(Set.of("a", "b"), picked());
  }

  @Test
  void retryOfACallSeesTheNodeThatCameMeanwhile() {
    registry.answer(greeter(A));
    Next next = selector.select("greeter").result();
    Pick first = next.next();

    registry.report(new RegistryEvent(RegistryEvent.Action.CREATE, greeter(B)));

    assertNotEquals(first.node(), next.next().node());
    assertEquals(2, next.size());
  }

  @Test
  void coldStartDuringAnOutageFailsUntilTheRegistryAnswers() {
    registry.fail(DOWN);
    assertEquals(DOWN, selector.select("greeter").cause());

    registry.hold();
    Future<Next> waiting = selector.select("greeter");
    registry.held().complete(List.of(greeter(A)));

    assertEquals(A, waiting.result().next().node());
  }

  @Test
  void serviceThatIsDeletedIsNotFoundAndOpenChoicesHaveNoNode() {
    registry.answer(greeter(A));
    Next open = selector.select("greeter").result();
    registry.answer();

    registry.report(new RegistryEvent(RegistryEvent.Action.DELETE, greeter(A)));

    RpcException unknown = assertInstanceOf(RpcException.class, selector.select("greeter").cause());
    assertEquals(404, unknown.code());
    assertEquals(0, open.size());
    assertEquals(503, assertThrows(RpcException.class, open::next).code());
  }
}
