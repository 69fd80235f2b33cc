// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.rest.ipfs;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.Map;

/**
 * What the collection of garbage did on all peers.
 *
 * @param peerMap by peer id
 */
public record GlobalRepoGc(@JsonProperty("peer_map") Map<String, RepoGc> peerMap) {

  /** Puts empty values for what is absent. */
  public GlobalRepoGc {
    peerMap = Absent.map(peerMap);
  }
}
