// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.registry;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** One version of a service with its endpoints and the nodes that run it. Immutable. */
public final class Service {

  private final String name;
  private final String version;
  private final Map<String, String> metadata;
  private final List<Endpoint> endpoints;
  private final List<Node> nodes;

  private Service(Builder builder) {
    this.name = builder.name;
    this.version = builder.version;
    this.metadata = Map.copyOf(builder.metadata);
    this.endpoints = List.copyOf(builder.endpoints);
    this.nodes = List.copyOf(builder.nodes);
  }

  /** Starts a service of version {@code latest}, go-micro's default. */
  public static Builder builder(String name) {
    return new Builder(name);
  }

  /** Returns the name that callers use. */
  public String name() {
    return name;
  }

  /** Returns the version; may be empty. */
  public String version() {
    return version;
  }

  /** Returns the metadata, not to be changed. */
  public Map<String, String> metadata() {
    return metadata;
  }

  /** Returns the endpoints, not to be changed. */
  public List<Endpoint> endpoints() {
    return endpoints;
  }

  /** Returns the nodes, not to be changed. */
  public List<Node> nodes() {
    return nodes;
  }

  /** Returns this service with other nodes. */
  public Service withNodes(List<Node> nodes) {
    Builder builder = toBuilder();
    builder.nodes.clear();
    builder.nodes.addAll(nodes);
    return builder.build();
  }

  /**
   * Checks that this can be registered.
   *
   * @throws IllegalArgumentException if there is no node, or two with the same id
   */
  public void requireDistinctNodes() {
    if (nodes.isEmpty()) {
      throw new IllegalArgumentException(
          "service: " + name + " has no node (expected: at least one)");
    }
    Set<String> ids = new HashSet<>();
    for (Node node : nodes) {
      if (!ids.add(node.id())) {
        throw new IllegalArgumentException(
            "service: " + name + " has node " + node.id() + " twice (expected: once)");
      }
    }
  }

  /** Returns a builder that starts from this service. */
  public Builder toBuilder() {
    Builder builder = new Builder(name);
    builder.version = version;
    builder.metadata.putAll(metadata);
    builder.endpoints.addAll(endpoints);
    builder.nodes.addAll(nodes);
    return builder;
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof Service that
        && name.equals(that.name)
        && version.equals(that.version)
        && metadata.equals(that.metadata)
        && endpoints.equals(that.endpoints)
        && nodes.equals(that.nodes);
  }

  @Override
  public int hashCode() {
    return Objects.hash(name, version, metadata, endpoints, nodes);
  }

  @Override
  public String toString() {
    return "Service[" + name + ", version=" + version + ", nodes=" + nodes + "]";
  }

  /** Collects the parts of a service. Not thread-safe. */
  public static final class Builder {

    private final String name;
    private String version = "latest";
    private final Map<String, String> metadata = new LinkedHashMap<>();
    private final List<Endpoint> endpoints = new ArrayList<>();
    private final List<Node> nodes = new ArrayList<>();

    private Builder(String name) {
      if (name.isEmpty()) {
        throw new IllegalArgumentException("name: empty (expected: the name of a service)");
      }
      this.name = name;
    }

    /** Sets the version. */
    public Builder version(String version) {
      this.version = Objects.requireNonNull(version, "version");
      return this;
    }

    /** Sets one metadata entry. */
    public Builder metadata(String key, String value) {
      metadata.put(key, value);
      return this;
    }

    /** Adds an endpoint of which only the name is known. */
    public Builder endpoint(String name) {
      return endpoint(Endpoint.of(name));
    }

    /** Adds an endpoint. */
    public Builder endpoint(Endpoint endpoint) {
      endpoints.add(Objects.requireNonNull(endpoint, "endpoint"));
      return this;
    }

    /** Adds a node. */
    public Builder node(Node node) {
      nodes.add(Objects.requireNonNull(node, "node"));
      return this;
    }

    /** Returns the service. */
    public Service build() {
      return new Service(this);
    }
  }
}
