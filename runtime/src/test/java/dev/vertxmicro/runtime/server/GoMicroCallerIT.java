// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.server;

import static dev.vertxmicro.runtime.server.RawCaller.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.vertxmicro.peers.GoPeer;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.Arrays;
import java.util.Base64;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;

/** The clients of real go-micro call what this runtime serves. */
class GoMicroCallerIT {

  @SuppressWarnings("unused") // by FieldSource
  private static final Iterable<String> PROGRAMS = GoPeer.ALL;

  private Vertx vertx;
  private ServedGreeter greeter;

  @BeforeEach
  void start() throws Exception {
    vertx = Vertx.vertx();
    greeter = new ServedGreeter(vertx);
    await(greeter.server().start());
  }

  @AfterEach
  void stop() throws Exception {
    await(vertx.close());
  }

  private JsonObject call(String program, String endpoint, JsonObject request, String... flags)
      throws InterruptedException {
    String[] all = Arrays.copyOf(flags, flags.length + 2);
    all[flags.length] = "-name";
    all[flags.length + 1] = "greeter";
    return GoPeer.call(program, address(), endpoint, request, all);
  }

  private String address() {
    return greeter.server().node().address();
  }

  private JsonObject error(String program, String endpoint, JsonObject request, String... flags)
      throws InterruptedException {
    JsonObject outcome = call(program, endpoint, request, flags);
    JsonObject error = outcome.getJsonObject("error");
    assertNotNull(error, outcome::encode);
    return error;
  }

  @ParameterizedTest
  @FieldSource("PROGRAMS")
  void getReplies(String program) throws Exception {
    JsonObject outcome = call(program, "Greeter.Hello", new JsonObject().put("name", "Ada"));

    assertEquals(
        new JsonObject().put("greeting", "Hello Ada").put("servedBy", address()),
        outcome.getJsonObject("reply"),
        outcome::encode);
  }

  @ParameterizedTest
  @FieldSource("PROGRAMS")
  void getRepliesInJson(String program) throws Exception {
    JsonObject outcome =
        call(
            program,
            "Greeter.Hello",
            new JsonObject().put("name", "Ada"),
            "-content-type",
            "application/grpc+json");

    assertEquals(
        new JsonObject().put("greeting", "Hello Ada").put("servedBy", address()),
        outcome.getJsonObject("reply"),
        outcome::encode);
  }

  @ParameterizedTest
  @FieldSource("PROGRAMS")
  void getRepliesByTheFullPath(String program) throws Exception {
    JsonObject outcome =
        call(program, "/greeter.Greeter/Hello", new JsonObject().put("name", "Ada"));

    assertEquals("Hello Ada", outcome.getJsonObject("reply").getString("greeting"));
  }

  @ParameterizedTest
  @FieldSource("PROGRAMS")
  void carryLargeMessages(String program) throws Exception {
    String payload = Base64.getEncoder().encodeToString(new byte[3_000_000]);

    JsonObject outcome = call(program, "Greeter.Echo", new JsonObject().put("payload", payload));

    assertEquals(payload, outcome.getJsonObject("reply").getString("payload"));
  }

  @ParameterizedTest
  @FieldSource("PROGRAMS")
  void getGoMicrosErrorsAsTheyWereSent(String program) throws Exception {
    for (int code : new int[] {400, 404, 408, 418, 500, 503}) {
      JsonObject request =
          new JsonObject().put("code", code).put("id", "greeter").put("detail", "caf\u00e9 100 %");

      JsonObject error = error(program, "Greeter.Fail", request);

      assertEquals(code, error.getInteger("code"));
      assertEquals("greeter", error.getString("id"));
      assertEquals("caf\u00e9 100 %", error.getString("detail"));
    }
  }

  @ParameterizedTest
  @FieldSource("PROGRAMS")
  void getOtherFailuresAsText(String program) throws Exception {
    JsonObject error = error(program, "Greeter.PlainError", new JsonObject().put("text", "broken"));

    assertEquals(500, error.getInteger("code"));
    assertEquals("broken", error.getString("detail"));
    assertEquals("go.micro.client", error.getString("id"));
  }

  @ParameterizedTest
  @FieldSource("PROGRAMS")
  void getWhatAHandlerThrowsAsAPanic(String program) throws Exception {
    JsonObject error = error(program, "Greeter.Panic", new JsonObject().put("text", "boom"));

    assertEquals(500, error.getInteger("code"));
    assertEquals("go.micro.server", error.getString("id"));
    assertEquals("panic recovered: boom", error.getString("detail"));
  }

  @ParameterizedTest
  @FieldSource("PROGRAMS")
  void getNotImplementedForWhatIsNotServed(String program) throws Exception {
    JsonObject service = error(program, "Nope.Hello", new JsonObject());
    JsonObject method = error(program, "Greeter.Nope", new JsonObject());

    assertEquals(501, service.getInteger("code"));
    assertEquals("unknown service Nope", service.getString("detail"));
    assertEquals(501, method.getInteger("code"));
    assertEquals("unknown service Greeter.Nope", method.getString("detail"));
  }

  @ParameterizedTest
  @FieldSource("PROGRAMS")
  void giveTheirTimeoutAndTellWhenItIsOver(String program) throws Exception {
    JsonObject error =
        error(program, "Greeter.Slow", new JsonObject().put("sleepMs", 1), "-timeout", "300ms");

    assertEquals(408, error.getInteger("code"));
    Duration remaining = greeter.remaining.poll(10, TimeUnit.SECONDS);
    assertNotNull(remaining);
    assertTrue(
        remaining.compareTo(Duration.ofMillis(300)) <= 0 && !remaining.isZero(),
        remaining::toString);
    assertNotNull(greeter.cancelled.poll(10, TimeUnit.SECONDS));
  }

  @ParameterizedTest
  @FieldSource("PROGRAMS")
  void bringTheirMetadata(String program) throws Exception {
    JsonObject outcome =
        call(program, "Greeter.Metadata", new JsonObject(), "-metadata", "Foo-Bar=baz");

    JsonObject metadata = outcome.getJsonObject("reply").getJsonObject("metadata");
    assertEquals("baz", metadata.getString("foo-bar"));
    assertTrue(metadata.getString("user-agent").startsWith("grpc-go/"), metadata::encode);
    assertTrue(
        !metadata.containsKey("x-content-type") && !metadata.containsKey("timeout"),
        metadata::encode);
  }
}
