// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.vertxmicro.peers.NatsServer;
import dev.vertxmicro.peers.RabbitServer;
import io.vertx.core.json.JsonObject;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Events over real brokers. */
class EventsIT {

  private static NatsServer nats;
  private static RabbitServer rabbit;

  @BeforeAll
  static void start() {
    nats = NatsServer.start();
    rabbit = RabbitServer.start();
  }

  @AfterAll
  static void stop() {
    if (rabbit != null) {
      rabbit.close();
    }
    if (nats != null) {
      nats.close();
    }
  }

  /** Brokers as a user names them; go-micro's own meets in a registry. */
  private static List<String> flags(String broker) {
    return switch (broker) {
      case "nats" -> List.of("--broker=nats", "--broker-address=" + nats.url());
      case "rabbitmq" -> List.of("--broker=rabbitmq", "--broker-address=" + rabbit.address());
      default -> List.of("--broker=http", "--registry=nats", "--registry-address=" + nats.url());
    };
  }

  private static String[] with(String broker, String... args) {
    return Stream.concat(Stream.of(args), flags(broker).stream()).toArray(String[]::new);
  }

  private static Run publish(String broker, String body) {
    return Run.of(with(broker, "publish", "orders", body, "-m", "Tenant=blue"));
  }

  /** Events of before the subscription stands are nobody's: publishes until it has its one. */
  @ParameterizedTest
  @ValueSource(strings = {"nats", "rabbitmq", "http"})
  void subscribersGetWhatIsPublished(String broker) throws Exception {
    CompletableFuture<Run> subscribed =
        Run.inBackground(with(broker, "subscribe", "orders", "--count=1", "--for=60s", "--json"));
    Run run = null;
    for (int i = 0; i < 60 && run == null; i++) {
      Run published = publish(broker, "{\"book\":7}");
      assertEquals(0, published.code(), published::err);
      try {
        run = subscribed.get(200, TimeUnit.MILLISECONDS);
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
    Run run = Run.of(with("nats", "subscribe", "silence", "--count=1", "--for=200ms"));

    assertEquals(5, run.code(), run::err);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "--broker=nats --broker-address=nats://127.0.0.1:1",
        "--broker=rabbitmq --broker-address=127.0.0.1:1",
        "--broker=http --registry=etcd --registry-address=127.0.0.1:1"
      })
  void aBrokerThatIsNotThereIsExitCode4(String flags) {
    Run run = Run.of(("publish t {} " + flags).split(" "));

    assertEquals(4, run.code(), run::err);
    assertTrue(run.err().startsWith("micro: "), run::err);
  }

  @Test
  void whatIsNoJsonIsExitCode2() {
    assertEquals(2, publish("nats", "{").code());
  }
}
