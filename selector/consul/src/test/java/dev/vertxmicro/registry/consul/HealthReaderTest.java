// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.registry.consul;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.vertxmicro.errors.RpcException;
import dev.vertxmicro.registry.Complaints;
import dev.vertxmicro.registry.Endpoint;
import dev.vertxmicro.registry.Node;
import dev.vertxmicro.registry.RecordedLog;
import dev.vertxmicro.registry.Service;
import dev.vertxmicro.registry.consul.Health.State;
import dev.vertxmicro.time.FakeTimeSource;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class HealthReaderTest {

  private static final int MAX_INFLATED = 1 << 20;

  private final RecordedLog log = new RecordedLog();
  private final Complaints complaints = new Complaints(log, new FakeTimeSource());

  private Health read(String body) {
    return new HealthReader("greeter", complaints, MAX_INFLATED).read(7, true, Buffer.buffer(body));
  }

  private Health read(JsonObject... entries) {
    return read(new JsonArray(List.of(entries)).encode());
  }

  private static JsonObject entry(String id, int port, String... tags) {
    return new JsonObject()
        .put(
            "Node",
            new JsonObject().put("ID", "m-1").put("Node", "machine").put("Address", "10.0.0.1"))
        .put(
            "Service",
            new JsonObject()
                .put("ID", id)
                .put("Service", "greeter")
                .put("Tags", new JsonArray(List.of(tags)))
                .put("Address", "10.0.0.2")
                .put("Port", port)
                .put("Weights", new JsonObject().put("Passing", 1))
                .put("CreateIndex", 12))
        .put("Checks", new JsonArray().add(check("passing", "Agent alive and reachable")));
  }

  private static JsonObject check(String status, String output) {
    return new JsonObject().put("Status", status).put("Output", output).put("CheckID", "x");
  }

  private static JsonObject with(JsonObject entry, String status, String output) {
    entry.getJsonArray("Checks").add(check(status, output));
    return entry;
  }

  private static JsonObject withService(JsonObject entry, String field, Object value) {
    entry.getJsonObject("Service").put(field, value);
    return entry;
  }

  private static List<Node> nodes(Health health) {
    return health.up("greeter").stream().flatMap(service -> service.nodes().stream()).toList();
  }

  @Test
  void versionsHaveTheirNodesAndTheEndpointsOfTheFirst() {
    Health health =
        read(
            entry("a", 1, "t={\"zone\":\"x\"}", "e={\"name\":\"A.B\"}", "v=1"),
            entry("b", 2, "v=1", "e={\"name\":\"C.D\"}"),
            entry("c", 3, "v=2"));

    assertEquals(
        List.of(
            Service.builder("greeter")
                .version("1")
                .endpoint(Endpoint.of("A.B"))
                .node(Node.builder("a", "10.0.0.2:1").metadata("zone", "x").build())
                .node(Node.of("b", "10.0.0.2:2"))
                .build(),
            Service.builder("greeter").version("2").node(Node.of("c", "10.0.0.2:3")).build()),
        health.up("greeter"));
    assertEquals("m-1 a 12", health.entries().get("a").mark());
    assertEquals("machine", health.entries().get("a").machine());
    assertEquals(7, health.index());
  }

  @Test
  void warningIsUpAndCriticalIsNot() {
    Health health =
        read(
            with(entry("warned", 1), "warning", "slow"),
            with(entry("expired", 2), "critical", "TTL expired"),
            with(entry("fresh", 3), "critical", ""),
            with(with(entry("both", 4), "critical", "gone"), "critical", ""),
            with(entry("odd", 5), "maintenance?", ""));

    assertEquals(
        List.of(State.UP, State.DOWN, State.UNKNOWN, State.DOWN, State.UP),
        health.entries().values().stream().map(Health.Entry::state).toList());
    assertEquals(List.of("warned", "odd"), nodes(health).stream().map(Node::id).toList());
  }

  @Test
  void addressComesFromTheServiceElseFromTheMachine() {
    assertEquals(
        List.of(Node.of("a", "10.0.0.1:1")),
        nodes(read(withService(entry("a", 1), "Address", ""))));
    assertEquals(
        List.of(Node.of("a", "[::1]:1")),
        nodes(read(withService(entry("a", 1), "Address", "::1"))));
    assertEquals(
        List.of(Node.of("a", "queue.7")),
        nodes(read(withService(entry("a", 0), "Address", "queue.7"))));
  }

  @Test
  void anIdThatComesTwiceIsTheBetterOne() {
    JsonObject here = entry("a", 1);
    JsonObject gone = with(entry("a", 2), "critical", "TTL expired");

    assertEquals(List.of(Node.of("a", "10.0.0.2:1")), nodes(read(gone, here)));
    assertEquals(List.of(Node.of("a", "10.0.0.2:1")), nodes(read(here, gone)));
    assertEquals(List.of(Node.of("a", "10.0.0.2:1")), nodes(read(here, entry("a", 1))));
    assertEquals(List.of(), log.warnings());

    assertEquals(List.of(Node.of("a", "10.0.0.2:1")), nodes(read(here, entry("a", 3))));
    assertEquals(1, log.warnings().size());
  }

  @Test
  void whatNamesNoNodeIsLeftOutWithAComplaintAndTheRestIsServed() {
    String entries =
        new JsonArray()
            .add(entry("good", 1))
            .add("text")
            .add(7)
            .add(withService(entry("noPort", 1), "Port", 70_000))
            .add(withService(entry("minus", 1), "Port", -1))
            .add(withService(entry("", 1), "Port", 1))
            .add(withService(entry("spaces", 1), "Address", "a b"))
            .add(new JsonObject().put("Service", new JsonObject().put("Service", "greeter")))
            .encode();

    assertEquals(List.of(Node.of("good", "10.0.0.2:1")), nodes(read(entries)));
    assertTrue(log.warnings().size() >= 5, log.warnings()::toString);
  }

  @Test
  void fieldsOfAWrongTypeAreAbsent() {
    JsonObject odd = entry("a", 1);
    odd.put("Checks", "none").put("Extra", new JsonArray().add(new JsonObject()));
    odd.getJsonObject("Service")
        .put("Tags", new JsonObject().put("t", 1))
        .put("CreateIndex", "x")
        .put("Address", new JsonArray());
    odd.getJsonObject("Node").put("ID", new JsonObject().put("a", new JsonArray()));

    assertEquals(List.of(Node.of("a", "10.0.0.1:1")), nodes(read(odd)));
    assertEquals("", read(odd).entries().get("a").mark());
    assertEquals(
        List.of(Node.of("b", "10.0.0.2:2")),
        nodes(read(withService(entry("b", 2, "x"), "Tags", new JsonArray().add(1).addNull()))));
  }

  @Test
  void entriesOfOtherServicesAreNotOurs() {
    assertEquals(List.of(), nodes(read(withService(entry("a", 1), "Service", "greeter-proxy"))));
    assertEquals(List.of(), log.warnings());
  }

  @Test
  void noEntriesAreNoVersions() {
    assertEquals(List.of(), read("[]").up("greeter"));
    assertEquals(List.of(), read("null").up("greeter"));
  }

  @Test
  void whatIsNoAnswerFails() {
    for (String body : List.of("", "{}", "7", "<html>", "[", "[{\"Service\":", "[{]", "nul")) {
      RpcException failure = assertThrows(RpcException.class, () -> read(body), body);
      assertEquals(500, failure.code());
      assertFalse(failure.getMessage().contains("<html>"), failure.getMessage());
    }
  }

  @Test
  void tagsOfANodeAreBounded() {
    String[] tags =
        IntStream.range(0, HealthReader.MAX_TAGS + 1).mapToObj(i -> "x").toArray(String[]::new);
    tags[HealthReader.MAX_TAGS] = "v=2";

    assertEquals("", read(entry("a", 1, tags)).up("greeter").get(0).version());
    assertEquals(1, log.warnings().size());
  }

  @Test
  void tagsThatInflateToTooMuchFailTheAnswer() {
    String[] tags =
        IntStream.range(0, 20)
            .mapToObj(
                i -> ConsulTagsTest.hex('t', "{\"k" + i + "\":\"" + "x".repeat(60_000) + "\"}"))
            .toArray(String[]::new);

    assertThrows(RpcException.class, () -> read(entry("a", 1, tags)));
  }

  @Test
  void nothingThatStandsInAnAnswerBreaksTheReader() {
    String seed =
        new JsonArray()
            .add(with(entry("a", 1, "t={\"zone\":\"x\"}", "v=1", "other"), "warning", "w"))
            .add(with(entry("b", 2), "critical", ""))
            .encode();
    Random random = new Random(42);

    for (int round = 0; round < 20_000; round++) {
      StringBuilder body = new StringBuilder(seed);
      for (int change = random.nextInt(3); change >= 0; change--) {
        int at = random.nextInt(body.length());
        switch (random.nextInt(4)) {
          case 0 -> body.setCharAt(at, "{}[]\",:09-nul".charAt(random.nextInt(13)));
          case 1 -> body.setCharAt(at, (char) random.nextInt(0x10000));
          case 2 -> body.delete(at, Math.min(body.length(), at + random.nextInt(20)));
          default -> body.insert(at, body.substring(random.nextInt(body.length())));
        }
      }
      try {
        Map<String, Health.Entry> entries = read(body.toString()).entries();
        assertTrue(entries.size() <= 10, body::toString);
      } catch (RpcException malformed) {
        assertEquals(500, malformed.code());
      }
    }
  }
}
