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
  private List<Filter> preferred = List.of();

  /** Makes options without key, filters and preferences. */
  public SelectOptions() {}

  /** Makes options and applies {@code options} in order. */
  public static SelectOptions of(SelectOption... options) {
    SelectOptions made = new SelectOptions();
    for (SelectOption option : options) {
      option.apply(made);
    }
    return made;
  }

  SelectOptions copy() {
    SelectOptions copy = new SelectOptions();
    copy.key = key;
    copy.filters = filters;
    copy.preferred = preferred;
    return copy;
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
    filters = with(filters, Objects.requireNonNull(filter, "filter"));
    return this;
  }

  /**
   * Returns the filters whose nodes come first, the most preferred before the others; never
   * changed, another list after each change.
   */
  public List<Filter> getPreferred() {
    return preferred;
  }

  /** Adds a filter whose nodes come after those preferred before, and before all others. */
  public SelectOptions addPreferred(Filter filter) {
    preferred = with(preferred, Objects.requireNonNull(filter, "filter"));
    return this;
  }

  private static List<Filter> with(List<Filter> filters, Filter filter) {
    List<Filter> more = new ArrayList<>(filters);
    more.add(filter);
    return List.copyOf(more);
  }

  @Override
  public String toString() {
    return "SelectOptions[key=" + key + ", filters=" + filters + ", preferred=" + preferred + "]";
  }
}
