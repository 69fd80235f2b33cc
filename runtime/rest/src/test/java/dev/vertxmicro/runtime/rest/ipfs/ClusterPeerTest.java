// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.rest.ipfs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ClusterPeerTest {

  @ParameterizedTest
  @CsvSource({
    "/ip4/127.0.0.1/tcp/9094, http://127.0.0.1:9094, https://127.0.0.1:9094",
    "/ip6/::1/tcp/9094, http://[::1]:9094, https://[::1]:9094",
    "/dns/a.example/tcp/1, http://a.example:1, https://a.example:1",
    "/dns4/a.example/tcp/65535, http://a.example:65535, https://a.example:65535",
    "/dns6/a.example/tcp/443, http://a.example:443, https://a.example:443"
  })
  void readsMultiaddrs(String multiaddr, String plain, String tls) {
    assertEquals(plain, ClusterPeer.at(multiaddr).nodeAddress());
    assertEquals(tls, ClusterPeer.at(multiaddr).withSsl().nodeAddress());
  }

  @Test
  void aUnixSocketHasNoTls() {
    ClusterPeer unix = ClusterPeer.at("/unix/run/cluster/api.sock");

    assertEquals("unix:/run/cluster/api.sock", unix.nodeAddress());
    assertThrows(IllegalArgumentException.class, unix::withSsl);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/ip4/1.2.3.4/tcp/9094/p2p/Qm",
        "/p2p/Qm",
        "/ip4/1.2.3.4/tcp/9094/ipfs/Qm",
        "/dnsaddr/cluster.example"
      })
  void whatNeedsLibp2pIsRefusedAndSaysSo(String multiaddr) {
    String said =
        assertThrows(IllegalArgumentException.class, () -> ClusterPeer.at(multiaddr)).getMessage();

    assertTrue(said.contains(multiaddr) && said.contains("libp2p"), said);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "/",
        "127.0.0.1:9094",
        "/ip4/1.2.3.4",
        "/ip4/1.2.3.4/udp/1",
        "/ip4//tcp/1",
        "/ip4/1.2.3.4/tcp/0",
        "/ip4/1.2.3.4/tcp/65536",
        "/ip4/1.2.3.4/tcp/x",
        "/ip4/::1/tcp/1",
        "/ip6/1.2.3.4/tcp/1",
        "/ip4/1.2.3.4/tcp/1/http",
        "/unix/",
        "/onion/a/tcp/1"
      })
  void whatIsNoMultiaddrIsRefused(String multiaddr) {
    assertThrows(IllegalArgumentException.class, () -> ClusterPeer.at(multiaddr));
  }

  @ParameterizedTest
  @CsvSource({
    "'', 1, /ip4/127.0.0.1/tcp/9094",
    "10.0.0.1, 9094, /ip4/10.0.0.1/tcp/9094",
    "::1, 9094, /ip6/::1/tcp/9094",
    "a.example, 7, /dns4/a.example/tcp/7"
  })
  void aHostAndPortAreAMultiaddr(String host, int port, String multiaddr) {
    assertEquals(multiaddr, ClusterPeer.at(host, port).apiAddress());
  }

  @Test
  void anEmptyUserMeansNoAuthentication() {
    assertNull(ClusterPeer.local().withBasicAuth("", "x").authorization());
    assertEquals("Basic YTpi", ClusterPeer.local().withBasicAuth("a", "b").authorization());
    assertFalse(ClusterPeer.local().withBasicAuth("a", "secret").toString().contains("secret"));
  }

  @Test
  void aTokenTakesThePlaceOfAPassword() {
    ClusterPeer peer = ClusterPeer.local().withBasicAuth("a", "b").withBearerToken("x.y.z");

    assertEquals("Bearer x.y.z", peer.authorization());
    assertFalse(peer.toString().contains("x.y.z"));
    assertThrows(IllegalArgumentException.class, () -> peer.withBearerToken(""));
    assertThrows(IllegalArgumentException.class, () -> peer.withBearerToken("a\r\nb"));
  }

  @Test
  void theProxyIsBesideTheApiUnlessItIsNamed() {
    ClusterPeer unix = ClusterPeer.at("/unix/run/cluster.sock");

    assertEquals("a.example:9095", ClusterPeer.at("a.example", 1).proxy());
    assertEquals("[::1]:9095", ClusterPeer.at("::1", 1).withBasicAuth("a", "b").proxy());
    assertEquals(
        "b.example:7", ClusterPeer.local().withProxy("/dns/b.example/tcp/7").withSsl().proxy());
    assertEquals("1.2.3.4:9", unix.withProxy("/ip4/1.2.3.4/tcp/9").proxy());
    assertThrows(IllegalStateException.class, unix::proxy);
    assertThrows(IllegalArgumentException.class, () -> unix.withProxy("/unix/run/proxy.sock"));
  }
}
