// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.registry.consul;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.vertxmicro.errors.RpcException;
import dev.vertxmicro.registry.Node;
import dev.vertxmicro.registry.RegisterOptions;
import dev.vertxmicro.registry.Registration;
import dev.vertxmicro.registry.Service;
import io.vertx.core.Future;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class ConsulRegistrationTest {

  private static final RegisterOptions LIVING =
      new RegisterOptions(Duration.ofSeconds(10), Duration.ofSeconds(4));

  private final ScriptedAgent agent = new ScriptedAgent();
  private final ConsulRegistry registry = agent.registry();

  private static Service greeter(String... ids) {
    Service.Builder service = Service.builder("greeter");
    for (String id : ids) {
      service.node(Node.of(id, id + ":1"));
    }
    return service.build();
  }

  private Registration register(Service service, RegisterOptions options) {
    Future<Registration> registration = registry.register(service, options);
    assertTrue(registration.succeeded(), () -> String.valueOf(registration.cause()));
    return registration.result();
  }

  @Test
  void eachNodeIsRegisteredAndPassed() {
    register(greeter("a", "b"), LIVING);

    assertEquals(List.of("register a", "pass a", "register b", "pass b"), agent.takeAsked());
  }

  @Test
  void signsOfLifeOnlyPassTheCheck() {
    register(greeter("a"), LIVING);
    agent.takeAsked();

    agent.time.advance(Duration.ofMillis(3_599));
    assertEquals(List.of(), agent.takeAsked());
    agent.time.advance(Duration.ofMillis(401));
    assertEquals(List.of("pass a"), agent.takeAsked());
    agent.time.advance(Duration.ofSeconds(40));
    Set<String> more = Set.copyOf(agent.asked);
    assertTrue(agent.asked.size() >= 10 && agent.asked.size() <= 12, agent.asked::toString);
    assertEquals(Set.of("pass a"), more);
  }

  @Test
  void aNodeThatConsulForgotIsRegisteredAnew() {
    register(greeter("a"), LIVING);
    agent.registered.clear();
    agent.takeAsked();

    agent.time.advance(LIVING.interval());

    assertEquals(List.of("pass a", "register a", "pass a"), agent.takeAsked());
    assertTrue(agent.registered.containsKey("a"));
  }

  @Test
  void anOutageIsWaitedForAndTheNodeComesBackSoonAfter() {
    register(greeter("a"), LIVING);
    agent.down = true;
    agent.time.advance(Duration.ofMinutes(5));
    assertTrue(agent.asked.size() > 100 && agent.asked.size() < 1_000, "" + agent.asked.size());
    agent.down = false;
    agent.registered.clear();

    agent.time.advance(LIVING.interval());

    assertTrue(agent.registered.containsKey("a"));
    agent.takeAsked();
    agent.time.advance(LIVING.interval());
    assertEquals(List.of("pass a"), agent.takeAsked());
  }

  @Test
  void withoutATtlTheAgentIsAskedWhetherItKnowsTheNode() {
    register(greeter("a"), new RegisterOptions(Duration.ZERO, Duration.ofSeconds(4)));
    assertEquals(List.of("register a"), agent.takeAsked());

    agent.time.advance(Duration.ofSeconds(4));
    assertEquals(List.of("knows a"), agent.takeAsked());

    agent.registered.clear();
    agent.time.advance(Duration.ofSeconds(4));
    assertEquals(List.of("knows a", "register a"), agent.takeAsked());
  }

  @Test
  void withoutAnIntervalNothingMoreIsAsked() {
    register(greeter("a"), RegisterOptions.FOR_EVER);
    agent.takeAsked();

    agent.time.advance(Duration.ofDays(1));

    assertEquals(List.of(), agent.takeAsked());
    assertEquals(0, agent.time.armed());
  }

  @Test
  void closingDeregistersAndEndsTheSignsOfLife() {
    Registration registration = register(greeter("a", "b"), LIVING);
    agent.takeAsked();

    assertTrue(registration.close().succeeded());
    assertTrue(registration.close().succeeded());

    assertEquals(
        List.of("deregister a at first:8500", "deregister b at first:8500"), agent.takeAsked());
    assertEquals(0, agent.time.armed());
  }

  @Test
  void aNodeThatMovedToAnotherAgentIsDeregisteredFromBoth() {
    Registration registration = register(greeter("a"), LIVING);
    agent.registered.clear();
    agent.address = "second:8500";
    agent.time.advance(LIVING.interval());
    agent.takeAsked();

    registration.close();

    assertEquals(
        List.of("deregister a at first:8500", "deregister a at second:8500"), agent.takeAsked());
  }

  @Test
  void aNodeMovesToTheLaterRegistration() {
    Registration first = register(greeter("a"), LIVING);
    Registration second = register(greeter("a"), LIVING);
    agent.takeAsked();

    first.close();
    assertEquals(List.of(), agent.takeAsked());
    assertEquals(1, agent.time.armed());

    second.close();
    assertEquals(List.of("deregister a at first:8500"), agent.takeAsked());
    assertEquals(0, agent.time.armed());
  }

  @Test
  void anIdIsThatOfOneService() {
    register(greeter("a"), LIVING);
    agent.takeAsked();

    Future<Registration> refused =
        registry.register(Service.builder("clock").node(Node.of("a", "c:1")).build(), LIVING);

    assertEquals(409, ((RpcException) refused.cause()).code());
    assertEquals(List.of(), agent.takeAsked());
  }

  @Test
  void aRegistrationThatFailsLeavesNothing() {
    agent.down = true;

    Future<Registration> failed = registry.register(greeter("a", "b"), LIVING);

    assertEquals(503, ((RpcException) failed.cause()).code());
    assertEquals(0, agent.time.armed());
    agent.down = false;
    register(greeter("a"), LIVING);
    assertEquals(Set.of("a"), agent.registered.keySet());
  }

  @Test
  void closingTheRegistryDeregistersAllAndNeverFails() {
    register(greeter("a"), LIVING);
    register(Service.builder("clock").node(Node.of("c", "c:1")).build(), LIVING);
    registry.watch("greeter", event -> {});

    assertTrue(registry.close().succeeded());
    assertTrue(registry.close().succeeded());

    assertEquals(Set.of(), agent.registered.keySet());
    assertTrue(agent.closed);
    assertTrue(agent.query.cancelled);
    assertEquals(0, agent.time.armed());
  }

  @Test
  void closingTheRegistryWhileConsulIsDownSucceeds() {
    register(greeter("a"), LIVING);
    agent.down = true;

    assertTrue(registry.close().succeeded());

    assertEquals(0, agent.time.armed());
    assertFalse(registry.list().succeeded());
  }
}
