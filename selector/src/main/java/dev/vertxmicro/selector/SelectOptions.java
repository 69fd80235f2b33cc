// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.selector;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What a {@link SelectOption} sets. Read during a select only, so that one object, once filled, may
 * serve any number of selects: that costs less than applying the options each time. Not thread-safe
 * while it is changed.
 */
public final class SelectOptions {

  private @Nullable String key;
  private List<Filter> filters = List.of();

  /** Makes options without key and filters. */
  public SelectOptions() {}

  /** Makes options and applies {@code options} in order. */
  public static SelectOptions of(SelectOption... options) {
    SelectOptions made = new SelectOptions();
    for (SelectOption option : options) {
      option.apply(made);
    }
    return made;
  }

  /** Returns the affinity key, or null. */
  public @Nullable String getKey() {
    return key;
  }

  /** Sets the affinity key. */
  public SelectOptions setKey(@Nullable String key) {
    this.key = key;
    return this;
  }

  /** Returns the filters in the order they apply; never changed, another list after each change. */
  public List<Filter> getFilters() {
    return filters;
  }

  /** Adds a filter behind the others. */
  public SelectOptions addFilter(Filter filter) {
    Objects.requireNonNull(filter, "filter");
    List<Filter> more = new ArrayList<>(filters);
    more.add(filter);
    filters = List.copyOf(more);
    return this;
  }

  @Override
  public String toString() {
    return "SelectOptions[key=" + key + ", filters=" + filters + "]";
  }
}
