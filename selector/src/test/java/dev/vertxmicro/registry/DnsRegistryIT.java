// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.registry;

import static dev.vertxmicro.registry.DnsServer.address;
import static dev.vertxmicro.registry.DnsServer.cname;
import static dev.vertxmicro.registry.DnsServer.srv;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.vertxmicro.errors.RpcException;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The DNS registry against a DNS server of its own on loopback. */
class DnsRegistryIT {

  private static final String NAME = "_grpc._tcp.greeter.test";

  private final Vertx vertx = Vertx.vertx();
  private final List<DnsRegistry> opened = new ArrayList<>();
  private DnsServer server;

  @BeforeEach
  void start() throws Exception {
    server = await(DnsServer.start(vertx));
  }

  @AfterEach
  void stop() throws Exception {
    for (DnsRegistry registry : opened) {
      await(registry.close());
    }
    await(server.close());
    await(vertx.close());
  }

  private DnsRegistry open(DnsOptions options) {
    DnsRegistry registry = DnsRegistry.create(vertx, options);
    opened.add(registry);
    return registry;
  }

  private DnsRegistry srvRegistry() {
    return open(
        new DnsOptions()
            .setName("_grpc._tcp.{service}.test")
            .setServers(List.of(server.address()))
            .setQueryTimeout(Duration.ofMillis(500)));
  }

  private DnsRegistry addressRegistry(DnsRecords records) {
    return open(
        new DnsOptions()
            .setName("{service}.test")
            .setRecords(records)
            .setPort(8080)
            .setServers(List.of(server.address()))
            .setQueryTimeout(Duration.ofMillis(500)));
  }

  private static List<String> ids(Registry registry) throws Exception {
    return await(registry.get("greeter")).stream()
        .flatMap(version -> version.nodes().stream())
        .map(Node::id)
        .toList();
  }

  private static RpcException failure(Registry registry) {
    ExecutionException failed =
        assertThrows(ExecutionException.class, () -> await(registry.get("greeter")));
    RpcException failure = assertInstanceOf(RpcException.class, failed.getCause());
    assertEquals(503, failure.code());
    return failure;
  }

  @Test
  void srvRecordsAreFound() throws Exception {
    server.answer(
        NAME,
        DnsServer.SRV,
        srv(NAME, 60, 10, 40_000, 9000, "node-1.test"),
        srv(NAME, 60, 40_000, 1, 9001, "node-2.test"),
        srv(NAME, 60, 10, 5, 65_535, "Node-3.Test"),
        srv(NAME, 60, 10, 5, 9000, "."));

    List<Node> nodes = await(srvRegistry().get("greeter")).get(0).nodes();

    assertEquals(
        List.of("node-1.test:9000", "node-3.test:65535"),
        nodes.stream().map(Node::address).toList());
    assertEquals(40_000, nodes.get(0).weight());
    assertEquals("10", nodes.get(0).metadata().get(DnsRegistry.PRIORITY));
  }

  @Test
  void addressesOfBothKindsAreFound() throws Exception {
    server.answer(
        "greeter.test",
        DnsServer.A,
        address("greeter.test", DnsServer.A, 60, 127, 0, 0, 2),
        address("greeter.test", DnsServer.A, 60, 127, 0, 0, 1));
    server.answer(
        "greeter.test",
        DnsServer.AAAA,
        address(
            "greeter.test", DnsServer.AAAA, 60, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1));

    assertEquals(List.of("127.0.0.1:8080", "127.0.0.2:8080"), ids(addressRegistry(DnsRecords.A)));
    assertEquals(List.of("[::1]:8080"), ids(addressRegistry(DnsRecords.AAAA)));
  }

  @Test
  void aliasesAreFollowedWithinAnAnswerAndBeyond() throws Exception {
    server.answer(
        "greeter.test",
        DnsServer.A,
        cname("greeter.test", "Alias.test"),
        cname("alias.test", "other.test"));
    server.answer(
        "other.test",
        DnsServer.A,
        cname("other.test", "last.test"),
        address("last.test", DnsServer.A, 60, 127, 0, 0, 9));

    assertEquals(List.of("127.0.0.9:8080"), ids(addressRegistry(DnsRecords.A)));
  }

  @Test
  void aliasesInACircleAreAFailure() throws Exception {
    server.answer("greeter.test", DnsServer.A, cname("greeter.test", "one.test"));
    server.answer("one.test", DnsServer.A, cname("one.test", "greeter.test"));

    assertTrue(failure(addressRegistry(DnsRecords.A)).detail().contains("more than 8 aliases"));
  }

  @Test
  void nameThatDoesNotExistAndOneWithoutSuchRecordsAreUnknown() throws Exception {
    assertEquals(List.of(), ids(srvRegistry()));

    server.answer(NAME, DnsServer.SRV);
    assertEquals(List.of(), ids(srvRegistry()));
    server.answer(NAME, DnsServer.SRV, srv("other.test", 60, 1, 1, 1, "node-1.test"));
    assertEquals(List.of(), ids(srvRegistry()));
  }

  @Test
  void errorsOfTheServerAreFailures() {
    for (int code : new int[] {1, 2, 4, 5}) {
      server.fail(code);

      assertTrue(failure(srvRegistry()).detail().contains("answers"), "code " + code);
    }
  }

  @Test
  void silentServerIsAFailure() {
    server.beSilent();

    assertTrue(failure(srvRegistry()).detail().contains(NAME));
  }

  @Test
  void nextServerIsAskedWhenOneIsSilentOrFails() throws Exception {
    DnsServer second = await(DnsServer.start(vertx));
    second.answer(NAME, DnsServer.SRV, srv(NAME, 60, 1, 1, 9000, "node-1.test"));
    DnsOptions options =
        new DnsOptions()
            .setName("_grpc._tcp.{service}.test")
            .setServers(List.of(server.address(), second.address()))
            .setQueryTimeout(Duration.ofMillis(300));

    server.fail(2);
    assertEquals(List.of("node-1.test:9000"), ids(open(options)));
    server.beSilent();
    assertEquals(List.of("node-1.test:9000"), ids(open(options)));
    // That there is nothing is an answer.
    server = restart();
    options.setServers(List.of(server.address(), second.address()));
    assertEquals(List.of(), ids(open(options)));
    await(second.close());
  }

  private DnsServer restart() throws Exception {
    await(server.close());
    return await(DnsServer.start(vertx));
  }

  @Test
  void answerThatIsCutShortIsAskedForOverTcp() throws Exception {
    DnsServer.Record[] many = new DnsServer.Record[200];
    for (int i = 0; i < many.length; i++) {
      many[i] = srv(NAME, 60, 1, 1, 9000 + i, "node.test");
    }
    server.answer(NAME, DnsServer.SRV, many);

    assertEquals(200, ids(srvRegistry()).size());
  }

  @Test
  void garbageIsAFailureAndNothingHangs() throws Exception {
    SplittableRandom random = new SplittableRandom(5);
    Buffer record =
        DnsServer.name(NAME)
            .appendUnsignedShort(DnsServer.SRV)
            .appendUnsignedShort(1)
            .appendUnsignedInt(60)
            .appendUnsignedShort(8)
            .appendUnsignedShort(1)
            .appendUnsignedShort(1)
            .appendUnsignedShort(1)
            // A name that points at itself: 12 bytes of header, the question, then this record.
            .appendUnsignedShort(0xc000 | (12 + (NAME.length() + 6) + (NAME.length() + 2) + 16));
    server.answerGarbage(record);
    failure(srvRegistry());

    for (int round = 0; round < 40; round++) {
      Buffer mutant = record.copy();
      for (int i = 0; i < 3; i++) {
        mutant.setByte(random.nextInt(mutant.length()), (byte) random.nextInt(256));
      }
      server.answerGarbage(mutant);
      DnsRegistry registry =
          open(
              new DnsOptions()
                  .setName("_grpc._tcp.{service}.test")
                  .setServers(List.of(server.address()))
                  .setQueryTimeout(Duration.ofMillis(50)));
      // Whatever it is, it ends.
      await(registry.get("greeter").otherwiseEmpty());
    }
  }

  @Test
  void lookUpsThatComeTogetherAreOneQuery() throws Exception {
    server.answer(NAME, DnsServer.SRV, srv(NAME, 1, 1, 1, 9000, "node-1.test"));
    DnsRegistry registry = srvRegistry();

    List<Future<List<Service>>> all = new ArrayList<>();
    for (int i = 0; i < 100; i++) {
      all.add(registry.get("greeter"));
    }
    await(Future.all(all));
    ids(registry);

    assertEquals(1, server.queries());
  }

  private static <T> T await(Future<T> future) throws Exception {
    return future.toCompletionStage().toCompletableFuture().get(20, TimeUnit.SECONDS);
  }
}
