// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.benchmarks;

import dev.vertxmicro.registry.Node;
import dev.vertxmicro.registry.Service;
import dev.vertxmicro.selector.Next;
import dev.vertxmicro.selector.Picker;
import java.util.concurrent.TimeUnit;
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
 * What it costs when the nodes of a service change: the whole way from another answer of the
 * registry to the first choice ({@link #publish}), the strategy's part of it ({@link #prepare}),
 * and to compare with, a plain copy of the array of nodes ({@link #copy}). With {@code -prof gc}
 * also the bytes that each of them makes.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(
    value = 1,
    jvmArgs = {"-Xms1g", "-Xmx1g", "-XX:+AlwaysPreTouch"})
public class SnapshotBenchmark {

  /** How many nodes there are. */
  @Param({"10000", "100000"})
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

  private ManyNodes many = ManyNodes.none();
  private Node[] array = {};

  /** Registers the nodes. */
  @Setup
  public void open() {
    Service service = ManyNodes.service(nodes);
    array = service.nodes().toArray(Node[]::new);
    many = ManyNodes.open(service, strategy, new VirtualTime());
  }

  /** Copies the nodes. */
  @Benchmark
  public Node[] copy() {
    return array.clone();
  }

  /** Prepares the strategy for the nodes. */
  @Benchmark
  public Picker prepare() {
    return many.prepare();
  }

  /** Takes in another answer of the registry. */
  @Benchmark
  public Next publish() {
    return many.publish();
  }
}
