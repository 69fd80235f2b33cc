// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.benchmarks;

import dev.vertxmicro.errors.GrpcStatus;
import dev.vertxmicro.errors.Processed;
import dev.vertxmicro.errors.RpcException;
import dev.vertxmicro.registry.Node;
import dev.vertxmicro.selector.Outcome;
import dev.vertxmicro.selector.Pick;
import dev.vertxmicro.selector.SelectOptions;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Group;
import org.openjdk.jmh.annotations.GroupThreads;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * What a call spends on selection: select, next and done, alone and while another thread changes
 * the loads of the same nodes.
 */
@State(Scope.Group)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(
    value = 2,
    jvmArgs = {"-Xms512m", "-Xmx512m", "-XX:+AlwaysPreTouch"})
public class SelectBenchmark {

  private static final Outcome FAILED =
      Outcome.failed(
          RpcException.client(GrpcStatus.UNAVAILABLE, "down").processed(Processed.YES).build());

  /** Made once, as the runtime does for calls without options of their own. */
  private static final SelectOptions NO_OPTIONS = new SelectOptions();

  /** How many nodes there are. */
  @Param({"10", "1000", "10000"})
  int nodes;

  /** The strategy by name. */
  @Param({"random", "round-robin", "power-of-two"})
  String strategy = "";

  private ManyNodes many = ManyNodes.none();
  private int turn;

  /** Registers the nodes. */
  @Setup
  public void open() {
    many = ManyNodes.open(nodes, strategy);
  }

  /** One call's selection, with nobody else there. */
  @Benchmark
  @Group("alone")
  @GroupThreads(1)
  public Node alone() {
    return lease(Outcome.SUCCESS);
  }

  /** One call's selection, beside {@link #others}. */
  @Benchmark
  @Group("contended")
  @GroupThreads(1)
  public Node contended() {
    return lease(Outcome.SUCCESS);
  }

  /** Another thread that changes loads and failures. */
  @Benchmark
  @Group("contended")
  @GroupThreads(1)
  public Node others() {
    return lease(turn++ % 16 == 0 ? FAILED : Outcome.SUCCESS);
  }

  private Node lease(Outcome outcome) {
    Pick pick = many.selector().select(ManyNodes.SERVICE, NO_OPTIONS).result().next();
    Node node = pick.node();
    pick.done(outcome);
    return node;
  }
}
