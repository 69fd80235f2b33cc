// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.websocket.cluster;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What an instance has written, as far as it was kept.
 *
 * @param journal its lines
 */
public record Journal(String journal) {

  /** Takes what is missing for empty. */
  public Journal(@Nullable String journal) {
    this.journal = Objects.requireNonNullElse(journal, "");
  }
}
