// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.rest.ipfs;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.List;

/**
 * What the collection of garbage did on one peer.
 *
 * @param peer its peer id
 * @param peerName its name
 * @param keys what was removed
 * @param error what went wrong; empty if nothing did
 */
public record RepoGc(
    @JsonProperty("peer") String peer,
    @JsonProperty("peername") String peerName,
    @JsonProperty("keys") List<RepoGcKey> keys,
    @JsonProperty("error") String error) {

  /** Puts empty values for what is absent. */
  public RepoGc {
    peer = Absent.text(peer);
    peerName = Absent.text(peerName);
    keys = Absent.list(keys);
    error = Absent.text(error);
  }
}
