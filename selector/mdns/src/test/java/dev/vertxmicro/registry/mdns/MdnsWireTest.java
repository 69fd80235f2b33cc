// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.registry.mdns;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.vertxmicro.errors.GrpcStatus;
import dev.vertxmicro.errors.RpcException;
import dev.vertxmicro.registry.Home;
import dev.vertxmicro.registry.Node;
import dev.vertxmicro.registry.RegisterOptions;
import dev.vertxmicro.registry.Registration;
import dev.vertxmicro.registry.RegistryEvent;
import dev.vertxmicro.registry.RegistryEvent.Action;
import dev.vertxmicro.registry.Service;
import dev.vertxmicro.registry.mdns.DnsMessage.Question;
import dev.vertxmicro.registry.mdns.FakeMulticast.Sent;
import dev.vertxmicro.time.FakeTimeSource;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is said to the group, and what becomes of what go-micro says, on virtual time. */
class MdnsWireTest {

  private static final RegisterOptions LIVING =
      new RegisterOptions(Duration.ofSeconds(60), Duration.ofSeconds(30));
  private static final Service GREETER =
      Service.builder("greeter").version("1").node(Node.of("a", "127.0.0.1:8080")).build();

  private final FakeTimeSource time = new FakeTimeSource();
  private final FakeMulticast group = new FakeMulticast();
  private final MdnsRegistry registry =
      MdnsRegistry.create(group, new MdnsOptions(), time, Home.IMMEDIATE, () -> Runnable::run);

  private static List<DnsRecord> records(long ttl) {
    return List.of(
        DnsRecord.ptr("greeter.micro", ttl, "a.greeter.micro"),
        DnsRecord.srv("a.greeter.micro", ttl, "host", 8_080),
        DnsRecord.address("host", ttl, new byte[] {127, 0, 0, 1}),
        DnsRecord.txt("a.greeter.micro", ttl, TxtJson.write(GREETER, GREETER.nodes().get(0))));
  }

  private static List<DnsRecord> announced(long ttl) {
    return records(ttl).subList(1, 4);
  }

  @ParameterizedTest
  @ValueSource(strings = {"v4.9.0", "v5.30.0"})
  void findsWhatGoMicroAnswers(String version) {
    Future<List<Service>> found = registry.get("greeter");
    assertEquals(List.of(new Sent("asked", DnsMessage.question("greeter.micro"))), group.sent);

    group.come(Captured.of(version, "answer"), 5_353);
    time.advance(Duration.ofMillis(100));

    Service service = found.result().get(0);
    assertEquals("greeter", service.name());
    assertEquals("1.2.3", service.version());
    assertEquals(11, service.endpoints().size());
    Node node = service.nodes().get(0);
    assertTrue(node.id().startsWith("greeter-"), node.id());
    assertTrue(node.address().startsWith("127.0.0.1:"), node.address());
    assertEquals("a", node.metadata().get("zone"));
    assertEquals("grpc", node.protocol());
  }

  @ParameterizedTest
  @ValueSource(strings = {"v4.9.0", "v5.30.0"})
  void listsWhatGoMicroLists(String version) {
    Future<List<String>> listed = registry.list();
    assertEquals(List.of(new Sent("asked", DnsMessage.question("_services.micro"))), group.sent);

    group.come(Captured.of(version, "list"), 5_353);
    time.advance(Duration.ofMillis(100));

    assertEquals(List.of("greeter"), listed.result());
  }

  @Test
  void watchesGoMicroComeAndGo() {
    List<RegistryEvent> events = new ArrayList<>();
    registry.watch("greeter", events::add);
    time.advance(Duration.ofMillis(100));

    group.come(Captured.of("v5.30.0", "probe"), 5_353);
    group.come(Captured.of("v5.30.0", "announcement"), 5_353);
    group.come(Captured.of("v5.30.0", "announcement"), 5_353);
    group.come(Captured.of("v5.30.0", "goodbye"), 5_353);

    assertEquals(
        List.of(Action.CREATE, Action.DELETE), events.stream().map(RegistryEvent::action).toList());
    assertEquals("latest", events.get(0).service().version());
  }

  @Test
  void whoIsSilentIsAskedForAndGoesWithItsTtl() {
    List<RegistryEvent> events = new ArrayList<>();
    registry.watch("greeter", events::add);
    time.advance(Duration.ofMillis(100));
    group.come(Captured.of("v5.30.0", "announcement"), 5_353);
    group.sent.clear();

    time.advance(Duration.ofSeconds(119));
    assertEquals(1, events.size());
    assertEquals(List.of(new Sent("asked", DnsMessage.question("greeter.micro"))), group.sent);
    time.advance(Duration.ofSeconds(1));

    assertEquals(Action.DELETE, events.get(1).action());
  }

  @Test
  void answersGoMicroWhereItAsks() {
    registry.register(GREETER, LIVING);
    group.sent.clear();

    group.come(Captured.of("v5.30.0", "question"), 40_000);
    group.come(Captured.of("v5.30.0", "list-question"), 40_001);

    DnsMessage question = DnsMessage.read(Captured.of("v5.30.0", "question"));
    DnsMessage list = DnsMessage.read(Captured.of("v5.30.0", "list-question"));
    assertEquals(
        new Sent(
            "127.0.0.1:40000",
            new DnsMessage(question.id(), true, question.questions(), records(120))),
        group.sent.get(0));
    Sent listed = group.sent.get(1);
    assertEquals("127.0.0.1:40001", listed.to());
    assertEquals(list.questions(), listed.message().questions());
    assertEquals("greeter._services.micro", listed.message().records().get(0).target());
    assertEquals(2, group.sent.size());
  }

  @Test
  void answersAllWhereThePortIsThatOfAll() {
    registry.register(GREETER, LIVING);
    group.sent.clear();

    group.come(DnsMessage.question("greeter.micro").write(), 5_353);
    group.come(DnsMessage.question("a.greeter.micro").write(), 5_353);
    group.come(
        new DnsMessage(
                9, false, List.of(new Question("greeter.micro", DnsMessage.ANY, true)), List.of())
            .write(),
        5_353);
    group.come(DnsMessage.question("greeter.local").write(), 5_353);
    group.come(DnsMessage.question("other.micro").write(), 5_353);
    group.come(Buffer.buffer("nonsense"), 5_353);

    assertEquals(
        List.of("all", "all", "127.0.0.1:5353"), group.sent.stream().map(Sent::to).toList());
    assertEquals(9, group.sent.get(2).message().id());
  }

  @Test
  void announcesAtEachSignOfLifeAndSaysGoodbye() {
    Registration registration = registry.register(GREETER, LIVING).result();
    time.advance(Duration.ofSeconds(30));
    registration.close();

    Sent alive = new Sent("all", DnsMessage.response(announced(120)));
    assertEquals(
        List.of(alive, alive, new Sent("all", DnsMessage.response(announced(0)))), group.sent);
  }

  @ParameterizedTest
  @ValueSource(strings = {"localhost:80", "127.0.0.1", "127.0.0.1:0", "127.0.0.1:x", "::1", ":80"})
  void refusesWhatIsNoAddress(String address) {
    Service service = Service.builder("greeter").node(Node.of("a", address)).build();

    Future<Registration> refused = registry.register(service, LIVING);

    assertEquals(400, ((RpcException) refused.cause()).code());
    assertEquals(0, time.armed());
  }

  @Test
  void refusesNamesThatDnsHasNotAndWhatDoesNotFit() {
    Node node = Node.of("a".repeat(64), "127.0.0.1:1");
    Service named = Service.builder("greeter").node(node).build();
    Random random = new Random(3);
    Node.Builder large = Node.builder("a", "127.0.0.1:1");
    for (int i = 0; i < 6_000; i++) {
      large.metadata("k" + i, Long.toHexString(random.nextLong()));
    }
    Service tooLarge = Service.builder("greeter").node(large.build()).build();

    assertEquals(400, ((RpcException) registry.register(named, LIVING).cause()).code());
    assertEquals(
        GrpcStatus.RESOURCE_EXHAUSTED,
        ((RpcException) registry.register(tooLarge, LIVING).cause()).grpcStatus());
  }
}
