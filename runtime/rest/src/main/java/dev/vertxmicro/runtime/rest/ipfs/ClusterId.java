// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.rest.ipfs;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A peer of the cluster, as it or another peer knows it.
 *
 * @param id the peer id
 * @param addresses its multiaddrs
 * @param clusterPeers the peer ids that it knows
 * @param clusterPeersAddresses their multiaddrs
 * @param version the version of ipfs-cluster
 * @param commit what it was built of
 * @param rpcProtocolVersion the version that peers speak among themselves
 * @param error why nothing is known of it; empty if something is
 * @param ipfs its IPFS daemon, or null
 * @param peerName its name
 */
public record ClusterId(
    @JsonProperty("id") String id,
    @JsonProperty("addresses") List<String> addresses,
    @JsonProperty("cluster_peers") List<String> clusterPeers,
    @JsonProperty("cluster_peers_addresses") List<String> clusterPeersAddresses,
    @JsonProperty("version") String version,
    @JsonProperty("commit") String commit,
    @JsonProperty("rpc_protocol_version") String rpcProtocolVersion,
    @JsonProperty("error") String error,
    @JsonProperty("ipfs") @Nullable IpfsId ipfs,
    @JsonProperty("peername") String peerName) {

  /** Puts empty values for what is absent. */
  public ClusterId {
    id = Absent.text(id);
    addresses = Absent.list(addresses);
    clusterPeers = Absent.list(clusterPeers);
    clusterPeersAddresses = Absent.list(clusterPeersAddresses);
    version = Absent.text(version);
    commit = Absent.text(commit);
    rpcProtocolVersion = Absent.text(rpcProtocolVersion);
    error = Absent.text(error);
    peerName = Absent.text(peerName);
  }
}
