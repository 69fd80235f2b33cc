// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.rest.ipfs;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.List;
import java.util.Map;

/**
 * Who is connected to whom.
 *
 * @param clusterId the peer that was asked
 * @param idToPeerName names by peer id
 * @param ipfsLinks IPFS daemons by IPFS daemon
 * @param clusterLinks peers by peer
 * @param clusterTrustLinks whether a peer is trusted
 * @param clusterToIpfs the IPFS daemon of each peer
 */
public record ConnectGraph(
    @JsonProperty("cluster_id") String clusterId,
    @JsonProperty("id_to_peername") Map<String, String> idToPeerName,
    @JsonProperty("ipfs_links") Map<String, List<String>> ipfsLinks,
    @JsonProperty("cluster_links") Map<String, List<String>> clusterLinks,
    @JsonProperty("cluster_trust_links") Map<String, Boolean> clusterTrustLinks,
    @JsonProperty("cluster_to_ipfs") Map<String, String> clusterToIpfs) {

  /** Puts empty values for what is absent. */
  public ConnectGraph {
    clusterId = Absent.text(clusterId);
    idToPeerName = Absent.map(idToPeerName);
    ipfsLinks = Absent.map(ipfsLinks);
    clusterLinks = Absent.map(clusterLinks);
    clusterTrustLinks = Absent.map(clusterTrustLinks);
    clusterToIpfs = Absent.map(clusterToIpfs);
  }
}
