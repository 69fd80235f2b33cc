// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.benchmarks;

import dev.vertxmicro.selector.Strategy;
import dev.vertxmicro.time.TimeSource;
import io.vertx.core.net.endpoint.LoadBalancer;
import java.util.List;

/**
 * One of those that {@link Selections} compares.
 *
 * @param title what the tables call it
 * @param maker makes it
 */
record Contestant(String title, Maker maker) {

  /** Makes a choice among certain nodes. */
  interface Maker {

    /**
     * Makes it.
     *
     * @param ids the nodes
     * @param time the clock of the simulation
     * @param seed for what randomness can be given a seed
     */
    Balanced make(List<String> ids, TimeSource time, long seed);
  }

  /** Those that choose without a key. */
  static List<Contestant> keyless() {
    return List.of(
        micro("random"),
        micro("round-robin"),
        micro("weighted-round-robin"),
        micro("least-requests"),
        micro("power-of-two-least-requests"),
        micro("power-of-two"),
        vertx("ROUND_ROBIN", LoadBalancer.ROUND_ROBIN),
        vertx("LEAST_REQUESTS", LoadBalancer.LEAST_REQUESTS),
        vertx("POWER_OF_TWO_CHOICES", LoadBalancer.POWER_OF_TWO_CHOICES),
        grpc("round_robin"),
        grpc("least_request_experimental"));
  }

  /** Those that choose by key. */
  static List<Contestant> keyed() {
    return List.of(
        micro("ring-hash"),
        micro("maglev"),
        micro("shard"),
        vertx("CONSISTENT_HASHING", LoadBalancer.CONSISTENT_HASHING));
  }

  private static Contestant micro(String name) {
    Strategy strategy = Strategy.named(name);
    return new Contestant(
        "vertx-micro " + name, (ids, time, seed) -> new MicroBalanced(strategy, ids, time, seed));
  }

  private static Contestant vertx(String name, LoadBalancer balancer) {
    return new Contestant("Vert.x " + name, (ids, time, seed) -> new VertxBalanced(balancer, ids));
  }

  private static Contestant grpc(String policy) {
    return new Contestant(
        "grpc-java " + policy, (ids, time, seed) -> new GrpcBalanced(policy, ids));
  }
}
