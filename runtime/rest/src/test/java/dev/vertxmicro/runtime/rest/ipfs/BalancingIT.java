// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.rest.ipfs;

import static dev.vertxmicro.runtime.rest.Waiting.await;
import static dev.vertxmicro.runtime.rest.Waiting.failure;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.vertxmicro.errors.RpcException;
import dev.vertxmicro.runtime.CallOption;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Several peers behind one client, safely and as ipfs-cluster's own client does it. */
class BalancingIT {

  private Vertx vertx;
  private final List<RecordingPeer> peers = new ArrayList<>();

  @BeforeEach
  void start() {
    vertx = Vertx.vertx();
  }

  @AfterEach
  void stop() {
    peers.forEach(RecordingPeer::close);
    await(vertx.close());
  }

  private RecordingPeer peer() {
    RecordingPeer peer = new RecordingPeer(vertx);
    peers.add(peer);
    return peer;
  }

  /** Nobody listens on port 1 of this machine. */
  private static ClusterPeer dead() {
    return ClusterPeer.at("127.0.0.1", 1);
  }

  private IpfsClusterBuilder builder(ClusterPeer... peers) {
    return IpfsCluster.builder(vertx).peers(peers);
  }

  private static void with(IpfsClusterBuilder builder, Function<IpfsCluster, Future<?>> use) {
    IpfsCluster cluster = builder.build();
    try {
      await(use.apply(cluster));
    } finally {
      await(cluster.close());
    }
  }

  private List<Integer> counts() {
    return peers.stream().map(peer -> peer.seen().size()).toList();
  }

  // ---- as ipfs-cluster's own client

  @ParameterizedTest
  @CsvSource({"6, true", "5, false", "1, false", "0, false", "-3, false"})
  void tenPeersOfWhichTheFirstFiveAreDead(int retries, boolean passes) {
    ClusterPeer[] ten = new ClusterPeer[10];
    for (int i = 0; i < 10; i++) {
      ten[i] = i < 5 ? dead() : peer().peer();
    }
    IpfsClusterBuilder faithful = builder(ten).faithful().retries(retries);

    for (int call = 0; call < 3; call++) {
      if (passes) {
        with(faithful, cluster -> cluster.id());
      } else {
        IpfsCluster cluster = faithful.build();
        RpcException failed = failure(cluster.id());
        assertEquals(Math.max(1, retries), failed.attempts().size());
        await(cluster.close());
      }
    }

    assertEquals(passes ? List.of(3, 0, 0, 0, 0) : List.of(0, 0, 0, 0, 0), counts());
  }

  @Test
  void roundRobinOverFive() {
    ClusterPeer[] five = new ClusterPeer[5];
    for (int i = 0; i < 5; i++) {
      five[i] = peer().peer();
    }
    IpfsCluster cluster = builder(five).balancing(Balancing.ROUND_ROBIN).faithful().build();
    List<List<Integer>> steps = new ArrayList<>();
    for (int call = 0; call < 5; call++) {
      await(cluster.id());
      steps.add(counts());
    }
    await(cluster.close());

    assertEquals(
        List.of(
            List.of(0, 1, 0, 0, 0),
            List.of(0, 1, 1, 0, 0),
            List.of(0, 1, 1, 1, 0),
            List.of(0, 1, 1, 1, 1),
            List.of(1, 1, 1, 1, 1)),
        steps);
  }

  @Test
  void askingForAProxyTakesATurnAsACallDoes() {
    ClusterPeer a = peer().peer().withProxy("/ip4/127.0.0.1/tcp/1");
    ClusterPeer b = peer().peer().withProxy("/ip4/127.0.0.1/tcp/2");
    ClusterPeer c = peer().peer().withProxy("/ip4/127.0.0.1/tcp/3");
    IpfsCluster turns = builder(a, b, c).balancing(Balancing.ROUND_ROBIN).faithful().build();
    IpfsCluster failover = builder(a, b, c).faithful().build();
    IpfsCluster safe = builder(a, b, c).balancing(Balancing.ROUND_ROBIN).build();

    assertEquals("127.0.0.1:2", turns.ipfsProxy());
    await(turns.id());
    assertEquals(List.of(0, 0, 1), counts());
    assertEquals("127.0.0.1:1", turns.ipfsProxy());
    assertEquals("127.0.0.1:1", failover.ipfsProxy());
    assertEquals("127.0.0.1:1", failover.ipfsProxy());
    assertEquals("127.0.0.1:1", safe.ipfsProxy());
    await(turns.close());
    await(failover.close());
    await(safe.close());
  }

  @Test
  void faithfulRetriesWhatAPeerMayHaveExecuted() {
    RecordingPeer first = peer().hangsUp();
    RecordingPeer second = peer();

    with(builder(first.peer(), second.peer()).faithful().retries(2), c -> c.repoGc(Scope.LOCAL));

    assertEquals(List.of(1, 1), counts());
  }

  @Test
  void faithfulWrapsAround() {
    RecordingPeer only = peer().hangsUp();
    IpfsCluster cluster = builder(only.peer()).faithful().retries(4).build();

    failure(cluster.id());
    await(cluster.close());

    assertEquals(List.of(4), counts());
  }

  @ParameterizedTest
  @CsvSource({
    "500, '{\"code\":500,\"message\":\"x\"}', 1",
    "500, '{\"code\":0,\"message\":\"x\"}', 2",
    "500, '{\"message\":\"x\"}', 2",
    "503, plain text, 1",
    "307, '', 1",
    "200, not json, 1"
  })
  void faithfulRetriesByTheCodeOfTheError(int status, String body, int attempts) {
    RecordingPeer first = peer().fails(status, body);
    RecordingPeer second = peer().fails(status, body);
    IpfsCluster cluster = builder(first.peer(), second.peer()).faithful().retries(2).build();

    failure(cluster.id());
    await(cluster.close());

    assertEquals(attempts, first.seen().size() + second.seen().size());
  }

  @Test
  void faithfulStopsWhenTheCallIsOver() {
    RecordingPeer only = peer().hangsUp();
    IpfsCluster cluster = builder(only.peer()).faithful().retries(101).build();

    failure(cluster.id(CallOption.timeout(java.time.Duration.ofSeconds(5))));
    await(cluster.close());

    assertEquals(List.of(101), counts());
    assertThrows(IllegalArgumentException.class, () -> builder(dead()).retries(102));
  }

  // ---- safe

  @ParameterizedTest
  @ValueSource(strings = {"FAILOVER", "ROUND_ROBIN"})
  void aPeerThatWasNotReachedIsNoLossWhateverTheCall(Balancing balancing) {
    RecordingPeer alive = peer();

    with(
        builder(dead(), dead(), alive.peer()).balancing(balancing).retries(1),
        cluster -> cluster.repoGc(Scope.LOCAL));

    assertEquals(List.of(1), counts());
  }

  @Test
  void whatMayHaveBeenExecutedIsNotTriedAgain() {
    RecordingPeer first = peer().hangsUp();
    RecordingPeer second = peer();
    IpfsCluster cluster = builder(first.peer(), second.peer()).build();

    failure(cluster.repoGc(Scope.LOCAL));
    failure(cluster.peerAdd("12D3"));
    failure(cluster.unpin("Qm1"));
    await(cluster.close());

    assertEquals(List.of(3, 0), counts());
  }

  @Test
  void whatOnlyReadsIsTriedAgain() {
    RecordingPeer first = peer().hangsUp();
    RecordingPeer second = peer();

    with(builder(first.peer(), second.peer()), IpfsCluster::id);
    with(builder(first.peer(), second.peer()), c -> IpfsCluster.collect(c.peers(), 5));

    assertEquals(List.of(2, 2), counts());
  }

  @Test
  void theUserMaySayThatEverythingIsTriedAgain() {
    RecordingPeer first = peer().hangsUp();
    RecordingPeer second = peer();

    with(
        builder(first.peer(), second.peer()).retryNonIdempotent(),
        cluster -> cluster.repoGc(Scope.LOCAL));

    assertEquals(List.of(1, 1), counts());
  }

  @Test
  void anUploadThatHasLeftIsNotSentAgain() {
    RecordingPeer first = peer().hangsUp();
    RecordingPeer second = peer();
    IpfsCluster cluster = builder(first.peer(), second.peer()).retryNonIdempotent().build();
    Upload upload = Upload.empty().file("a", Buffer.buffer("once"));

    assertThrows(
        RpcException.class,
        () -> await(IpfsCluster.collect(cluster.add(upload, AddParams.defaults()), 5)));
    await(cluster.close());

    assertEquals(List.of(1, 0), counts());
  }

  @Test
  void anUploadThatNobodyTookGoesToTheNextPeer() {
    RecordingPeer alive = peer();
    IpfsCluster cluster = builder(dead(), alive.peer()).build();
    Upload upload = Upload.empty().file("a", Buffer.buffer("once"));

    await(IpfsCluster.collect(cluster.add(upload, AddParams.defaults()), 5));
    await(cluster.close());

    assertEquals(List.of(1), counts());
  }
}
