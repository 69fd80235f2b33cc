// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.websocket.cluster;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The instance that a program has become.
 *
 * @param instanceId its id; empty if the cluster has named none
 */
public record Started(@JsonProperty("instance_id") String instanceId) {

  /** Takes a missing id for an empty one. */
  public Started(@Nullable String instanceId) {
    this.instanceId = Objects.requireNonNullElse(instanceId, "");
  }

  /** Returns what names the instance in requests. */
  public InstanceRef ref() {
    return new InstanceRef(instanceId);
  }
}
