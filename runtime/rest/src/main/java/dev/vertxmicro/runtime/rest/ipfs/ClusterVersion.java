// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.rest.ipfs;

import com.fasterxml.jackson.annotation.JsonProperty;

/**
 * The version of a peer.
 *
 * @param version the version of ipfs-cluster
 */
public record ClusterVersion(@JsonProperty("version") String version) {

  /** Puts empty values for what is absent. */
  public ClusterVersion {
    version = Absent.text(version);
  }
}
