// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.selector;

/** One setting of a {@link Selector#select}. */
@FunctionalInterface
public interface SelectOption {

  /** Changes {@code options}. */
  void apply(SelectOptions options);

  /**
   * Sets the affinity key: strategies that hash send equal keys to the same node as long as it is
   * there. Default none.
   */
  static SelectOption key(String affinity) {
    return options -> options.setKey(affinity);
  }

  /** Narrows the nodes by one more filter. */
  static SelectOption filter(Filter filter) {
    return options -> options.addFilter(filter);
  }

  /** Keeps only nodes of one version of the service. */
  static SelectOption version(String version) {
    return filter(Filter.version(version));
  }

  /**
   * Keeps only nodes of the versions in a range, see {@link Filter#versionRange}. Reads the range:
   * make the option once, not once per call.
   *
   * @throws IllegalArgumentException if it is no range; says where
   */
  static SelectOption versionRange(String range) {
    return filter(Filter.versionRange(range));
  }

  /** Keeps only nodes whose metadata has {@code value} under {@code key}. */
  static SelectOption label(String key, String value) {
    return filter(Filter.label(key, value));
  }

  /**
   * Prefers nodes that {@code filter} keeps: they come first, and others are picked only when the
   * call has tried these, or none of them is healthy. Several in order of preference; those of the
   * call come before those of the {@link SelectorOptions}. Among nodes that are preferred alike the
   * strategy chooses.
   */
  static SelectOption prefer(Filter filter) {
    return options -> options.addPreferred(filter);
  }

  /**
   * Prefers nodes whose metadata has {@code value} under {@code key}, as {@link #prefer(Filter)}
   * says. With {@link Strategy#first()} this is go-micro's label selector.
   */
  static SelectOption prefer(String key, String value) {
    return prefer(Filter.label(key, value));
  }

  /** Keeps only versions of the service that have an endpoint of that name. */
  static SelectOption endpoint(String name) {
    return filter(Filter.endpoint(name));
  }
}
