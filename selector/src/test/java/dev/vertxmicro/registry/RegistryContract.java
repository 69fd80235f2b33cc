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
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/**
 * What every registry that can be written to must do. Subclasses say how to get one.
 *
 * <p>For registries in memory on virtual time and for real servers alike: what must come to hold is
 * awaited for {@link #patience}, services and nodes are {@link #named} apart by test, and signs of
 * life are as quick as the server allows.
 */
public abstract class RegistryContract {

  private static final Duration LONGEST = Duration.ofSeconds(30);

  /** Makes the contract. */
  protected RegistryContract() {}

  /**
   * Returns a new registry on the store of this test: what one registers the other finds. The
   * subclass closes it after the test.
   */
  protected abstract Registry open();

  /** Lets time pass for all registries of this test. */
  protected abstract void pass(Duration time);

  /** Returns how long a change may take until all see it. Default 0: it is seen at once. */
  protected Duration patience() {
    return Duration.ZERO;
  }

  /** Returns the name of a service or node of this test. Default {@code name} itself. */
  protected String named(String name) {
    return name;
  }

  /** Returns the options of a node that gives signs of life. Default 10 s, every 3 s. */
  protected RegisterOptions living() {
    return new RegisterOptions(Duration.ofSeconds(10), Duration.ofSeconds(3));
  }

  /** Returns the options of a node that gives no sign of life. Default 10 s. */
  protected RegisterOptions silent() {
    return new RegisterOptions(Duration.ofSeconds(10), Duration.ZERO);
  }

  /** Returns what the registry keeps of a service. Default all of it. */
  protected Service kept(Service service) {
    return service;
  }

  /** Returns the result of {@code future}, or throws its failure. */
  protected static <T> T await(Future<T> future) {
    try {
      return future
          .toCompletionStage()
          .toCompletableFuture()
          .get(LONGEST.toSeconds(), TimeUnit.SECONDS);
    } catch (ExecutionException failed) {
      if (failed.getCause() instanceof RuntimeException cause) {
        throw cause;
      }
      throw new AssertionError(failed.getCause());
    } catch (InterruptedException | TimeoutException e) {
      throw new AssertionError("no result in time", e);
    }
  }

  /** Asserts that {@code actual} is {@code expected} within {@link #patience}. */
  protected final <T> void eventually(T expected, Supplier<T> actual) {
    long until = System.nanoTime() + patience().toNanos();
    T now = actual.get();
    while (!now.equals(expected) && System.nanoTime() - until < 0) {
      LockSupport.parkNanos(10_000_000);
      now = actual.get();
    }
    assertEquals(expected, now);
  }

  private Node node(String id, int port) {
    return Node.of(named(id), "127.0.0.1:" + port);
  }

  private Service service(String name, String version, Node... nodes) {
    return Service.builder(named(name)).version(version).build().withNodes(List.of(nodes));
  }

  private Set<Node> nodes(Registry registry, String name) {
    return nodes(await(registry.get(named(name))));
  }

  private static Set<Node> nodes(List<Service> services) {
    return services.stream()
        .flatMap(service -> service.nodes().stream())
        .collect(Collectors.toSet());
  }

  /** Follows a watch: the events, and what they add up to. */
  private final class Events {
    private final BlockingQueue<RegistryEvent> seen = new ArrayBlockingQueue<>(100);
    private final Watch watch;
    private List<Service> state = List.of();

    Events(Registry registry, String name) {
      watch = registry.watch(named(name), seen::add);
      await(watch.ready());
    }

    RegistryEvent next() {
      try {
        RegistryEvent event = seen.poll(LONGEST.toSeconds(), TimeUnit.SECONDS);
        assertNotNull(event, () -> "no event in time, after " + state);
        state = Versions.apply(state, event);
        return event;
      } catch (InterruptedException e) {
        throw new AssertionError(e);
      }
    }

    /** Returns the event that makes the nodes so. */
    RegistryEvent until(Set<Node> nodes) {
      RegistryEvent event;
      do {
        event = next();
      } while (!nodes(state).equals(nodes));
      return event;
    }
  }

  @Test
  void unknownServiceHasNoVersion() {
    assertEquals(List.of(), await(open().get(named("nobody"))));
  }

  @Test
  void serviceIsFoundWithAllItsParts() {
    Registry registry = open();
    Value name = new Value("name", "string", List.of());
    Service greeter =
        Service.builder(named("greeter"))
            .version("1.2")
            .metadata("team", "a")
            .endpoint(
                new Endpoint(
                    "Greeter.Hello",
                    new Value("HelloRequest", "HelloRequest", List.of(name)),
                    new Value("HelloReply", "HelloReply", List.of()),
                    Map.of("stream", "true")))
            .node(Node.builder(named("greeter-1"), "127.0.0.1:9000").protocol("grpc").build())
            .build();

    await(open().register(greeter, living()));

    eventually(List.of(kept(greeter)), () -> await(registry.get(named("greeter"))));
  }

  @Test
  void versionsAreSeparate() {
    Registry registry = open();
    Service one = service("greeter", "1", node("a", 1));
    Service two = service("greeter", "2", node("b", 2));

    await(registry.register(one, living()));
    await(registry.register(two, living()));

    eventually(Set.of(one, two), () -> Set.copyOf(await(registry.get(named("greeter")))));
  }

  @Test
  void nodesOfSeveralOwnersAreOneService() {
    Registry reader = open();

    await(open().register(service("greeter", "1", node("a", 1)), living()));
    await(open().register(service("greeter", "1", node("b", 2)), living()));

    eventually(Set.of(node("a", 1), node("b", 2)), () -> nodes(reader, "greeter"));
    assertEquals(1, await(reader.get(named("greeter"))).size());
  }

  @Test
  void closingARegistrationRemovesItsNodesAndNoOthers() {
    Registry registry = open();
    Registration first = await(registry.register(service("greeter", "1", node("a", 1)), living()));
    await(registry.register(service("greeter", "1", node("b", 2)), living()));
    eventually(Set.of(node("a", 1), node("b", 2)), () -> nodes(registry, "greeter"));

    await(first.close());
    await(first.close());

    eventually(Set.of(node("b", 2)), () -> nodes(registry, "greeter"));
  }

  @Test
  void registeringANodeAgainReplacesIt() {
    Registry registry = open();
    await(registry.register(service("greeter", "1", node("a", 1)), living()));
    eventually(Set.of(node("a", 1)), () -> nodes(registry, "greeter"));

    await(registry.register(service("greeter", "1", node("a", 2)), living()));

    eventually(
        List.of(service("greeter", "1", node("a", 2))),
        () -> await(registry.get(named("greeter"))));
  }

  @Test
  void namesAreListedWhileTheyHaveNodes() {
    Registry registry = open();
    Registration greeter =
        await(registry.register(service("greeter", "1", node("a", 1)), living()));
    await(registry.register(service("clock", "1", node("c", 2)), living()));
    Set<String> both = Set.of(named("clock"), named("greeter"));
    Supplier<Set<String>> listed =
        () -> await(registry.list()).stream().filter(both::contains).collect(Collectors.toSet());
    eventually(both, listed);

    await(greeter.close());

    eventually(Set.of(named("clock")), listed);
  }

  @Test
  void watchReportsNodesThatComeChangeAndGo() {
    Registry registry = open();
    Events events = new Events(open(), "greeter");

    await(registry.register(service("greeter", "1", node("a", 1)), living()));
    RegistryEvent came = events.until(Set.of(node("a", 1)));
    Registration second = await(registry.register(service("greeter", "1", node("a", 2)), living()));
    RegistryEvent changed = events.until(Set.of(node("a", 2)));
    await(second.close());
    RegistryEvent went = events.until(Set.of());

    assertTrue(came.action() != Action.DELETE, came.toString());
    assertTrue(changed.action() != Action.DELETE, changed.toString());
    assertEquals(Action.DELETE, went.action());
    assertEquals(named("greeter"), went.service().name());
    assertEquals("1", went.service().version());
  }

  @Test
  void watchReportsItsOwnServiceOnly() {
    Registry registry = open();
    Events events = new Events(registry, "greeter");

    await(registry.register(service("clock", "1", node("c", 1)), living()));
    await(registry.register(service("greeter", "1", node("a", 2)), living()));

    assertEquals(named("greeter"), events.next().service().name());
  }

  @Test
  void closedWatchReportsNothing() {
    Registry registry = open();
    Events closed = new Events(registry, "greeter");
    Events other = new Events(registry, "greeter");

    closed.watch.close();
    closed.watch.close();
    await(registry.register(service("greeter", "1", node("a", 1)), living()));
    other.next();

    assertNull(closed.seen.poll());
  }

  @Test
  void nodeWithoutSignsOfLifeExpiresAndWatchersAreTold() {
    Registry registry = open();
    await(registry.register(service("greeter", "1", node("b", 2)), living()));
    Events events = new Events(registry, "greeter");
    await(registry.register(service("greeter", "1", node("a", 1)), silent()));
    RegistryEvent came = events.next();
    assertTrue(came.service().nodes().contains(node("a", 1)), came.toString());

    pass(silent().ttl().plusSeconds(1));

    RegistryEvent went = events.next();
    assertEquals(Action.DELETE, went.action());
    assertEquals(Set.of(node("a", 1)), nodes(List.of(went.service())));
    eventually(Set.of(node("b", 2)), () -> nodes(registry, "greeter"));
  }

  @Test
  void nodeWithSignsOfLifeStays() {
    Registry registry = open();
    await(registry.register(service("greeter", "1", node("a", 1)), living()));
    eventually(Set.of(node("a", 1)), () -> nodes(registry, "greeter"));
    Events events = new Events(registry, "greeter");

    pass(living().ttl().multipliedBy(7).dividedBy(2));

    assertEquals(Set.of(node("a", 1)), nodes(registry, "greeter"));
    assertNull(events.seen.poll());
  }

  @Test
  void serviceWithoutNodesIsRefused() {
    Registry registry = open();

    IllegalArgumentException refused =
        assertThrows(
            IllegalArgumentException.class,
            () -> registry.register(service("greeter", "1"), living()));
    assertTrue(refused.getMessage().contains(named("greeter")), refused.getMessage());
  }

  @Test
  void serviceWithANodeTwiceIsRefused() {
    Registry registry = open();
    Service twice = service("greeter", "1", node("a", 1), node("a", 2));

    assertThrows(IllegalArgumentException.class, () -> registry.register(twice, living()));
  }

  @Test
  void closingARegistryDeregistersWhatItRegistered() {
    Registry reader = open();
    Registry closed = open();
    await(closed.register(service("greeter", "1", node("a", 1)), living()));
    eventually(Set.of(node("a", 1)), () -> nodes(reader, "greeter"));

    await(closed.close());
    await(closed.close());

    eventually(List.of(), () -> await(reader.get(named("greeter"))));
  }

  @Test
  void closedRegistryFailsWithUnavailable() {
    Registry closed = open();
    await(closed.close());

    Service greeter = service("greeter", "1", node("a", 1));
    for (Future<?> refused :
        List.of(
            closed.get(named("greeter")),
            closed.list(),
            closed.register(greeter, living()),
            closed.watch(named("greeter"), event -> {}).ready())) {
      RpcException failure =
          assertInstanceOf(
              RpcException.class, assertThrows(RuntimeException.class, () -> await(refused)));
      assertEquals(503, failure.code());
      assertEquals(Processed.NOT_SENT, failure.processed());
    }
  }
}
