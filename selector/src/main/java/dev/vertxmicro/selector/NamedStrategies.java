// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.selector;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/** The strategies that options and command lines can name, each with its defaults. */
final class NamedStrategies {

  static final Map<String, Strategy> ALL = all();

  private NamedStrategies() {}

  private static Map<String, Strategy> all() {
    Map<String, Strategy> all = new LinkedHashMap<>();
    all.put("random", Strategy.random());
    all.put("round-robin", Strategy.roundRobin());
    all.put("weighted-round-robin", Strategy.weightedRoundRobin());
    all.put("least-requests", Strategy.leastRequests());
    all.put("power-of-two", Strategy.powerOfTwo());
    all.put("power-of-two-least-requests", Strategy.powerOfTwoLeastRequests());
    all.put("ring-hash", Strategy.ringHash());
    all.put("maglev", Strategy.maglev());
    all.put("shard", Strategy.shard());
    all.put("first", Strategy.first());
    return Collections.unmodifiableMap(all);
  }
}
