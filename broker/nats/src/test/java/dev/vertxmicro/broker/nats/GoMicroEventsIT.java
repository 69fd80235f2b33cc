// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.broker.nats;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.vertxmicro.broker.Event;
import dev.vertxmicro.broker.SubscribeOption;
import dev.vertxmicro.codec.Message;
import dev.vertxmicro.metadata.Metadata;
import dev.vertxmicro.peers.NatsServer;
import dev.vertxmicro.peers.Programs;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonObject;
import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A real go-micro service and this broker on one NATS server. */
class GoMicroEventsIT {

  private final Vertx vertx = Vertx.vertx();
  private NatsServer server;
  private NatsBroker broker;

  @BeforeEach
  void start() {
    server = NatsServer.start();
    broker = NatsBroker.create(vertx, new NatsBrokerOptions().setServers(List.of(server.url())));
    broker.connect().await();
  }

  @AfterEach
  void stop() {
    if (server != null) {
      broker.close().await();
      server.close();
    }
    vertx.close().await();
  }

  /** The program: lines of JSON in and out. */
  private final class GoMicro implements AutoCloseable {
    private final Process process;
    private final BufferedWriter in;
    private final BlockingQueue<JsonObject> lines = new LinkedBlockingQueue<>();

    GoMicro(String... args) throws Exception {
      List<String> command = new ArrayList<>();
      command.add(Programs.find("events-v5").toString());
      command.addAll(List.of("-address", "127.0.0.1:" + server.port()));
      command.addAll(List.of(args));
      process = new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
      in = process.outputWriter(UTF_8);
      Thread reader = new Thread(this::readLines, "lines of go-micro");
      reader.setDaemon(true);
      reader.start();
      assertTrue(next().getBoolean("ready"));
    }

    private void readLines() {
      try (BufferedReader out = process.inputReader(UTF_8)) {
        for (String line = out.readLine(); line != null; line = out.readLine()) {
          lines.add(new JsonObject(line));
        }
      } catch (IOException ended) {
        lines.add(new JsonObject().put("ended", ended.toString()));
      }
    }

    JsonObject next() throws InterruptedException {
      JsonObject line = lines.poll(20, TimeUnit.SECONDS);
      assertNotNull(line, "go-micro said nothing in time");
      return line;
    }

    void publish(String topic, JsonObject header, byte[] body) throws IOException {
      in.write(
          new JsonObject().put("topic", topic).put("header", header).put("body", body).encode());
      in.newLine();
      in.flush();
    }

    @Override
    public void close() {
      try {
        in.close();
      } catch (IOException gone) {
        process.destroy();
      }
      try {
        if (!process.waitFor(10, TimeUnit.SECONDS)) {
          process.destroyForcibly();
        }
      } catch (InterruptedException e) {
        process.destroyForcibly();
        Thread.currentThread().interrupt();
      }
    }
  }

  @Test
  void goMicroReadsWhatWePublish() throws Exception {
    try (GoMicro goMicro = new GoMicro("-topic", "orders")) {
      Message event =
          Message.event("orders")
              .id("4f5a")
              .contentType("application/json")
              .headers(Metadata.of("X-Trace", "é日本"))
              .body(Buffer.buffer("{\"a\":1}"))
              .build();

      broker.publish("orders", event).await();

      JsonObject got = goMicro.next();
      assertEquals("orders", got.getString("topic"));
      assertEquals(
          new JsonObject()
              .put("Micro-Id", "4f5a")
              .put("Micro-Topic", "orders")
              .put("Content-Type", "application/json")
              .put("X-Trace", "é日本"),
          got.getJsonObject("header"));
      assertEquals("{\"a\":1}", new String(got.getBinary("body"), UTF_8));
    }
  }

  @Test
  void weReadWhatGoMicroPublishes() throws Exception {
    BlockingQueue<Event> events = new LinkedBlockingQueue<>();
    broker
        .subscribe(
            "orders",
            event -> {
              events.add(event);
              return Future.succeededFuture();
            })
        .await();
    try (GoMicro goMicro = new GoMicro()) {
      JsonObject header =
          new JsonObject()
              .put("Micro-Id", "7")
              .put("Micro-Topic", "orders")
              .put("Content-Type", "application/json")
              .put("X-Html", "<a&b>");

      goMicro.publish("orders", header, "[\"é\"]".getBytes(UTF_8));
      goMicro.publish("orders", null, new byte[0]);

      Event event = events.poll(20, TimeUnit.SECONDS);
      assertNotNull(event);
      assertEquals("7", event.message().id());
      assertEquals("orders", event.message().target());
      assertEquals("<a&b>", event.message().headers().get("X-Html"));
      assertEquals(List.of("é"), event.body(List.class));
      Event empty = events.poll(20, TimeUnit.SECONDS);
      assertNotNull(empty);
      assertEquals(Message.event("orders").build(), empty.message());
    }
  }

  @Test
  void sharesAQueueGroupWithGoMicro() throws Exception {
    BlockingQueue<Event> ours = new LinkedBlockingQueue<>();
    try (GoMicro goMicro = new GoMicro("-topic", "orders", "-queue", "billing")) {
      broker
          .subscribe(
              "orders",
              event -> {
                ours.add(event);
                return Future.succeededFuture();
              },
              SubscribeOption.queue("billing"))
          .await();

      for (int i = 0; i < 200; i++) {
        broker.publish("orders", Message.event("orders").id("" + i).build()).await();
      }

      long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
      while (ours.size() + goMicro.lines.size() < 200 && System.nanoTime() < end) {
        Thread.onSpinWait();
      }
      assertEquals(200, ours.size() + goMicro.lines.size());
      assertTrue(!ours.isEmpty() && !goMicro.lines.isEmpty());
    }
  }
}
