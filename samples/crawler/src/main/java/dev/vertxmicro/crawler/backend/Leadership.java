// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.crawler.backend;

import org.jspecify.annotations.Nullable;

/**
 * Who leads, as far as one candidate knows.
 *
 * @param leader what the leader gave as its name; null if nobody is known to lead
 * @param term what this candidate may write with if it is the leader itself, else null
 */
public record Leadership(@Nullable String leader, @Nullable Term term) {

  /** Nobody is known to lead. */
  public static final Leadership NONE = new Leadership(null, null);
}
