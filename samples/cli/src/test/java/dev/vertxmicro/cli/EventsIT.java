// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.vertxmicro.peers.NatsServer;
import io.vertx.core.json.JsonObject;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Events over a real NATS. */
class EventsIT {

  private static NatsServer nats;

  @BeforeAll
  static void start() {
    nats = NatsServer.start();
  }

  @AfterAll
  static void stop() {
    if (nats != null) {
      nats.close();
    }
  }

  private static Run publish(String topic, String body) {
    return Run.of(
        "publish",
        topic,
        body,
        "-m",
        "Tenant=blue",
        "--broker=nats",
        "--broker-address=" + nats.url());
  }

  /** Events of before the subscription stands are nobody's: publishes until it has its one. */
  @Test
  void subscribersGetWhatIsPublished() throws Exception {
    CompletableFuture<Run> subscribed =
        Run.inBackground(
            "subscribe",
            "orders",
            "--count=1",
            "--for=60s",
            "--json",
            "--broker=nats",
            "--broker-address=" + nats.url());
    Run run = null;
    for (int i = 0; i < 20 && run == null; i++) {
      Run published = publish("orders", "{\"book\":7}");
      assertEquals(0, published.code(), published::err);
      try {
        run = subscribed.get(500, TimeUnit.MILLISECONDS);
      } catch (TimeoutException notYet) {
        run = null;
      }
    }

    Run ended = run == null ? subscribed.get(60, TimeUnit.SECONDS) : run;
    assertEquals(0, ended.code(), ended::err);
    JsonObject event = ended.json();
    assertEquals("orders", event.getString("topic"));
    assertEquals(new JsonObject().put("book", 7), event.getJsonObject("body"));
    assertEquals("blue", event.getJsonObject("metadata").getString("Tenant"), event::encode);
  }

  @Test
  void whoGetsNothingInTimeEndsWith5() {
    Run run =
        Run.of(
            "subscribe",
            "silence",
            "--count=1",
            "--for=200ms",
            "--broker=nats",
            "--broker-address=" + nats.url());

    assertEquals(5, run.code(), run::err);
  }

  @Test
  void aBrokerThatIsNotThereIsExitCode4() {
    Run run = Run.of("publish", "t", "{}", "--broker=nats", "--broker-address=nats://127.0.0.1:1");

    assertEquals(4, run.code(), run::err);
    assertTrue(run.err().startsWith("micro: "), run::err);
  }

  @Test
  void whatIsNoJsonIsExitCode2() {
    assertEquals(2, publish("orders", "{").code());
  }
}
