// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.selector;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** What a {@link SelectOption} sets. Not thread-safe; belongs to one select. */
public final class SelectOptions {

  private @Nullable String key;
  private final List<Filter> filters = new ArrayList<>(2);

  /** Makes options without key and filters. */
  public SelectOptions() {}

  /** Returns the affinity key, or null. */
  public @Nullable String getKey() {
    return key;
  }

  /** Sets the affinity key. */
  public SelectOptions setKey(@Nullable String key) {
    this.key = key;
    return this;
  }

  /** Returns the filters in the order they apply. */
  public List<Filter> getFilters() {
    return List.copyOf(filters);
  }

  /** Adds a filter behind the others. */
  public SelectOptions addFilter(Filter filter) {
    filters.add(Objects.requireNonNull(filter, "filter"));
    return this;
  }
}
