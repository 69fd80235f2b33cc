// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.websocket.cluster;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.Objects;

/**
 * Names an instance.
 *
 * @param instanceId its id
 */
public record InstanceRef(@JsonProperty("instance_id") String instanceId) {

  /** Checks that there is an id. */
  public InstanceRef {
    Objects.requireNonNull(instanceId, "instanceId");
  }
}
