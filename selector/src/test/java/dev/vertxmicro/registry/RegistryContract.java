// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.registry;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.vertxmicro.errors.Processed;
import dev.vertxmicro.errors.RpcException;
import dev.vertxmicro.registry.RegistryEvent.Action;
import io.vertx.core.Future;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** What every registry that can be written to must do. Subclasses say how to get one. */
public abstract class RegistryContract {

  private static final RegisterOptions LIVING =
      new RegisterOptions(Duration.ofSeconds(10), Duration.ofSeconds(3));
  private static final RegisterOptions SILENT =
      new RegisterOptions(Duration.ofSeconds(10), Duration.ZERO);

  /** Makes the contract. */
  protected RegistryContract() {}

  /**
   * Returns a new registry on the store of this test: what one registers the other finds. The
   * subclass closes it after the test.
   */
  protected abstract Registry open();

  /** Lets time pass for all registries of this test. */
  protected abstract void pass(Duration time);

  /** Returns the result of {@code future}, or throws its failure. */
  protected static <T> T await(Future<T> future) {
    try {
      return future.toCompletionStage().toCompletableFuture().get(20, TimeUnit.SECONDS);
    } catch (ExecutionException failed) {
      if (failed.getCause() instanceof RuntimeException cause) {
        throw cause;
      }
      throw new AssertionError(failed.getCause());
    } catch (InterruptedException | TimeoutException e) {
      throw new AssertionError("no result in time", e);
    }
  }

  private static Service service(String name, String version, Node... nodes) {
    return Service.builder(name).version(version).build().withNodes(List.of(nodes));
  }

  private static Set<String> ids(List<Service> services) {
    return services.stream()
        .flatMap(service -> service.nodes().stream())
        .map(Node::id)
        .collect(Collectors.toSet());
  }

  /** Collects the events of a watch. */
  private static final class Events {
    private final BlockingQueue<RegistryEvent> seen = new ArrayBlockingQueue<>(100);
    private final Watch watch;

    Events(Registry registry, String service) {
      watch = registry.watch(service, seen::add);
      await(watch.ready());
    }

    RegistryEvent next() {
      try {
        RegistryEvent event = seen.poll(20, TimeUnit.SECONDS);
        assertNotNull(event, "no event in time");
        return event;
      } catch (InterruptedException e) {
        throw new AssertionError(e);
      }
    }
  }

  @Test
  void unknownServiceHasNoVersion() {
    assertEquals(List.of(), await(open().get("nobody")));
  }

  @Test
  void serviceIsFoundWithAllItsParts() {
    Value name = new Value("name", "string", List.of());
    Service greeter =
        Service.builder("greeter")
            .version("1.2")
            .metadata("team", "a")
            .endpoint(
                new Endpoint(
                    "Greeter.Hello",
                    new Value("HelloRequest", "HelloRequest", List.of(name)),
                    new Value("HelloReply", "HelloReply", List.of()),
                    Map.of("stream", "true")))
            .node(Node.builder("greeter-1", "127.0.0.1:9000").protocol("grpc").build())
            .build();

    await(open().register(greeter, LIVING));

    assertEquals(List.of(greeter), await(open().get("greeter")));
  }

  @Test
  void versionsAreSeparate() {
    Registry registry = open();
    Service one = service("greeter", "1", Node.of("a", "127.0.0.1:1"));
    Service two = service("greeter", "2", Node.of("b", "127.0.0.1:2"));

    await(registry.register(one, LIVING));
    await(registry.register(two, LIVING));

    assertEquals(Set.of(one, two), Set.copyOf(await(registry.get("greeter"))));
  }

  @Test
  void nodesOfSeveralOwnersAreOneService() {
    Registry reader = open();

    await(open().register(service("greeter", "1", Node.of("a", "127.0.0.1:1")), LIVING));
    await(open().register(service("greeter", "1", Node.of("b", "127.0.0.1:2")), LIVING));

    List<Service> found = await(reader.get("greeter"));
    assertEquals(1, found.size());
    assertEquals(Set.of("a", "b"), ids(found));
  }

  @Test
  void closingARegistrationRemovesItsNodesAndNoOthers() {
    Registry registry = open();
    Registration first =
        await(registry.register(service("greeter", "1", Node.of("a", "127.0.0.1:1")), LIVING));
    await(registry.register(service("greeter", "1", Node.of("b", "127.0.0.1:2")), LIVING));

    await(first.close());
    await(first.close());

    assertEquals(Set.of("b"), ids(await(registry.get("greeter"))));
  }

  @Test
  void registeringANodeAgainReplacesIt() {
    Registry registry = open();
    await(registry.register(service("greeter", "1", Node.of("a", "127.0.0.1:1")), LIVING));

    await(registry.register(service("greeter", "1", Node.of("a", "127.0.0.1:2")), LIVING));

    List<Service> found = await(registry.get("greeter"));
    assertEquals(List.of(Node.of("a", "127.0.0.1:2")), found.get(0).nodes());
  }

  @Test
  void namesAreListedWhileTheyHaveNodes() {
    Registry registry = open();
    Registration greeter =
        await(registry.register(service("greeter", "1", Node.of("a", "127.0.0.1:1")), LIVING));
    await(registry.register(service("clock", "1", Node.of("c", "127.0.0.1:2")), LIVING));
    assertTrue(await(registry.list()).containsAll(List.of("clock", "greeter")));

    await(greeter.close());

    List<String> left = await(registry.list());
    assertTrue(left.contains("clock") && !left.contains("greeter"), left.toString());
  }

  @Test
  void watchReportsNodesThatComeChangeAndGo() {
    Registry registry = open();
    Events events = new Events(open(), "greeter");

    await(registry.register(service("greeter", "1", Node.of("a", "127.0.0.1:1")), LIVING));
    RegistryEvent came = events.next();
    Registration second =
        await(registry.register(service("greeter", "1", Node.of("a", "127.0.0.1:2")), LIVING));
    RegistryEvent changed = events.next();
    await(second.close());
    RegistryEvent went = events.next();

    assertTrue(came.action() != Action.DELETE, came.toString());
    assertTrue(came.service().nodes().contains(Node.of("a", "127.0.0.1:1")), came.toString());
    assertTrue(changed.action() != Action.DELETE, changed.toString());
    assertTrue(changed.service().nodes().contains(Node.of("a", "127.0.0.1:2")), changed.toString());
    assertEquals(Action.DELETE, went.action());
    assertEquals("greeter", went.service().name());
    assertEquals("1", went.service().version());
  }

  @Test
  void watchReportsItsOwnServiceOnly() {
    Registry registry = open();
    Events events = new Events(registry, "greeter");

    await(registry.register(service("clock", "1", Node.of("c", "127.0.0.1:1")), LIVING));
    await(registry.register(service("greeter", "1", Node.of("a", "127.0.0.1:2")), LIVING));

    assertEquals("greeter", events.next().service().name());
  }

  @Test
  void closedWatchReportsNothing() {
    Registry registry = open();
    Events closed = new Events(registry, "greeter");
    Events other = new Events(registry, "greeter");

    closed.watch.close();
    closed.watch.close();
    await(registry.register(service("greeter", "1", Node.of("a", "127.0.0.1:1")), LIVING));
    other.next();

    assertNull(closed.seen.poll());
  }

  @Test
  void nodeWithoutSignsOfLifeExpiresAndWatchersAreTold() {
    Registry registry = open();
    await(registry.register(service("greeter", "1", Node.of("a", "127.0.0.1:1")), SILENT));
    await(registry.register(service("greeter", "1", Node.of("b", "127.0.0.1:2")), LIVING));
    Events events = new Events(registry, "greeter");

    pass(Duration.ofSeconds(11));

    RegistryEvent event = events.next();
    assertEquals(Action.DELETE, event.action());
    assertEquals(Set.of("a"), ids(List.of(event.service())));
    assertEquals(Set.of("b"), ids(await(registry.get("greeter"))));
  }

  @Test
  void nodeWithSignsOfLifeStays() {
    Registry registry = open();
    await(registry.register(service("greeter", "1", Node.of("a", "127.0.0.1:1")), LIVING));

    pass(Duration.ofSeconds(35));

    assertEquals(Set.of("a"), ids(await(registry.get("greeter"))));
  }

  @Test
  void serviceWithoutNodesIsRefused() {
    Registry registry = open();

    IllegalArgumentException refused =
        assertThrows(
            IllegalArgumentException.class,
            () -> registry.register(service("greeter", "1"), LIVING));
    assertTrue(refused.getMessage().contains("greeter"), refused.getMessage());
  }

  @Test
  void serviceWithANodeTwiceIsRefused() {
    Registry registry = open();
    Service twice =
        service("greeter", "1", Node.of("a", "127.0.0.1:1"), Node.of("a", "127.0.0.1:2"));

    assertThrows(IllegalArgumentException.class, () -> registry.register(twice, LIVING));
  }

  @Test
  void closingARegistryDeregistersWhatItRegistered() {
    Registry reader = open();
    Registry closed = open();
    await(closed.register(service("greeter", "1", Node.of("a", "127.0.0.1:1")), LIVING));

    await(closed.close());
    await(closed.close());

    assertEquals(List.of(), await(reader.get("greeter")));
  }

  @Test
  void closedRegistryFailsWithUnavailable() {
    Registry closed = open();
    await(closed.close());

    Service greeter = service("greeter", "1", Node.of("a", "127.0.0.1:1"));
    for (Future<?> refused :
        List.of(
            closed.get("greeter"),
            closed.list(),
            closed.register(greeter, LIVING),
            closed.watch("greeter", event -> {}).ready())) {
      RpcException failure =
          assertInstanceOf(
              RpcException.class, assertThrows(RuntimeException.class, () -> await(refused)));
      assertEquals(503, failure.code());
      assertEquals(Processed.NOT_SENT, failure.processed());
    }
  }
}
