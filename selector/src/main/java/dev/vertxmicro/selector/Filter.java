// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.selector;

import dev.vertxmicro.registry.Node;
import dev.vertxmicro.registry.Service;
import java.util.Objects;
import java.util.function.BiPredicate;

/**
 * Narrows the nodes of a service. Filters that are equal share their result, so ready-made ones are
 * cheaper than lambdas. Must not block and must not change its answer for the same arguments.
 */
@FunctionalInterface
public interface Filter {

  /** Tells whether {@code node} of {@code service} (one version of it) may be picked. */
  boolean keeps(Service service, Node node);

  /**
   * Says why {@code node} is not kept, for the error that a call gets when no node is left. By
   * default the filter's {@code toString}. Few different texts are best: equal ones are counted.
   */
  default String reason(Service service, Node node) {
    return toString();
  }

  /** Keeps one version. */
  static Filter version(String version) {
    return new Version(version);
  }

  /**
   * Keeps the semantic versions in a range as npm writes them: {@code ^1.2}, {@code >=1.2 <2},
   * {@code 1.x}, {@code ~1.2.3}, {@code 1.2 - 1.4}, several joined by {@code ||}, {@code *}.
   *
   * <p>Versions are compared by semver.org 2.0.0; a leading {@code v} is passed over. A pre-release
   * is kept only if the range names a pre-release of the same release: {@code >=1.2.3-rc.1} keeps
   * 1.2.3-rc.2 and 1.3.0, not 1.3.0-rc.1. Versions that are not semantic, such as {@code latest},
   * are not kept.
   *
   * @throws IllegalArgumentException if it is no range; says where
   */
  static Filter versionRange(String range) {
    return VersionRange.parse(range);
  }

  /** Keeps nodes with that metadata entry. */
  static Filter label(String key, String value) {
    return new Label(key, value);
  }

  /** Keeps versions that have an endpoint of that name. */
  static Filter endpoint(String name) {
    return new EndpointName(name);
  }

  /**
   * Keeps what {@code predicate} accepts. Filters with the same name and an equal predicate are
   * equal: make the predicate once, not once per call.
   *
   * @param name what errors call the filter
   */
  static Filter where(String name, BiPredicate<Service, Node> predicate) {
    return new Where(name, predicate);
  }

  /**
   * Keeps one version of a service.
   *
   * @param value the version, compared exactly
   */
  record Version(String value) implements Filter {
    /** Checks the version. */
    public Version {
      Objects.requireNonNull(value, "version");
    }

    @Override
    public boolean keeps(Service service, Node node) {
      return service.version().equals(value);
    }
  }

  /**
   * Keeps nodes with one metadata entry.
   *
   * @param key the key, compared exactly
   * @param value the value, compared exactly
   */
  record Label(String key, String value) implements Filter {
    /** Checks the entry. */
    public Label {
      Objects.requireNonNull(key, "key");
      Objects.requireNonNull(value, "value");
    }

    @Override
    public boolean keeps(Service service, Node node) {
      return value.equals(node.metadata().get(key));
    }
  }

  /**
   * Keeps versions that have an endpoint.
   *
   * @param name the endpoint, compared exactly
   */
  record EndpointName(String name) implements Filter {
    /** Checks the name. */
    public EndpointName {
      Objects.requireNonNull(name, "name");
    }

    @Override
    public boolean keeps(Service service, Node node) {
      return service.endpoints().stream().anyMatch(endpoint -> endpoint.name().equals(name));
    }
  }

  /**
   * Keeps what a predicate accepts.
   *
   * @param name what errors call the filter
   * @param predicate tells what to keep
   */
  record Where(String name, BiPredicate<Service, Node> predicate) implements Filter {
    /** Checks the parts. */
    public Where {
      Objects.requireNonNull(name, "name");
      Objects.requireNonNull(predicate, "predicate");
    }

    @Override
    public boolean keeps(Service service, Node node) {
      return predicate.test(service, node);
    }

    @Override
    public String toString() {
      return name;
    }
  }
}
