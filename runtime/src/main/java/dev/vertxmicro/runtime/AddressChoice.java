// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime;

import dev.vertxmicro.registry.Node;
import dev.vertxmicro.selector.Next;
import dev.vertxmicro.selector.Outcome;
import dev.vertxmicro.selector.Pick;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Chooses among addresses that the caller gave: round robin over all calls of the client, and
 * within a call each address before any comes again.
 */
final class AddressChoice {

  private static final int MOST_NODES = 10_000;

  private final ConcurrentHashMap<String, Node> nodes = new ConcurrentHashMap<>();
  private final AtomicLong turn = new AtomicLong();

  /** Opens the choice among addresses, of which all speak {@code protocol}. */
  Next open(List<String> addresses, String protocol) {
    long first = addresses.size() == 1 ? 0 : turn.getAndIncrement();
    return new Turn(addresses, protocol, first);
  }

  private Node node(String address, String protocol) {
    Node known = nodes.get(address);
    if (known != null && protocol.equals(known.protocol())) {
      return known;
    }
    Node fresh = Node.builder(address, address).protocol(protocol).build();
    if (nodes.size() < MOST_NODES) {
      nodes.put(address, fresh);
    }
    return fresh;
  }

  private final class Turn implements Next {
    private final List<String> addresses;
    private final String protocol;
    private long at;

    Turn(List<String> addresses, String protocol, long first) {
      this.addresses = addresses;
      this.protocol = protocol;
      this.at = first;
    }

    @Override
    public Pick next() {
      String address = addresses.get(Math.floorMod(at++, addresses.size()));
      return new AddressPick(node(address, protocol));
    }

    @Override
    public int size() {
      return addresses.size();
    }
  }

  private static final class AddressPick implements Pick {
    private final Node node;
    private boolean done;

    AddressPick(Node node) {
      this.node = node;
    }

    @Override
    public Node node() {
      return node;
    }

    @Override
    public void done(Outcome outcome) {
      if (done) {
        throw new IllegalStateException("pick of " + node.id() + ": done twice (expected: once)");
      }
      done = true;
    }
  }
}
