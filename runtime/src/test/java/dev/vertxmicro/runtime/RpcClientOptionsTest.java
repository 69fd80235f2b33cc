// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotSame;

import dev.vertxmicro.codec.OptionsContract;
import java.time.Duration;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class RpcClientOptionsTest extends OptionsContract<RpcClientOptions> {

  RpcClientOptionsTest() {
    super(RpcClientOptions.class);
  }

  @Override
  protected RpcClientOptions changed() {
    return new RpcClientOptions()
        .setPoolSize(3)
        .setPoolTtl(Duration.ofMillis(4_000))
        .setDrainTimeout(Duration.ofMillis(5_000))
        .setMaxOpenCalls(6)
        .setProtocol("memory")
        .setPropagated("traceparent", "x-tenant-*")
        .setProxyFromEnvironment(true)
        .setRetryBudget(false)
        .setRetryRatio(0.5)
        .setMinRetriesPerSecond(7)
        .setCalls(new CallOptions().setRetries(9));
  }

  @Override
  protected Stream<BadValue> badValues() {
    return Stream.of(
        new BadValue("poolSize", 0, ">= 1"),
        new BadValue("poolTtl", -1, "zero or more"),
        new BadValue("drainTimeout", -1, "zero or more"),
        new BadValue("maxOpenCalls", 0, ">= 1"),
        new BadValue("retryRatio", -0.1, "0 to 1"),
        new BadValue("retryRatio", 1.1, "0 to 1"),
        new BadValue("minRetriesPerSecond", -1, "0 to 1000000"),
        new BadValue("minRetriesPerSecond", 1_000_001, "0 to 1000000"));
  }

  @Test
  void doNotChangeWithTheCallDefaultsThatTheyWereGiven() {
    CallOptions calls = new CallOptions();
    RpcClientOptions options = new RpcClientOptions().setCalls(calls);

    calls.setRetries(99);

    assertEquals(2, options.getCalls().getRetries());
  }

  @Test
  void aCopyHasCallDefaultsOfItsOwn() {
    RpcClientOptions original = new RpcClientOptions();
    RpcClientOptions copy = new RpcClientOptions(original);

    copy.getCalls().setRetries(99);

    assertNotSame(original.getCalls(), copy.getCalls());
    assertEquals(2, original.getCalls().getRetries());
  }
}
