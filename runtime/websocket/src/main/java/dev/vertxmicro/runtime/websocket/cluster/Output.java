// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.websocket.cluster;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A piece of what an instance writes.
 *
 * @param msg the text, as the cluster has cut it
 */
public record Output(String msg) {

  /** Takes what is missing for empty. */
  public Output(@Nullable String msg) {
    this.msg = Objects.requireNonNullElse(msg, "");
  }
}
