// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.websocket.cluster;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * All instances of a cluster.
 *
 * @param instances in the order of the cluster
 */
public record Instances(List<Instance> instances) {

  /** Copies the list; none is an empty one. */
  public Instances(@Nullable List<Instance> instances) {
    this.instances = instances == null ? List.of() : List.copyOf(instances);
  }
}
