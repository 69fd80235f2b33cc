// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.benchmarks;

import dev.vertxmicro.selector.Candidate;
import dev.vertxmicro.selector.PickRequest;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * What it costs a strategy to pick one of many nodes; run with {@code -prof gc} to see garbage. For
 * strategies that have no use for a key this is a call without one.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(
    value = 2,
    jvmArgs = {"-Xms512m", "-Xmx512m", "-XX:+AlwaysPreTouch"})
public class PickBenchmark {

  /** How many nodes there are. */
  @Param({"10", "1000", "10000"})
  int nodes;

  /** The strategy by name. */
  @Param({
    "random",
    "round-robin",
    "weighted-round-robin",
    "least-requests",
    "power-of-two",
    "power-of-two-least-requests",
    "ring-hash",
    "maglev",
    "shard",
    "first"
  })
  String strategy = "";

  private final First request = new First();
  private ManyNodes many = ManyNodes.none();
  private long now;

  /** Registers the nodes. */
  @Setup
  public void open() {
    many = ManyNodes.open(nodes, strategy);
  }

  /** Picks. */
  @Benchmark
  public @Nullable Candidate pick() {
    return many.picker().pick(request, now++);
  }

  /** The first attempts of calls with one of many affinity keys. */
  private static final class First implements PickRequest {

    private static final int KEYS = 1 << 16;

    private final String[] keys = new String[KEYS];
    private int key;

    First() {
      for (int i = 0; i < KEYS; i++) {
        keys[i] = "user-" + i * 7919L;
      }
    }

    @Override
    public String key() {
      return keys[key++ & KEYS - 1];
    }

    @Override
    public boolean tried(Candidate candidate) {
      return false;
    }

    @Override
    public long inFlight() {
      return 0;
    }
  }
}
