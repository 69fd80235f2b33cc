// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.rest.ipfs;

import static dev.vertxmicro.runtime.rest.Waiting.await;
import static dev.vertxmicro.runtime.rest.Waiting.failure;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.vertxmicro.errors.RpcException;
import dev.vertxmicro.peers.FreePorts;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.EnumSet;
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
  private Process daemon;
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
    daemon = start("daemon");
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
        assertTrue(!daemon.waitFor(100, TimeUnit.MILLISECONDS), "the peer has ended");
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
    if (daemon != null) {
      daemon.destroyForcibly().waitFor();
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
  void takesItsTokenInPlaceOfThePassword() {
    String token = await(cluster.token());
    IpfsCluster holder = IpfsCluster.create(vertx, peer().withBearerToken(token));
    IpfsCluster liar = IpfsCluster.create(vertx, peer().withBearerToken(token + "x"));

    assertEquals(await(cluster.id()).id(), await(holder.id()).id());
    assertEquals(401, failure(liar.id()).code());
    await(holder.close());
    await(liar.close());
  }

  private ClusterPeer peer() {
    return ClusterPeer.at(environment.get("CLUSTER_RESTAPI_HTTPLISTENMULTIADDRESS"));
  }

  @Test
  void takesEveryFilterAndOption() {
    Set<TrackerStatus> all = EnumSet.complementOf(EnumSet.of(TrackerStatus.UNDEFINED));
    assertEquals(List.of(), await(IpfsCluster.collect(cluster.statusAll(all, Scope.CLUSTER), 10)));
    assertEquals(
        400,
        failure(
                IpfsCluster.collect(
                    cluster.statusAll(Set.of(TrackerStatus.UNDEFINED), Scope.CLUSTER), 10))
            .code());
    Instant end = Instant.parse("2040-01-01T00:00:00Z");
    PinOptions how =
        PinOptions.none()
            .replication(-1, -1)
            .name("a b&c")
            .direct()
            .metadata("k y", "v=1")
            .expireAt(end);

    Pin pin = await(cluster.pin(CID, how));

    assertEquals("a b&c", pin.name());
    assertEquals("direct", pin.mode());
    assertEquals(Map.of("k y", "v=1"), pin.metadata());
    assertEquals(end, pin.expireAt());
    assertEquals(-1, pin.replicationFactorMin());
    assertEquals(-1, pin.replicationFactorMax());
    assertEquals(
        List.of(CID),
        await(IpfsCluster.collect(cluster.allocations(Set.of(PinType.PIN)), 10)).stream()
            .map(Pin::cid)
            .toList());
    assertEquals(
        List.of(),
        await(
            IpfsCluster.collect(
                cluster.allocations(Set.of(PinType.META_PIN, PinType.SHARD_PIN)), 10)));
    assertEquals(CID, await(cluster.recover(CID, Scope.LOCAL)).cid());
    await(IpfsCluster.collect(cluster.recoverAll(Scope.LOCAL), 10));
    await(cluster.metrics("ping"));
  }

  /** Without an IPFS daemon nothing can be kept; what was read of the upload shows until then. */
  @Test
  void anUploadThatCannotBeKeptFails(@TempDir Path files) throws IOException {
    Path tree = Files.createDirectory(files.resolve("tree"));
    Files.writeString(tree.resolve("a"), "content");
    Files.createSymbolicLink(tree.resolve("b"), Path.of("a"));

    RpcException failed =
        failure(
            IpfsCluster.collect(cluster.add(List.of(tree), AddParams.defaults().recursive()), 10));

    assertEquals(500, failed.code());
  }

  @Test
  void wantsThePassword() {
    IpfsCluster nobody = IpfsCluster.create(vertx, peer());

    assertEquals(401, failure(nobody.id()).code());
    await(nobody.health());
    await(nobody.close());
  }
}
