// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.vertxmicro.codec.OptionsContract;
import dev.vertxmicro.metadata.Metadata;
import dev.vertxmicro.runtime.retry.Backoff;
import dev.vertxmicro.runtime.retry.Hedge;
import dev.vertxmicro.runtime.retry.RetryPolicy;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CallOptionsTest extends OptionsContract<CallOptions> {

  CallOptionsTest() {
    super(CallOptions.class);
  }

  @Override
  protected CallOptions changed() {
    return new CallOptions()
        .setTimeout(Duration.ofMillis(1_234))
        .setAttemptTimeout(Duration.ofMillis(123))
        .setDialTimeout(Duration.ofMillis(321))
        .setRetries(7)
        .setRetryPolicy(RetryPolicy.always())
        .setBackoff(Backoff.goMicro())
        .setHedge(new Hedge.Percentile(0.01))
        .setIdempotent(true)
        .setTransparentRetries(false)
        .setWaitForReady(true)
        .setAddresses("127.0.0.1:1", "127.0.0.1:2")
        .setContentType("application/json")
        .setMetadata(Metadata.of("x-tenant", "blue", "x-many", "1", "x-many", "2"))
        .setMaxRequestBytes(11)
        .setMaxReplyBytes(12)
        .setStreamTimeout(Duration.ofMillis(4_321))
        .setIdleTimeout(Duration.ofMillis(2_143))
        .setMaxReplayBytes(13);
  }

  @Override
  protected Set<String> codeOnly() {
    return Set.of("retryPolicy", "backoff", "hedge");
  }

  @Override
  protected Stream<BadValue> badValues() {
    return Stream.of(
        new BadValue("timeout", 0, "above zero"),
        new BadValue("timeout", -1, "above zero"),
        new BadValue("attemptTimeout", -1, "zero or more"),
        new BadValue("dialTimeout", 0, "above zero"),
        new BadValue("retries", -1, "0 to 100"),
        new BadValue("retries", 101, "0 to 100"),
        new BadValue("maxRequestBytes", -1, ">= 0"),
        new BadValue("maxReplyBytes", -1, ">= 0"),
        new BadValue("streamTimeout", -1, "zero or more"),
        new BadValue("idleTimeout", -1, "zero or more"),
        new BadValue("maxReplayBytes", -1, ">= 0"),
        new BadValue("addresses", new JsonArray().add("127.0.0.1:1").add(" "), "host:port"));
  }

  @Test
  void haveTheDefaultsThatTheDesignNames() {
    CallOptions options = new CallOptions();

    assertEquals(Duration.ofSeconds(30), options.getTimeout());
    assertEquals(Duration.ZERO, options.getAttemptTimeout());
    assertEquals(Duration.ofSeconds(5), options.getDialTimeout());
    assertEquals(2, options.getRetries());
    assertEquals(RetryPolicy.safe(), options.getRetryPolicy());
    assertEquals("Backoff.fullJitter(PT0.025S, PT1S)", options.getBackoff().toString());
    assertEquals(Hedge.OFF, options.getHedge());
    assertFalse(options.isIdempotent());
    assertTrue(options.isTransparentRetries());
    assertFalse(options.isWaitForReady());
    assertEquals(List.of(), options.getAddresses());
    assertNull(options.getContentType());
    assertTrue(options.getMetadata().isEmpty());
    assertEquals(4 * 1024 * 1024, options.getMaxRequestBytes());
    assertEquals(4 * 1024 * 1024, options.getMaxReplyBytes());
    assertEquals(Duration.ZERO, options.getStreamTimeout());
    assertEquals(Duration.ZERO, options.getIdleTimeout());
    assertEquals(256 * 1024, options.getMaxReplayBytes());
  }

  @Test
  void addingAnOptionLeavesTheOriginalAlone() {
    CallOptions original = new CallOptions();
    CallOptions copy = new CallOptions(original);

    copy.addCallWrapper(next -> next).addSelectOptions(options -> options.setKey("k"));

    assertEquals(List.of(), original.getCallWrappers());
    assertEquals(List.of(), original.getSelectOptions());
  }

  @Test
  void aDurationOfAgesIsCutInJson() {
    CallOptions options = new CallOptions().setTimeout(Duration.ofSeconds(Long.MAX_VALUE));

    assertEquals(Long.MAX_VALUE / 2 / 1_000_000, options.toJson().getLong("timeout"));
    assertTrue(options.toString().startsWith("CallOptions{"), options.toString());
  }

  @Test
  void doNotPrintValuesOfMetadata() {
    CallOptions options = new CallOptions().setMetadata(Metadata.of("authorization", "secret"));

    assertFalse(options.toString().contains("secret"), options.toString());
    assertTrue(options.toString().contains("authorization"), options.toString());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"timeout", "Content-Type", "grpc-timeout", "te", "User-Agent", "x-content-type"})
  void refuseMetadataThatTransportsWriteThemselves(String name) {
    String said =
        "metadata: " + name + " (expected: a name that transports do not write themselves)";
    Request<String, String> request = Request.of("greeter", "Greeter.Hello", "Ada", String.class);

    assertEquals(said, refused(() -> new CallOptions().setMetadata(Metadata.of(name, "1"))));
    assertEquals(said, refused(() -> CallOption.metadata(name, "1").apply(new CallOptions())));
    assertEquals(said, refused(() -> request.withMetadata(name, "1")));
    assertEquals(
        said,
        refused(
            () ->
                new CallOptions(
                    new JsonObject().put("metadata", new JsonObject().put(name, "1")))));
  }

  private static String refused(Runnable setting) {
    return assertThrows(IllegalArgumentException.class, setting::run).getMessage();
  }
}
