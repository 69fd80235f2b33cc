// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import dev.vertxmicro.errors.GrpcStatus;
import dev.vertxmicro.errors.RpcError;
import dev.vertxmicro.errors.RpcException;
import dev.vertxmicro.runtime.retry.Backoff;
import dev.vertxmicro.runtime.retry.Hedge;
import dev.vertxmicro.runtime.retry.RetryPolicy;
import dev.vertxmicro.selector.EjectionOptions;
import dev.vertxmicro.selector.SelectorOptions;
import dev.vertxmicro.selector.Strategy;
import java.time.Duration;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class PresetTest {

  /** A default: its name, what the preset says, what it must be. */
  private static Arguments row(
      String name, Function<RpcClientOptions, Object> value, Object expected) {
    return Arguments.of(name, value, expected);
  }

  /** go-micro's table of client defaults, v5.4 and later, as far as this client has the option. */
  static Stream<Arguments> goMicro() {
    return Stream.of(
        row("Retries", options -> options.getCalls().getRetries(), 5),
        row("RequestTimeout", options -> options.getCalls().getTimeout(), Duration.ofSeconds(30)),
        row("DialTimeout", options -> options.getCalls().getDialTimeout(), Duration.ofSeconds(5)),
        row("PoolSize", RpcClientOptions::getPoolSize, 100),
        row("PoolTTL", RpcClientOptions::getPoolTtl, Duration.ofMinutes(1)),
        row("Transport", RpcClientOptions::getProtocol, "mucp"),
        row("Retry", options -> options.getCalls().getRetryPolicy(), RetryPolicy.onError()),
        row("Backoff", options -> options.getCalls().getBackoff(), Backoff.goMicro()),
        row("send limit", options -> options.getCalls().getMaxRequestBytes(), 4 * 1024 * 1024),
        row("receive limit", options -> options.getCalls().getMaxReplyBytes(), 4 * 1024 * 1024),
        row("hedges", options -> options.getCalls().getHedge(), Hedge.OFF),
        row("transparent", options -> options.getCalls().isTransparentRetries(), false),
        row("wait for ready", options -> options.getCalls().isWaitForReady(), false),
        row("budget", RpcClientOptions::isRetryBudget, false),
        row("MICRO_PROXY", RpcClientOptions::isProxyFromEnvironment, true));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("goMicro")
  void goMicroHasGoMicrosDefaults(
      String name, Function<RpcClientOptions, Object> value, Object expected) {
    assertEquals(expected, value.apply(Preset.GO_MICRO.options()), name);
  }

  @Test
  void theStrategiesAreThoseOfTheDesign() {
    assertEquals(Strategy.powerOfTwo(), Preset.SAFE.strategy());
    assertEquals(Strategy.random(), Preset.GO_MICRO.strategy());
    assertEquals(new SelectorOptions(), Preset.SAFE.selectorOptions());
    assertEquals(
        new SelectorOptions().setSlowStart(Duration.ZERO).setEjection(EjectionOptions.off()),
        Preset.GO_MICRO.selectorOptions());
  }

  @Test
  void lowLatencyIsSafeWithHedgesAndASubset() {
    RpcClientOptions expected = new RpcClientOptions();
    expected.getCalls().setHedge(new Hedge.Percentile(0.05));

    assertEquals(expected, Preset.LOW_LATENCY.options());
    assertEquals(Strategy.powerOfTwo(), Preset.LOW_LATENCY.strategy());
    assertEquals(new SelectorOptions().setSubsetting(true), Preset.LOW_LATENCY.selectorOptions());
  }

  @Test
  void batchIsSafeWithPatience() {
    RpcClientOptions expected = new RpcClientOptions();
    expected
        .getCalls()
        .setTimeout(Duration.ofMinutes(10))
        .setRetries(5)
        .setBackoff(Backoff.fullJitter(Duration.ofMillis(100), Duration.ofSeconds(30)))
        .setWaitForReady(true);

    assertEquals(expected.toJson(), Preset.BATCH.options().toJson());
    assertEquals(Hedge.OFF, Preset.BATCH.options().getCalls().getHedge());
    assertEquals(Strategy.leastRequests(), Preset.BATCH.strategy());
    assertEquals(new SelectorOptions(), Preset.BATCH.selectorOptions());
  }

  @Test
  void safeIsWhatOptionsAreWithoutAPreset() {
    assertEquals(new RpcClientOptions(), Preset.SAFE.options());
  }

  @Test
  void eachAnswerIsNew() {
    for (Preset preset : Preset.values()) {
      RpcClientOptions changed = preset.options().setPoolSize(1);
      changed.getCalls().setRetries(0);

      assertEquals(100, preset.options().getPoolSize());
      assertNotEquals(0, preset.options().getCalls().getRetries());
    }
  }

  /** What go-micro waits in all before each of six attempts: 14.8 s, then the call fails. */
  @ParameterizedTest
  @CsvSource({
    "0, 1",
    "99, 1",
    "100, 2",
    "700, 3",
    "2_600, 4",
    "6_900, 5",
    "14_800, 6",
    "29_000, 6"
  })
  void goMicroRetries408WithItsBackoff(String millis, int attempts) {
    try (Bench bench =
        new Bench(
            builder ->
                builder.preset(Preset.GO_MICRO).with(options -> options.setProtocol("grpc")))) {
      RpcException timeout =
          RpcException.of(RpcError.of("greeter", 408, "busy"), GrpcStatus.DEADLINE_EXCEEDED)
              .processed(dev.vertxmicro.errors.Processed.YES)
              .build();
      Bench.Answer busy = arrival -> io.vertx.core.Future.failedFuture(timeout);
      bench.node("a", busy, busy, busy, busy, busy, busy, busy);
      bench.run(
          () -> {
            RpcCall<String> call = bench.start();
            bench.advance(Long.parseLong(millis.replace("_", "")));

            assertEquals(attempts, bench.arrivals.size());
            call.cancel("seen enough");
          });
    }
  }
}
