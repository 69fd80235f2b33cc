// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.benchmarks;

import io.vertx.core.json.JsonObject;

/**
 * What one round measured.
 *
 * @param callsPerSecond calls that were answered per second
 * @param cpuMicros CPU time of the client's process per call, JIT and GC included, in microseconds
 * @param garbage bytes allocated per call
 * @param p50 median latency in microseconds
 * @param p99 99th percentile in microseconds
 * @param p999 99.9th percentile in microseconds
 */
record Figures(
    double callsPerSecond, double cpuMicros, double garbage, double p50, double p99, double p999) {

  /** Returns them as the line of a client. */
  JsonObject toJson() {
    return new JsonObject()
        .put("callsPerSecond", callsPerSecond)
        .put("cpuMicros", cpuMicros)
        .put("garbage", garbage)
        .put("p50", p50)
        .put("p99", p99)
        .put("p999", p999);
  }

  /** Reads the line of a client, of ours or of a Go peer. */
  static Figures of(JsonObject line) {
    return new Figures(
        line.getDouble("callsPerSecond"),
        line.getDouble("cpuMicros"),
        line.getDouble("garbage"),
        line.getDouble("p50"),
        line.getDouble("p99"),
        line.getDouble("p999"));
  }
}
