// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.registry.consul;

import dev.vertxmicro.registry.Complaints;
import dev.vertxmicro.registry.Endpoint;
import dev.vertxmicro.registry.Node;
import dev.vertxmicro.registry.Service;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * An answer of Consul about one service.
 *
 * @param index Consul's index of it; 0 if there was none
 * @param led whether the servers had a leader; without one the answer may be anything
 * @param entries by the node's id
 * @param endpoints of each version, from the first entry of it
 */
record Health(
    long index, boolean led, Map<String, Entry> entries, Map<String, List<Endpoint>> endpoints) {

  /** What the checks of a node say. */
  enum State {
    /** All pass or warn. */
    UP,
    /**
     * One is critical and has not run yet: the node, or Consul, has just come and nothing is known.
     */
    UNKNOWN,
    /** One is critical. */
    DOWN
  }

  /**
   * One node.
   *
   * @param machine the name of Consul's node that runs it
   * @param mark what no other registration has, before or after: id of Consul's node, id of the
   *     service, and the raft index at which it was made; empty if the answer had none
   */
  record Entry(State state, String machine, String mark, String version, Node node) {}

  /** Puts the entries in order: of those with one id the best, and of these the first. */
  static Health of(
      long index,
      boolean led,
      List<Entry> all,
      Map<String, List<Endpoint>> endpoints,
      String where,
      Complaints complaints) {
    Map<String, Entry> entries = new LinkedHashMap<>();
    for (Entry entry : all) {
      Entry other = entries.putIfAbsent(entry.node().id(), entry);
      if (other == null) {
        continue;
      }
      if (other.state().compareTo(entry.state()) > 0) {
        entries.put(entry.node().id(), entry);
      } else if (entry.state() == State.UP && !entry.node().equals(other.node())) {
        complaints.about(
            where,
            "node "
                + entry.node().id()
                + " comes twice, at "
                + other.node().address()
                + ", which is used, and at "
                + entry.node().address());
      }
    }
    return new Health(index, led, entries, endpoints);
  }

  /**
   * Returns the versions of the service with the nodes that are up; versions without are absent.
   */
  List<Service> up(String service) {
    Map<String, List<Node>> nodes = new LinkedHashMap<>();
    for (Entry entry : entries.values()) {
      if (entry.state() == State.UP) {
        nodes.computeIfAbsent(entry.version(), version -> new ArrayList<>()).add(entry.node());
      }
    }
    List<Service> versions = new ArrayList<>(nodes.size());
    nodes.forEach(
        (version, found) -> {
          Service.Builder builder = Service.builder(service).version(version);
          endpoints.getOrDefault(version, List.of()).forEach(builder::endpoint);
          versions.add(builder.build().withNodes(found));
        });
    return List.copyOf(versions);
  }
}
