// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.rest.ipfs;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.List;

/**
 * The IPFS daemon of a peer.
 *
 * @param id its peer id
 * @param addresses its multiaddrs
 * @param error why it is not known; empty if it is
 */
public record IpfsId(
    @JsonProperty("id") String id,
    @JsonProperty("addresses") List<String> addresses,
    @JsonProperty("error") String error) {

  /** Puts empty values for what is absent. */
  public IpfsId {
    id = Absent.text(id);
    addresses = Absent.list(addresses);
    error = Absent.text(error);
  }
}
