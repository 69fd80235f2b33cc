// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.registry;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * One running instance of a service: an id that is unique within the service, an address, and
 * metadata. Immutable; equal if all three are.
 */
public final class Node {

  /** The metadata key that names the transport a node speaks: grpc, mucp, ... */
  public static final String PROTOCOL = "protocol";

  /** The metadata key of a node's weight, a number above 0; 1 if absent or unreadable. */
  public static final String WEIGHT = "weight";

  private final String id;
  private final String address;
  private final Map<String, String> metadata;
  private final double weight;

  private Node(Builder builder) {
    this.id = builder.id;
    this.address = builder.address;
    this.metadata = Map.copyOf(builder.metadata);
    this.weight = weight(metadata.get(WEIGHT));
  }

  /**
   * Starts a node.
   *
   * @param id unique within the service; not empty
   * @param address {@code host:port}, {@code [v6]:port}, or whatever the node's transport reads
   */
  public static Builder builder(String id, String address) {
    return new Builder(id, address);
  }

  /** Returns a node without metadata. */
  public static Node of(String id, String address) {
    return builder(id, address).build();
  }

  /** Returns the id. */
  public String id() {
    return id;
  }

  /** Returns the address. */
  public String address() {
    return address;
  }

  /** Returns the metadata, not to be changed. */
  public Map<String, String> metadata() {
    return metadata;
  }

  /** Returns the protocol that the metadata names, or null. */
  public @Nullable String protocol() {
    return metadata.get(PROTOCOL);
  }

  /** Returns the weight: above 0, 1 by default. */
  public double weight() {
    return weight;
  }

  private static double weight(@Nullable String text) {
    if (text == null) {
      return 1;
    }
    try {
      double weight = Double.parseDouble(text);
      return weight > 0 && Double.isFinite(weight) ? weight : 1;
    } catch (NumberFormatException foreign) {
      return 1;
    }
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof Node that
        && id.equals(that.id)
        && address.equals(that.address)
        && metadata.equals(that.metadata);
  }

  @Override
  public int hashCode() {
    return Objects.hash(id, address, metadata);
  }

  @Override
  public String toString() {
    return "Node[" + id + ", " + address + ", " + metadata + "]";
  }

  /** Collects the parts of a node. Not thread-safe. */
  public static final class Builder {

    private final String id;
    private final String address;
    private final Map<String, String> metadata = new LinkedHashMap<>();

    private Builder(String id, String address) {
      if (id.isEmpty()) {
        throw new IllegalArgumentException("id: empty (expected: a name unique in its service)");
      }
      this.id = id;
      this.address = Objects.requireNonNull(address, "address");
    }

    /** Sets one metadata entry. */
    public Builder metadata(String key, String value) {
      metadata.put(key, value);
      return this;
    }

    /** Sets several metadata entries. */
    public Builder metadata(Map<String, String> entries) {
      metadata.putAll(entries);
      return this;
    }

    /** Names the transport that the node speaks. */
    public Builder protocol(String protocol) {
      return metadata(PROTOCOL, protocol);
    }

    /** Returns the node. */
    public Node build() {
      return new Node(this);
    }
  }
}
