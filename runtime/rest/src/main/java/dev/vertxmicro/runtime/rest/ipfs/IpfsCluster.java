// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.rest.ipfs;

import dev.vertxmicro.runtime.CallOption;
import dev.vertxmicro.runtime.RpcStream;
import dev.vertxmicro.runtime.rest.RestBody;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The REST API of ipfs-cluster, as its own Go client has it, from v0.12 to v1.x: lists arrive as
 * streams, whether the peer sends a sequence of values or, as it did before v1.0, one array.
 *
 * <p>Calls fail with {@link dev.vertxmicro.errors.RpcException}: the code is the HTTP status, the
 * detail the message of the peer. Several peers stand in for each other, see {@link
 * IpfsClusterBuilder}. May be used from any thread; completes on the context of the caller. {@link
 * #close} fails what still runs.
 */
public interface IpfsCluster {

  /** Starts a client of one peer or several. */
  static IpfsClusterBuilder builder(Vertx vertx) {
    return new IpfsClusterBuilder(vertx);
  }

  /** Returns a client of these peers with all defaults. */
  static IpfsCluster create(Vertx vertx, ClusterPeer... peers) {
    return builder(vertx).peers(peers).build();
  }

  /** Returns what the peer says of itself. */
  Future<ClusterId> id(CallOption... options);

  /** Returns the version of the peer. */
  Future<ClusterVersion> version(CallOption... options);

  /**
   * Returns a token that stands for the user of this client, see {@link
   * ClusterPeer#withBearerToken}. The peer that is asked gives it out; all that have the same
   * password for this user take it. From v1.0.2.
   */
  Future<String> token(CallOption... options);

  /** Completes if the peer is well; needs no password. From v1.0. */
  Future<Void> health(CallOption... options);

  /** Lists all peers. */
  Future<RpcStream<RestBody, ClusterId>> peers(CallOption... options);

  /** Adds a peer to the cluster. */
  Future<ClusterId> peerAdd(String peerId, CallOption... options);

  /** Removes a peer from the cluster. */
  Future<Void> peerRm(String peerId, CallOption... options);

  /**
   * Adds files, symbolic links as such, and directories if {@code params} are recursive. What was
   * added arrives while the rest is still on its way. {@link Upload#url} adds what is on the web.
   *
   * <p>Files that cannot be read fail the future if that shows before the first byte is sent, and
   * else the stream.
   */
  Future<RpcStream<RestBody, AddedOutput>> add(
      List<Path> paths, AddParams params, CallOption... options);

  /**
   * Adds what is in an upload, see {@link #add}.
   *
   * @throws IllegalArgumentException if {@code params} say {@link AddParams#noCopy} and not all of
   *     it is on the web
   */
  Future<RpcStream<RestBody, AddedOutput>> add(
      Upload upload, AddParams params, CallOption... options);

  /** Pins a CID. */
  Future<Pin> pin(String cid, PinOptions how, CallOption... options);

  /** Unpins a CID; returns the pin as it was. */
  Future<Pin> unpin(String cid, CallOption... options);

  /**
   * Pins what a path leads to.
   *
   * @param path {@code /ipfs/...}, {@code /ipns/...} or {@code /ipld/...}; another is taken as if
   *     {@code /ipfs/} stood before it
   */
  Future<Pin> pinPath(String path, PinOptions how, CallOption... options);

  /** Unpins what a path leads to, see {@link #pinPath}. */
  Future<Pin> unpinPath(String path, CallOption... options);

  /** Lists the pins of these types; none means all. */
  Future<RpcStream<RestBody, Pin>> allocations(Set<PinType> types, CallOption... options);

  /** Returns a pin; fails with code 404 if there is none. */
  Future<Pin> allocation(String cid, CallOption... options);

  /** Returns what peers know of a pin. */
  Future<GlobalPinInfo> status(String cid, Scope scope, CallOption... options);

  /** Lists what peers know of the pins in one of these states; none means all. */
  Future<RpcStream<RestBody, GlobalPinInfo>> statusAll(
      Set<TrackerStatus> filter, Scope scope, CallOption... options);

  /**
   * Lists what peers know of these pins, in any order. From v1.0.
   *
   * @throws IllegalArgumentException if there are none: the peer would list all
   */
  Future<RpcStream<RestBody, GlobalPinInfo>> statusCids(
      List<String> cids, Scope scope, CallOption... options);

  /** Makes peers try again what went wrong with a pin. */
  Future<GlobalPinInfo> recover(String cid, Scope scope, CallOption... options);

  /** Makes peers try again what went wrong with any pin. */
  Future<RpcStream<RestBody, GlobalPinInfo>> recoverAll(Scope scope, CallOption... options);

  /** Returns the metrics that did not come in time. */
  Future<List<Alert>> alerts(CallOption... options);

  /** Returns what each protocol has moved. From v1.1. */
  Future<Map<String, Bandwidth>> bandwidthByProtocol(CallOption... options);

  /** Returns who is connected to whom. */
  Future<ConnectGraph> connectGraph(CallOption... options);

  /** Returns the names of the metrics that there are. */
  Future<List<String>> metricNames(CallOption... options);

  /**
   * Returns what each peer has sent of a metric.
   *
   * @throws IllegalArgumentException if the name is empty
   */
  Future<List<Metric>> metrics(String name, CallOption... options);

  /** Collects garbage. */
  Future<GlobalRepoGc> repoGc(Scope scope, CallOption... options);

  /**
   * Returns the host and port of the IPFS proxy of the first peer, or, if the client is {@link
   * IpfsClusterBuilder#faithful faithful}, of the one whose turn it is: then that turn is taken.
   * Asks nobody.
   *
   * @throws IllegalStateException if that peer is on a unix domain socket and its proxy was not
   *     named ({@link ClusterPeer#withProxy})
   */
  String ipfsProxy();

  /** Ends the client; calls that still run fail. May be called twice. */
  Future<Void> close();

  /**
   * Takes all of a list.
   *
   * @param list as one of the methods here returned it
   * @param most cancels the list, and fails, if there is more
   */
  static <T> Future<List<T>> collect(Future<RpcStream<RestBody, T>> list, int most) {
    return list.compose(
        stream -> {
          Promise<List<T>> collected = Promise.promise();
          List<T> all = new ArrayList<>();
          stream.exceptionHandler(collected::tryFail);
          stream.endHandler(end -> collected.tryComplete(all));
          stream.handler(
              each -> {
                if (all.size() < most) {
                  all.add(each);
                } else {
                  stream.cancel("more than " + most + " in the list");
                }
              });
          stream.resume();
          return collected.future();
        });
  }
}
