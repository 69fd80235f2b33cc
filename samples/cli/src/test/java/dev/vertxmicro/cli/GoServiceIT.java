// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.DescriptorProtos.FileDescriptorSet;
import dev.vertxmicro.greeter.GreeterProto;
import dev.vertxmicro.peers.ConsulServer;
import dev.vertxmicro.peers.GoPeer;
import dev.vertxmicro.registry.etcd.EtcdServer;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The command line and real go-micro services in a real etcd and a real Consul. */
class GoServiceIT {

  private static EtcdServer etcd;
  private static ConsulServer consul;
  private static GoPeer inEtcd;
  private static GoPeer inConsul;

  @BeforeAll
  static void start() throws InterruptedException {
    etcd = EtcdServer.start();
    consul = ConsulServer.forgetful();
    inEtcd =
        GoPeer.start(
            GoPeer.V5, "greeter", "-registry", "etcd", "-registry-address", etcd.address());
    inConsul =
        GoPeer.start(
            GoPeer.V4, "greeter", "-registry", "consul", "-registry-address", consul.address());
  }

  @AfterAll
  static void stop() {
    if (inConsul != null) {
      inConsul.close();
    }
    if (inEtcd != null) {
      inEtcd.close();
    }
    if (consul != null) {
      consul.close();
    }
    if (etcd != null) {
      etcd.close();
    }
  }

  private static String[] with(String registry, String address, String... args) {
    String[] all = new String[args.length + 2];
    System.arraycopy(args, 0, all, 0, args.length);
    all[args.length] = "--registry=" + registry;
    all[args.length + 1] = "--registry-address=" + address;
    return all;
  }

  private static Run run(String... args) {
    return Run.of(with("etcd", etcd.address(), args));
  }

  @Test
  void listsServices() {
    assertEquals("greeter\tlatest\t1\n", run("services").out());
    assertEquals(
        new JsonObject()
            .put("name", "greeter")
            .put("versions", new JsonArray().add("latest"))
            .put("nodes", 1),
        run("services", "--json").json());
    List<String> consulHas =
        Run.of(with("consul", consul.address(), "services"))
            .out()
            .lines()
            .map(line -> line.split("\t")[0])
            .toList();
    assertEquals(List.of("consul", "greeter"), consulHas);
  }

  @Test
  void describesAService() {
    Run run = run("describe", "greeter");
    JsonObject json =
        Run.of(with("consul", consul.address(), "describe", "greeter", "--json")).json();

    assertEquals(0, run.code(), run::err);
    assertTrue(run.out().contains("\t" + inEtcd.address() + "\t"), run::out);
    assertTrue(
        run.out().contains("Greeter.Hello\tHelloRequest {name string}\tHelloReply {"), run::out);
    assertEquals(
        inConsul.address(), json.getJsonArray("nodes").getJsonObject(0).getString("address"));
    assertEquals(3, run("describe", "nobody").code());
  }

  @Test
  void callsWithPlainJson() {
    Run text = run("call", "greeter", "Greeter.Hello", "{\"name\":\"Ada\"}");
    Run json =
        Run.of(
            with(
                "consul",
                consul.address(),
                "call",
                "greeter",
                "Greeter.Hello",
                "{\"name\":\"Ada\"}",
                "--json",
                "--strategy=random"));

    assertEquals(0, text.code(), text::err);
    assertEquals("Hello Ada", text.json().getString("greeting"));
    assertEquals("Hello Ada", json.json().getJsonObject("reply").getString("greeting"), json::err);
    assertEquals(1, json.json().getInteger("attempts"));
    assertEquals(inConsul.address(), json.json().getString("address"));
  }

  private static Path greeterSet(Path directory) throws IOException {
    return Files.write(
        directory.resolve("greeter.set"),
        FileDescriptorSet.newBuilder()
            .addFile(GreeterProto.getDescriptor().toProto())
            .build()
            .toByteArray());
  }

  @Test
  void callsWithProtobufOfADescriptorSet(@TempDir Path dir) throws Exception {
    Path set = greeterSet(dir);

    Run run =
        run(
            "call",
            "greeter",
            "Greeter.Hello",
            "{\"name\":\"Ada\"}",
            "--descriptor-set=" + set,
            "--address=" + inEtcd.address());
    Run unknownField =
        run("call", "greeter", "Greeter.Hello", "{\"nam\":1}", "--descriptor-set=" + set);
    Run contradiction =
        run(
            "call",
            "greeter",
            "Greeter.Hello",
            "--descriptor-set=" + set,
            "--content-type=application/json");
    Run unknownEndpoint =
        run("call", "greeter", "Greeter.Nothing", "{}", "--descriptor-set=" + set);

    assertEquals(0, run.code(), run::err);
    assertEquals("Hello Ada", run.json().getString("greeting"));
    assertEquals(inEtcd.address(), run.json().getString("servedBy"), "protobuf's own JSON");
    assertEquals(2, unknownField.code());
    assertTrue(unknownField.err().contains("greeter.HelloRequest"), unknownField::err);
    assertEquals(2, contradiction.code());
    assertTrue(contradiction.err().contains("--content-type"), contradiction::err);
    assertEquals(3, unknownEndpoint.code());
    assertTrue(unknownEndpoint.err().contains("Greeter.Hello"), unknownEndpoint::err);
  }

  @Test
  void sendsMetadata() {
    Run run =
        run("call", "greeter", "Greeter.Metadata", "-m", "Tenant=blue", "--metadata", "Trace=7");

    assertEquals(0, run.code(), run::err);
    JsonObject metadata = run.json().getJsonObject("metadata");
    String all = metadata.encode().toLowerCase(Locale.ROOT);
    assertTrue(all.contains("\"tenant\":\"blue\"") && all.contains("\"trace\":\"7\""), all);
  }

  @Test
  void exitCodesSayWhatFailed() {
    Run error =
        run(
            "call",
            "greeter",
            "Greeter.Fail",
            "{\"code\":404,\"id\":\"shop\",\"detail\":\"no such book\"}",
            "--json");
    assertEquals(1, error.code(), "the service's own error");
    JsonObject said = new JsonObject(error.err());
    assertEquals("shop", said.getString("id"));
    assertEquals(404, said.getInteger("code"));
    assertEquals("no such book", said.getString("detail"));

    assertEquals(3, run("call", "nobody", "Greeter.Hello").code(), "no such service");
    assertEquals(3, run("call", "greeter", "Greeter.Nothing").code(), "no such endpoint");
    assertEquals(
        4, run("call", "x", "A.B", "--address=127.0.0.1:1", "--retries=0").code(), "nobody there");
    Run nobodyThere = run("call", "x", "A.B", "--address=127.0.0.1:1");
    assertTrue(nobodyThere.err().startsWith("micro: x A.B: 503 "), nobodyThere::err);
    assertEquals(4, Run.of(with("etcd", "127.0.0.1:1", "services")).code(), "no registry there");
    assertEquals(
        4, Run.of(with("consul", "127.0.0.1:1", "watch", "x")).code(), "no registry there");
    assertEquals(404, new JsonObject(run("describe", "nobody", "--json").err()).getInteger("code"));
    assertEquals(
        5,
        run("call", "greeter", "Greeter.Slow", "{\"sleep_ms\":20000}", "--timeout=500ms").code(),
        "too late");
    for (String wrong :
        List.of(
            "call greeter",
            "call greeter Greeter.Hello {",
            "call greeter Greeter.Hello {} --timeout=soon",
            "call greeter Greeter.Hello {} --strategy=best",
            "call greeter Greeter.Hello {} --protocol=pigeon",
            "services --registry=paper",
            "call greeter Greeter.Hello {} --retries=101",
            "call greeter Greeter.Hello {} --descriptor-set=no/such.set",
            "bench greeter Greeter.Hello {} --retries=101",
            "bench greeter Greeter.Hello {} --rate=0",
            "bench greeter Greeter.Hello {} --chart=x.bmp",
            "nothing")) {
      boolean calls = wrong.contains("greeter");
      Run run = calls ? run(wrong.split(" ")) : Run.of(wrong.split(" "));
      assertEquals(2, run.code(), () -> wrong + ": " + run);
      assertTrue(run.err().startsWith("micro: "), run::err);
      assertTrue(run.err().contains("--help") && run.err().lines().count() < 15, run::err);
    }
  }

  @Test
  void callsGoMicrosOwnProtocol(@TempDir Path dir) throws Exception {
    Path set = greeterSet(dir);
    try (GoPeer mucp = GoPeer.start(GoPeer.V4, "greeter", "-server", "mucp")) {
      Run run =
          Run.of(
              "call",
              "greeter",
              "Greeter.Hello",
              "{\"name\":\"Ada\"}",
              "--protocol=mucp",
              "--address=" + mucp.address());
      Run protobuf =
          Run.of(
              "call",
              "greeter",
              "Greeter.Hello",
              "{\"name\":\"Bo\"}",
              "--descriptor-set=" + set,
              "--protocol=mucp",
              "--address=" + mucp.address());

      assertEquals(0, run.code(), run::err);
      assertEquals("Hello Ada", run.json().getString("greeting"));
      assertEquals(0, protobuf.code(), protobuf::err);
      assertEquals("Hello Bo", protobuf.json().getString("greeting"));
      assertEquals(mucp.address(), protobuf.json().getString("servedBy"), "protobuf's own JSON");
    }
  }

  @Test
  void streamsBothWays() {
    Run count = run("stream", "greeter", "Greeter.Count", "{\"to\":3}");
    Run chat = run("stream", "greeter", "Greeter.Chat", "{\"text\":\"a\"}", "{\"text\":\"b\"}");
    Run failed =
        run("stream", "greeter", "Greeter.Chat", "{\"text\":\"a\"}", "{\"fail_code\":409}");

    assertEquals(0, count.code(), count::err);
    assertEquals(3, count.lines().size(), count::out);
    assertEquals(0, chat.code(), chat::err);
    assertEquals(
        List.of("a", "b"), chat.lines().stream().map(line -> line.getString("text")).toList());
    assertEquals(1, failed.code(), failed::err);
  }

  @Test
  void watchesAService() throws Exception {
    CompletableFuture<Run> watching =
        Run.inBackground(
            with("consul", consul.address(), "watch", "seen", "--count=2", "--for=60s", "--json"));
    // Whenever the watch begins to stand, one of these comes after.
    Run run = null;
    for (int i = 0; i < 30 && run == null; i++) {
      try (GoPeer peer =
          GoPeer.start(
              GoPeer.V4, "seen", "-registry", "consul", "-registry-address", consul.address())) {
        assertTrue(peer.address().startsWith("127.0.0.1:"));
      }
      try {
        run = watching.get(300, TimeUnit.MILLISECONDS);
      } catch (TimeoutException notYet) {
        run = null;
      }
    }

    Run ended = run == null ? watching.get(60, TimeUnit.SECONDS) : run;
    assertEquals(0, ended.code(), ended::err);
    assertEquals(2, ended.lines().size());
    assertTrue(
        Set.of("create", "update", "delete").contains(ended.lines().get(0).getString("action")));
    assertEquals("seen", ended.lines().get(0).getJsonObject("service").getString("name"));
  }

  @Test
  void benchesAndDraws(@TempDir Path dir) throws Exception {
    Path chart = dir.resolve("chart.svg");

    Run run =
        run(
            "bench",
            "greeter",
            "Greeter.Hello",
            "{\"name\":\"Ada\"}",
            "--rate=100",
            "--duration=1s",
            "--json",
            "--chart=" + chart);
    Run text = run("bench", "greeter", "Greeter.Hello", "--rate=50", "--duration=500ms");
    Run failing =
        run(
            "bench",
            "greeter",
            "Greeter.Fail",
            "{\"code\":409}",
            "--rate=20",
            "--duration=500ms",
            "--json");

    assertEquals(0, run.code(), run::err);
    JsonObject result = run.json();
    assertEquals(100, result.getInteger("sent") + result.getInteger("notSent"));
    assertEquals(result.getInteger("sent"), result.getInteger("answered"));
    JsonObject nanos = result.getJsonObject("latencyNanos");
    assertTrue(nanos.getLong("min") > 0 && nanos.getLong("p50") <= nanos.getLong("p99"));
    assertTrue(nanos.getLong("p99") <= nanos.getLong("max"));
    assertEquals(
        "svg",
        DocumentBuilderFactory.newInstance()
            .newDocumentBuilder()
            .parse(chart.toFile())
            .getDocumentElement()
            .getTagName());
    assertTrue(text.out().startsWith("25 calls sent, 25 answered"), text::out);
    assertEquals(1, failing.code());
    assertEquals(10, failing.json().getJsonObject("failures").getInteger("ALREADY_EXISTS"));
  }
}
