// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.samples;

import dev.vertxmicro.errors.RpcException;
import dev.vertxmicro.registry.StaticRegistry;
import dev.vertxmicro.runtime.Request;
import dev.vertxmicro.runtime.RpcClient;
import dev.vertxmicro.runtime.RpcCounters;
import dev.vertxmicro.runtime.rest.RestBody;
import dev.vertxmicro.runtime.rest.RestRequest;
import dev.vertxmicro.runtime.rest.ipfs.AddParams;
import dev.vertxmicro.runtime.rest.ipfs.AddedOutput;
import dev.vertxmicro.runtime.rest.ipfs.Balancing;
import dev.vertxmicro.runtime.rest.ipfs.ClusterId;
import dev.vertxmicro.runtime.rest.ipfs.ClusterPeer;
import dev.vertxmicro.runtime.rest.ipfs.GlobalPinInfo;
import dev.vertxmicro.runtime.rest.ipfs.IpfsCluster;
import dev.vertxmicro.runtime.rest.ipfs.IpfsClusterBuilder;
import dev.vertxmicro.runtime.rest.ipfs.Pin;
import dev.vertxmicro.runtime.rest.ipfs.PinOptions;
import dev.vertxmicro.runtime.rest.ipfs.Scope;
import dev.vertxmicro.runtime.rest.ipfs.Upload;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonObject;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Uses an ipfs-cluster whose peers are stand-ins in this process: {@code ./micro ipfs demo}. A real
 * one is used in the same way, at its own addresses.
 */
public final class IpfsDemo {

  private static final long PATIENCE_SECONDS = 20;

  private final PrintStream out;
  private final Vertx vertx = Vertx.vertx();
  private final RpcCounters counters = new RpcCounters();

  private IpfsDemo(PrintStream out) {
    this.out = out;
  }

  // tag::rest[]
  /** One call to a REST service, by method, path and query. */
  static Future<JsonObject> status(RpcClient client, String cid) {
    Request<RestBody, JsonObject> request =
        RestRequest.get("/pins/{cid}")
            .path("cid", cid)
            .query("local", true)
            .to("cluster", JsonObject.class);
    return client.call(request);
  }

  // end::rest[]

  // tag::ipfs[]
  /** A client of a cluster: the second peer stands in for the first. */
  static IpfsCluster connect(Vertx vertx, RpcCounters counters, String... multiaddrs) {
    IpfsClusterBuilder cluster = IpfsCluster.builder(vertx).observer(counters);
    for (String multiaddr : multiaddrs) {
      cluster.peers(ClusterPeer.at(multiaddr).withBasicAuth("anna", "secret"));
    }
    return cluster.balancing(Balancing.FAILOVER).build();
  }

  /** Adds a file, pins it under a name, and lists all pins. */
  static Future<List<GlobalPinInfo>> addAndPin(IpfsCluster cluster, Buffer content) {
    Upload upload = Upload.empty().file("hello.txt", content);
    return IpfsCluster.collect(cluster.add(upload, AddParams.defaults()), 100)
        .map(added -> added.get(0).cid())
        .compose(cid -> cluster.pin(cid, PinOptions.none().name("hello").replication(1, 2)))
        .compose(pin -> IpfsCluster.collect(cluster.statusAll(Set.of(), Scope.CLUSTER), 1_000));
  }

  // end::ipfs[]

  /** Plays the demo and exits: 0 if all of it worked, 1 if not. */
  public static void main(String[] args) {
    System.exit(run(System.out));
  }

  /** Plays the demo and returns its exit code. */
  static int run(PrintStream out) {
    IpfsDemo demo = new IpfsDemo(out);
    try {
      demo.play();
      out.printf("%nAll of it worked.%n");
      return Demo.HELD;
    } catch (Exception failure) { // of any kind: await throws what the future fails with
      out.printf("%nNot all of it worked: %s%n", failure.getMessage());
      return Demo.FAILED;
    } finally {
      demo.vertx.close().await();
    }
  }

  private void play() throws TimeoutException {
    Map<String, JsonObject> pins = new ConcurrentHashMap<>();
    FakeClusterPeer first = new FakeClusterPeer(vertx, "first", pins);
    FakeClusterPeer second = new FakeClusterPeer(vertx, "second", pins);
    String[] multiaddrs = {await(first.start()), await(second.start())};
    IpfsCluster cluster = connect(vertx, counters, multiaddrs);
    try {
      out.println("1. Two peers, the first of which is asked");
      ClusterId id = await(cluster.id());
      Check.that(id.peerName().equals("first"), "first", id);
      out.printf("   %s, %s, version %s%n", id.peerName(), multiaddrs[0], id.version());
      keep(cluster, pins);
      add(cluster);
      callPlainly(multiaddrs[0]);
      lose(cluster, first);
    } finally {
      await(cluster.close());
      await(second.stop());
    }
    pickFaithfully();
    Check.that(counters.openCalls() == 0, "no open calls", counters);
    Check.that(counters.openConnections() == 0, "no open connections", counters);
    out.printf("   %,d calls on %d connections%n", counters.calls(), counters.connections());
  }

  private void keep(IpfsCluster cluster, Map<String, JsonObject> pins) throws TimeoutException {
    out.println("2. A file is added, pinned and listed; another pin is not there");
    List<GlobalPinInfo> all = await(addAndPin(cluster, Buffer.buffer("Hello IPFS")));
    Check.that(all.size() == 1 && pins.size() == 1, "one pin", all);
    GlobalPinInfo pin = all.get(0);
    pin.peerMap()
        .forEach(
            (peer, info) -> out.printf("   %s is %s on %s%n", pin.name(), info.status(), peer));
    try {
      throw new Check.Failed("expected no pin, got " + await(cluster.unpin("QmNone")));
    } catch (RpcException failure) {
      out.printf("   %d, %s: %s%n", failure.code(), failure.processed(), failure.detail());
    }
    Pin gone = await(cluster.unpin(pin.cid()));
    Check.that(gone.name().equals("hello"), "hello", gone);
  }

  private void add(IpfsCluster cluster) throws TimeoutException {
    out.println("3. What was added arrives while the rest is still on its way");
    Upload upload = Upload.empty();
    for (int i = 1; i <= 5; i++) {
      upload = upload.file("file-" + i, Buffer.buffer(new byte[i * 100_000]));
    }
    List<AddedOutput> added =
        await(IpfsCluster.collect(cluster.add(upload, AddParams.defaults()), 100));
    long bytes = added.stream().mapToLong(AddedOutput::size).sum();
    Check.that(added.size() == 5 && bytes == 1_500_000, "5 files, 1,500,000 bytes", added);
    out.printf("   %d files, %,d bytes%n", added.size(), bytes);
  }

  private void callPlainly(String multiaddr) throws TimeoutException {
    out.println("4. The same API by plain REST calls of the runtime");
    String address = "127.0.0.1:" + multiaddr.substring(multiaddr.lastIndexOf('/') + 1);
    RpcClient client =
        RpcClient.builder(vertx)
            .with(options -> options.setProtocol("rest"))
            .withRegistry(StaticRegistry.of("cluster", address))
            .withObserver(counters)
            .build();
    JsonObject status = await(status(client, "Qm0"));
    await(client.close());
    Check.that(status.getString("cid").equals("Qm0"), "Qm0", status);
    out.printf("   GET /pins/Qm0?local=true: %s%n", status.getString("name"));
  }

  private void lose(IpfsCluster cluster, FakeClusterPeer first) throws TimeoutException {
    out.println("5. The first peer goes, and nobody notices");
    await(first.stop());
    ClusterId id = await(cluster.id());
    Check.that(id.peerName().equals("second"), "second", id);
    await(cluster.pin("QmLate", PinOptions.none()));
    out.printf("   %s answers, also to what must not be executed twice%n", id.peerName());
  }

  private void pickFaithfully() throws TimeoutException {
    out.println("6. Round robin as ipfs-cluster's own client does it: the second peer comes first");
    Map<String, JsonObject> pins = new ConcurrentHashMap<>();
    List<FakeClusterPeer> peers = new ArrayList<>();
    IpfsClusterBuilder builder = IpfsCluster.builder(vertx).observer(counters);
    for (String name : List.of("a", "b", "c", "d", "e")) {
      FakeClusterPeer peer = new FakeClusterPeer(vertx, name, pins);
      peers.add(peer);
      builder.peers(ClusterPeer.at(await(peer.start())));
    }
    IpfsCluster cluster = builder.balancing(Balancing.ROUND_ROBIN).faithful().build();
    StringBuilder picks = new StringBuilder();
    for (int call = 0; call < 7; call++) {
      picks.append(await(cluster.id()).peerName());
    }
    await(cluster.close());
    for (FakeClusterPeer peer : peers) {
      await(peer.stop());
    }
    Check.that(picks.toString().equals("bcdeabc"), "bcdeabc", picks);
    out.printf("   %s%n", picks);
  }

  private static <T> T await(Future<T> future) throws TimeoutException {
    return future.await(PATIENCE_SECONDS, TimeUnit.SECONDS);
  }
}
