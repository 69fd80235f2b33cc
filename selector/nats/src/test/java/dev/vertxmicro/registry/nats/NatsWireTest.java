// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.registry.nats;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.vertxmicro.errors.RpcException;
import dev.vertxmicro.registry.Home;
import dev.vertxmicro.registry.Node;
import dev.vertxmicro.registry.RegisterOptions;
import dev.vertxmicro.registry.Registration;
import dev.vertxmicro.registry.RegistryEvent;
import dev.vertxmicro.registry.Service;
import dev.vertxmicro.registry.ServiceJson;
import dev.vertxmicro.registry.Watch;
import dev.vertxmicro.time.FakeTimeSource;
import io.vertx.core.Future;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** What is said to NATS, and what becomes of what it says, on virtual time. */
class NatsWireTest {

  private static final String CORE_QUERY = "micro.nats.query";
  private static final String CORE_WATCH = "micro.nats.watch";
  private static final String PLUGIN_QUERY = "micro.registry.nats.query";
  private static final String PLUGIN_WATCH = "micro.registry.nats.watch";
  private static final RegisterOptions LIVING =
      new RegisterOptions(Duration.ofSeconds(60), Duration.ofSeconds(30));
  private static final Service GREETER =
      Service.builder("greeter").version("1").node(Node.of("a", "127.0.0.1:1")).build();

  private final FakeTimeSource time = new FakeTimeSource();
  private final FakeBus bus = new FakeBus();
  private final NatsRegistry registry =
      NatsRegistry.create(
          bus, new NatsRegistryOptions(), time, Home.IMMEDIATE, () -> Runnable::run);

  private static String json(String action, Service service) {
    return "{\"Action\":\"" + action + "\",\"Service\":" + ServiceJson.write(service) + "}";
  }

  private void come(String subject, String payload) {
    bus.listener.received(subject, null, payload.getBytes(UTF_8));
  }

  private void ask(String subject, String payload) {
    bus.listener.received(subject, "_INBOX.go", payload.getBytes(UTF_8));
  }

  /** Lets the server confirm what was sent. */
  private void confirm() {
    FakeBus.Sent marker = bus.sent.remove(bus.sent.size() - 1);
    assertTrue(marker.subject().startsWith("_INBOX."), marker::toString);
    come(marker.subject(), "");
  }

  private Registration register(Service service) {
    Future<Registration> registered = registry.register(service, LIVING);
    assertFalse(registered.isComplete());
    confirm();
    return registered.result();
  }

  @Test
  void asksBothFamilies() {
    registry.get("greeter");

    List<String> subjects = bus.sent.stream().map(FakeBus.Sent::subject).toList();
    assertEquals(List.of(CORE_QUERY, PLUGIN_QUERY), subjects);
    for (FakeBus.Sent question : bus.sent) {
      assertEquals("{\"Action\":\"get\",\"Service\":{\"name\":\"greeter\"}}", question.payload());
      assertEquals(bus.sent.get(0).reply(), question.reply());
    }
    assertEquals(Set.of(inbox() + "*"), bus.subjects);
  }

  private String inbox() {
    String reply = bus.sent.get(0).reply();
    return reply.substring(0, reply.lastIndexOf('.') + 1);
  }

  @Test
  void mergesTheAnswersOfAllOwners() {
    Future<List<Service>> found = registry.get("greeter");
    String reply = bus.sent.get(0).reply();
    Service b = GREETER.withNodes(List.of(Node.of("b", "127.0.0.1:2")));

    come(reply, ServiceJson.write(GREETER).toString());
    come(reply, ServiceJson.write(GREETER).toString());
    come(reply, "not JSON");
    come(reply, ServiceJson.write(Service.builder("other").build()).toString());
    come(reply, ServiceJson.write(b).toString());
    time.advance(Duration.ofMillis(100));

    assertEquals(
        List.of(
            GREETER.withNodes(List.of(Node.of("a", "127.0.0.1:1"), Node.of("b", "127.0.0.1:2")))),
        found.result());
  }

  @Test
  void endsWhenNobodyListensInEitherFamily() {
    Future<List<Service>> found = registry.get("greeter");
    String reply = bus.sent.get(0).reply();

    bus.listener.nobody(reply);
    assertFalse(found.isComplete());
    bus.listener.nobody(reply);

    assertEquals(List.of(), found.result());
  }

  @Test
  void announcesInBothFamiliesAtEachSignOfLife() {
    Registration registration = register(GREETER);
    List<FakeBus.Sent> announcements =
        List.of(
            new FakeBus.Sent(CORE_WATCH, null, json("create", GREETER)),
            new FakeBus.Sent(PLUGIN_WATCH, null, json("create", GREETER)));
    assertEquals(announcements, bus.sent);
    bus.sent.clear();

    time.advance(Duration.ofSeconds(30));
    assertEquals(announcements, bus.sent);
    bus.sent.clear();

    registration.close();
    assertEquals(new FakeBus.Sent(CORE_WATCH, null, json("delete", GREETER)), bus.sent.get(0));
    assertEquals(new FakeBus.Sent(PLUGIN_WATCH, null, json("delete", GREETER)), bus.sent.get(1));
  }

  @Test
  void answersForItsOwnServicesInBothFamilies() {
    Service clock = Service.builder("clock").node(Node.of("c", "127.0.0.1:3")).build();
    register(GREETER);
    register(clock);
    assertTrue(bus.subjects.containsAll(Set.of(CORE_QUERY, PLUGIN_QUERY)), bus.subjects::toString);
    bus.sent.clear();

    ask(CORE_QUERY, "{\"Service\":{\"name\":\"greeter\"},\"Action\":\"get\"}");
    ask(PLUGIN_QUERY, "{\"Service\":{\"name\":\"clock\"},\"Action\":\"get\"}");
    ask(PLUGIN_QUERY, "{\"Service\":{\"name\":\"unknown\"},\"Action\":\"get\"}");
    ask(PLUGIN_QUERY, "{\"Service\":null,\"Action\":\"get\"}");
    ask(CORE_QUERY, "{\"Service\":null,\"Action\":\"list\"}");
    ask(CORE_QUERY, "nonsense");
    come(CORE_QUERY, "{\"Service\":null,\"Action\":\"list\"}");

    String greeterJson = ServiceJson.write(GREETER).toString();
    String clockJson = ServiceJson.write(clock).toString();
    assertEquals(
        List.of(
            new FakeBus.Sent("_INBOX.go", null, greeterJson),
            new FakeBus.Sent("_INBOX.go", null, clockJson),
            new FakeBus.Sent("_INBOX.go", null, greeterJson),
            new FakeBus.Sent("_INBOX.go", null, clockJson)),
        bus.sent);
  }

  @Test
  void hearsAnnouncementsWhileItWatchesOnly() {
    List<RegistryEvent> events = new ArrayList<>();
    Watch watch = registry.watch("greeter", events::add);
    time.advance(Duration.ofMillis(100));
    assertTrue(watch.ready().succeeded());
    assertTrue(bus.subjects.containsAll(Set.of(CORE_WATCH, PLUGIN_WATCH)), bus.subjects::toString);

    come(CORE_WATCH, json("create", GREETER));
    come(PLUGIN_WATCH, json("update", GREETER));
    come(PLUGIN_WATCH, json("create", Service.builder("other").build()));
    come(PLUGIN_WATCH, "{\"Action\":\"create\",\"Service\":{\"name\":\"greeter\",\"nodes\":7}}");
    come(PLUGIN_WATCH, "{\"Action\":\"create\"}");
    come(PLUGIN_WATCH, json("explode", GREETER));
    come(PLUGIN_WATCH, json("delete", GREETER));

    assertEquals(
        List.of(
            new RegistryEvent(RegistryEvent.Action.CREATE, GREETER),
            new RegistryEvent(RegistryEvent.Action.DELETE, GREETER)),
        events);
    watch.close();
    assertFalse(bus.subjects.contains(CORE_WATCH), bus.subjects::toString);
  }

  @Test
  void nodeThatGivesNoSignOfLifeGoesAfterItsTtl() {
    List<RegistryEvent> events = new ArrayList<>();
    registry.watch("greeter", events::add);
    time.advance(Duration.ofMillis(100));
    come(CORE_WATCH, json("create", GREETER));
    bus.sent.clear();

    time.advance(Duration.ofSeconds(89));
    assertEquals(1, events.size());
    assertEquals(4, bus.sent.size(), "two questions in both families");
    time.advance(Duration.ofSeconds(1));

    assertEquals(new RegistryEvent(RegistryEvent.Action.DELETE, GREETER), events.get(1));
  }

  @Test
  void registerFailsWhenTheServerDoesNotConfirm() {
    Future<Registration> registered = registry.register(GREETER, LIVING);

    time.advance(NatsRegistryOptions.DEFAULT_CONNECT_TIMEOUT);

    assertEquals(503, ((RpcException) registered.cause()).code());
    assertFalse(bus.subjects.contains(CORE_QUERY), bus.subjects::toString);
  }

  @Test
  void registerFailsWhenTheConnectionIsLostMeanwhile() {
    Future<Registration> registered = registry.register(GREETER, LIVING);

    bus.open = false;
    bus.listener.lost();

    assertEquals(503, ((RpcException) registered.cause()).code());
    assertEquals(0, time.armed());
  }
}
