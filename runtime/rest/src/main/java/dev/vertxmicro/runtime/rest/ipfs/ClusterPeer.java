// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.rest.ipfs;

import dev.vertxmicro.runtime.rest.RestOptions;
import io.vertx.core.net.ClientSSLOptions;
import java.util.Objects;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * How one peer of a cluster is reached: its address, TLS, user and password. Immutable. The same
 * rules as those of ipfs-cluster's own client: a multiaddr, else host and port, else {@value
 * #DEFAULT_API_ADDRESS}.
 */
public final class ClusterPeer {

  /** Where a peer listens unless it is told otherwise. */
  public static final String DEFAULT_API_ADDRESS = "/ip4/127.0.0.1/tcp/9094";

  /** The port of the REST API. */
  public static final int DEFAULT_PORT = 9094;

  /** The port of the IPFS proxy. */
  public static final int DEFAULT_PROXY_PORT = 9095;

  private static final Pattern IPV4 = Pattern.compile("\\d{1,3}(\\.\\d{1,3}){3}");

  private final String apiAddress;
  private final PeerAddress address;
  private final @Nullable PeerAddress proxy;
  private final @Nullable ClientSSLOptions ssl;
  private final @Nullable String authorization;

  private ClusterPeer(
      String apiAddress,
      @Nullable PeerAddress proxy,
      @Nullable ClientSSLOptions ssl,
      @Nullable String authorization) {
    this.apiAddress = apiAddress;
    this.address = PeerAddress.parse(apiAddress);
    this.proxy = proxy;
    this.ssl = ssl;
    this.authorization = authorization;
    if (ssl != null && !address.path().isEmpty()) {
      throw new IllegalArgumentException(
          "ssl: with " + apiAddress + " (expected: none on a unix domain socket)");
    }
  }

  /** Returns the peer at {@value #DEFAULT_API_ADDRESS}. */
  public static ClusterPeer local() {
    return at(DEFAULT_API_ADDRESS);
  }

  /**
   * Returns the peer at a multiaddr: {@code /ip4/127.0.0.1/tcp/9094}, the same with {@code ip6},
   * {@code dns}, {@code dns4} or {@code dns6}, or {@code /unix/run/cluster.sock}.
   *
   * @throws IllegalArgumentException if it is another; those that need libp2p ({@code /p2p/},
   *     {@code /ipfs/}, {@code /dnsaddr/}) are not spoken to
   */
  public static ClusterPeer at(String multiaddr) {
    return new ClusterPeer(multiaddr, null, null, null);
  }

  /**
   * Returns the peer at a host and port.
   *
   * @param host a name, an IPv4 or an IPv6 address; empty means {@value #DEFAULT_API_ADDRESS},
   *     whatever the port
   */
  public static ClusterPeer at(String host, int port) {
    if (host.isEmpty()) {
      return local();
    }
    String kind = host.contains(":") ? "ip6" : IPV4.matcher(host).matches() ? "ip4" : "dns4";
    return at("/" + kind + "/" + host + "/tcp/" + port);
  }

  /** Returns this peer spoken to by TLS, with certificates checked against the JDK's roots. */
  public ClusterPeer withSsl() {
    return withSsl(new ClientSSLOptions());
  }

  /**
   * Returns this peer spoken to by TLS.
   *
   * @param options trust, client certificate and protocols; copied. {@code setTrustAll(true)} with
   *     {@code setHostnameVerificationAlgorithm("")} is ipfs-cluster's NoVerifyCert
   */
  public ClusterPeer withSsl(ClientSSLOptions options) {
    return new ClusterPeer(apiAddress, proxy, options.copy(), authorization);
  }

  /**
   * Returns this peer with Basic authentication.
   *
   * @param user empty means none, as for ipfs-cluster's own client
   */
  public ClusterPeer withBasicAuth(String user, String password) {
    Objects.requireNonNull(password, "password");
    return new ClusterPeer(
        apiAddress, proxy, ssl, user.isEmpty() ? null : RestOptions.basic(user, password));
  }

  /**
   * Returns this peer with a token in place of user and password.
   *
   * @param token as {@link IpfsCluster#token} returned it: printable ASCII without blanks
   */
  public ClusterPeer withBearerToken(String token) {
    if (token.isEmpty() || !token.chars().allMatch(c -> c > ' ' && c <= '~')) {
      throw new IllegalArgumentException("token: (expected: printable ASCII without blanks)");
    }
    return new ClusterPeer(apiAddress, proxy, ssl, "Bearer " + token);
  }

  /**
   * Returns this peer with its IPFS proxy elsewhere than on the same host at port {@value
   * #DEFAULT_PROXY_PORT}.
   *
   * @param multiaddr with a port
   */
  public ClusterPeer withProxy(String multiaddr) {
    PeerAddress at = PeerAddress.parse(multiaddr);
    if (at.port() == 0) {
      throw new IllegalArgumentException("proxy: " + multiaddr + " (expected: with a port)");
    }
    return new ClusterPeer(apiAddress, at, ssl, authorization);
  }

  /** Returns the multiaddr. */
  public String apiAddress() {
    return apiAddress;
  }

  /** Returns host and port of the IPFS proxy. */
  String proxy() {
    if (proxy != null) {
      return proxy.hostAndPort();
    }
    if (address.port() == 0) {
      throw new IllegalStateException("peer: " + apiAddress + " (expected: one with a port)");
    }
    return new PeerAddress(address.host(), DEFAULT_PROXY_PORT, "").hostAndPort();
  }

  @Nullable ClientSSLOptions ssl() {
    return ssl == null ? null : ssl.copy();
  }

  @Nullable String authorization() {
    return authorization;
  }

  PeerAddress address() {
    return address;
  }

  String nodeAddress() {
    return address.nodeAddress(ssl != null);
  }

  /** Returns the address, and whether there are TLS and a password. */
  @Override
  public String toString() {
    return "ClusterPeer["
        + apiAddress
        + ", ssl="
        + (ssl != null)
        + ", auth="
        + (authorization != null)
        + "]";
  }
}
