// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.rest.ipfs;

import static dev.vertxmicro.runtime.rest.Waiting.await;
import static dev.vertxmicro.runtime.rest.Waiting.failure;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.vertxmicro.peers.FreePorts;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;
import org.junit.jupiter.api.io.TempDir;

/**
 * A real peer of ipfs-cluster, without an IPFS daemon, where there is one: {@code
 * ipfs-cluster-service} beside the programs of {@code ./micro peers}, which does not get it, since
 * it takes minutes to build.
 */
@EnabledIf(value = "isThere", disabledReason = "no ipfs-cluster-service among the peers")
class RealClusterIT {

  private static final String CID = "QmTp2hEo8eXRp6wg7jXv1BLCMh5a4F3B7buAUZNZUu772j";

  @TempDir Path directory;
  private Process peer;
  private Vertx vertx;
  private IpfsCluster cluster;

  private static Path program() {
    String peers = System.getenv("MICRO_PEERS");
    return Path.of(peers == null ? "none" : peers, "ipfs-cluster-service").toAbsolutePath();
  }

  static boolean isThere() {
    return Files.isExecutable(program());
  }

  private Process start(String... arguments) throws IOException {
    ProcessBuilder builder =
        new ProcessBuilder(
            java.util.stream.Stream.concat(
                    java.util.stream.Stream.of(program().toString()),
                    java.util.stream.Stream.of(arguments))
                .toList());
    builder.environment().putAll(environment);
    return builder
        .redirectErrorStream(true)
        .redirectOutput(ProcessBuilder.Redirect.appendTo(directory.resolve("log").toFile()))
        .start();
  }

  private Map<String, String> environment;

  @BeforeEach
  void start() throws Exception {
    List<Integer> ports = FreePorts.take(4);
    environment =
        Map.of(
            "IPFS_CLUSTER_PATH", directory.resolve("cluster").toString(),
            "CLUSTER_RESTAPI_HTTPLISTENMULTIADDRESS", at(ports.get(0)),
            "CLUSTER_LISTENMULTIADDRESS", at(ports.get(1)),
            "CLUSTER_IPFSPROXY_LISTENMULTIADDRESS", at(ports.get(2)),
            "CLUSTER_PINSVCAPI_HTTPLISTENMULTIADDRESS", at(ports.get(3)),
            "CLUSTER_RESTAPI_BASICAUTHCREDENTIALS", "anna:secret",
            "CLUSTER_MDNSINTERVAL", "0s");
    Process init = start("init", "--consensus", "crdt", "--datastore", "leveldb");
    assertTrue(init.waitFor(20, TimeUnit.SECONDS) && init.exitValue() == 0, "init");
    peer = start("daemon");
    awaitPort(ports.get(0));
    vertx = Vertx.vertx();
    cluster =
        IpfsCluster.create(vertx, ClusterPeer.at(at(ports.get(0))).withBasicAuth("anna", "secret"));
  }

  private static String at(int port) {
    return "/ip4/127.0.0.1/tcp/" + port;
  }

  private void awaitPort(int port) throws InterruptedException {
    for (int i = 0; i < 200; i++) {
      try (Socket socket = new Socket()) {
        socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 100);
        return;
      } catch (IOException notYet) {
        assertTrue(!peer.waitFor(100, TimeUnit.MILLISECONDS), "the peer has ended");
      }
    }
    throw new AssertionError("the peer does not listen");
  }

  @AfterEach
  void stop() throws Exception {
    if (cluster != null) {
      await(cluster.close());
      await(vertx.close());
    }
    if (peer != null) {
      peer.destroyForcibly().waitFor();
    }
  }

  @Test
  void answersWhatItsApiSays() {
    ClusterId id = await(cluster.id());
    assertEquals(await(cluster.version()).version(), id.version());
    await(cluster.health());
    assertEquals(
        List.of(id.id()),
        await(IpfsCluster.collect(cluster.peers(), 10)).stream().map(ClusterId::id).toList());
    assertEquals(id.id(), await(cluster.connectGraph()).clusterId());
    assertEquals(List.of(), await(cluster.alerts()));
    await(cluster.metricNames());

    Pin pin = await(cluster.pin(CID, PinOptions.none().name("first").metadata("k", "v")));
    assertEquals("first", pin.name());
    assertEquals(Map.of("k", "v"), pin.metadata());
    assertEquals(CID, await(cluster.allocation(CID)).cid());
    assertEquals(1, await(IpfsCluster.collect(cluster.allocations(Set.of()), 10)).size());
    assertEquals(CID, await(cluster.status(CID, Scope.LOCAL)).cid());
    assertEquals(
        1, await(IpfsCluster.collect(cluster.statusCids(List.of(CID), Scope.CLUSTER), 10)).size());
    assertEquals(CID, await(cluster.unpin(CID)).cid());
    assertEquals(404, failure(cluster.allocation(CID)).code());
    assertEquals(400, failure(cluster.pin("nonsense", PinOptions.none())).code());
  }

  @Test
  void wantsThePassword() {
    IpfsCluster nobody =
        IpfsCluster.create(
            vertx, ClusterPeer.at(environment.get("CLUSTER_RESTAPI_HTTPLISTENMULTIADDRESS")));

    assertEquals(401, failure(nobody.id()).code());
    await(nobody.health());
    await(nobody.close());
  }
}
