// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.rest.ipfs;

import dev.vertxmicro.codec.TypeRef;
import dev.vertxmicro.runtime.CallOption;
import dev.vertxmicro.runtime.RpcClient;
import dev.vertxmicro.runtime.RpcStream;
import dev.vertxmicro.runtime.rest.RestBody;
import dev.vertxmicro.runtime.rest.RestRequest;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonObject;
import java.lang.reflect.ParameterizedType;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/** The client on the runtime: each method is one REST request. */
final class RestIpfsCluster implements IpfsCluster {

  static final String SERVICE = "ipfs-cluster";

  private static final String STREAM_ERROR = "X-Stream-Error";

  private final Vertx vertx;
  private final RpcClient client;
  private final List<ClusterPeer> peers;
  private final Supplier<ClusterPeer> first;
  private final boolean marksIdempotent;
  private final boolean allIdempotent;

  /**
   * Wraps a client.
   *
   * @param first tells with which peer the next call begins
   */
  RestIpfsCluster(
      Vertx vertx,
      RpcClient client,
      List<ClusterPeer> peers,
      Supplier<ClusterPeer> first,
      boolean marksIdempotent,
      boolean allIdempotent) {
    this.vertx = vertx;
    this.client = client;
    this.peers = peers;
    this.first = first;
    this.marksIdempotent = marksIdempotent;
    this.allIdempotent = allIdempotent;
  }

  // ---- peers

  @Override
  public Future<ClusterId> id(CallOption... options) {
    return read(RestRequest.get("/id"), TypeRef.of(ClusterId.class), options);
  }

  @Override
  public Future<ClusterVersion> version(CallOption... options) {
    return read(RestRequest.get("/version"), TypeRef.of(ClusterVersion.class), options);
  }

  @Override
  public Future<String> token(CallOption... options) {
    return read(RestRequest.post("/token"), TypeRef.of(Token.class), options).map(Token::token);
  }

  @Override
  public Future<Void> health(CallOption... options) {
    return read(RestRequest.get("/health"), TypeRef.of(Void.class), options);
  }

  @Override
  public Future<RpcStream<RestBody, ClusterId>> peers(CallOption... options) {
    return list(RestRequest.get("/peers"), ClusterId.class, options);
  }

  @Override
  public Future<ClusterId> peerAdd(String peerId, CallOption... options) {
    JsonObject body = new JsonObject().put("peer_id", present("peerId", peerId));
    return write(RestRequest.post("/peers").json(body), TypeRef.of(ClusterId.class), options);
  }

  @Override
  public Future<Void> peerRm(String peerId, CallOption... options) {
    return write(
        RestRequest.delete("/peers/{peer}").path("peer", present("peerId", peerId)),
        TypeRef.of(Void.class),
        options);
  }

  // ---- adding

  @Override
  public Future<RpcStream<RestBody, AddedOutput>> add(
      List<Path> paths, AddParams params, CallOption... options) {
    List<Path> all = List.copyOf(paths);
    return vertx
        .executeBlocking(() -> Upload.of(all, params), false)
        .compose(upload -> add(upload, params, options));
  }

  @Override
  public Future<RpcStream<RestBody, AddedOutput>> add(
      Upload upload, AddParams params, CallOption... options) {
    if (params.isNoCopy() && !upload.isOnWeb()) {
      throw new IllegalArgumentException("noCopy: with " + upload + " (expected: only URLs)");
    }
    UploadSender sender = new UploadSender(vertx, upload, params.isNoCopy());
    RestRequest request =
        RestRequest.post("/add").contentType(sender.contentType()).errorTrailer(STREAM_ERROR);
    params.writeTo(request);
    return client.stream(request.streamTo(SERVICE, AddedOutput.class), options)
        .onSuccess(
            stream -> {
              sender
                  .sendOn(stream)
                  .onFailure(why -> stream.cancel("the upload failed: " + why.getMessage()));
              stream.trailers().onComplete(over -> sender.stop());
            });
  }

  // ---- pins

  @Override
  public Future<Pin> pin(String cid, PinOptions how, CallOption... options) {
    RestRequest request = RestRequest.post("/pins/{cid}").path("cid", present("cid", cid));
    how.writeTo(request);
    return read(request, TypeRef.of(Pin.class), options);
  }

  @Override
  public Future<Pin> unpin(String cid, CallOption... options) {
    return write(
        RestRequest.delete("/pins/{cid}").path("cid", present("cid", cid)),
        TypeRef.of(Pin.class),
        options);
  }

  @Override
  public Future<Pin> pinPath(String path, PinOptions how, CallOption... options) {
    RestRequest request = RestRequest.post("/pins{path}").segments("path", contentPath(path));
    how.writeTo(request);
    return read(request, TypeRef.of(Pin.class), options);
  }

  @Override
  public Future<Pin> unpinPath(String path, CallOption... options) {
    return write(
        RestRequest.delete("/pins{path}").segments("path", contentPath(path)),
        TypeRef.of(Pin.class),
        options);
  }

  private static String contentPath(String path) {
    String whole =
        path.startsWith("/ipfs/") || path.startsWith("/ipns/") || path.startsWith("/ipld/")
            ? path
            : "/ipfs/" + path;
    String[] parts = whole.split("/", -1);
    if (parts.length < 3 || parts[2].isEmpty()) {
      throw new IllegalArgumentException(
          "path: '" + path + "' (expected: /ipfs/CID, /ipns/NAME or /ipld/CID, with more behind)");
    }
    // Peers redirect from paths that end with a slash.
    return whole.replaceFirst("/+$", "");
  }

  @Override
  public Future<RpcStream<RestBody, Pin>> allocations(Set<PinType> types, CallOption... options) {
    String filter =
        types.isEmpty()
            ? PinType.ALL.wireName()
            : types.stream().sorted().map(PinType::wireName).collect(Collectors.joining(","));
    return list(RestRequest.get("/allocations").query("filter", filter), Pin.class, options);
  }

  @Override
  public Future<Pin> allocation(String cid, CallOption... options) {
    return read(
        RestRequest.get("/allocations/{cid}").path("cid", present("cid", cid)),
        TypeRef.of(Pin.class),
        options);
  }

  @Override
  public Future<GlobalPinInfo> status(String cid, Scope scope, CallOption... options) {
    return read(
        RestRequest.get("/pins/{cid}")
            .path("cid", present("cid", cid))
            .query("local", scope.local()),
        TypeRef.of(GlobalPinInfo.class),
        options);
  }

  @Override
  public Future<RpcStream<RestBody, GlobalPinInfo>> statusAll(
      Set<TrackerStatus> filter, Scope scope, CallOption... options) {
    return statuses(scope, filter, List.of(), options);
  }

  @Override
  public Future<RpcStream<RestBody, GlobalPinInfo>> statusCids(
      List<String> cids, Scope scope, CallOption... options) {
    if (cids.isEmpty()) {
      throw new IllegalArgumentException("cids: none (expected: some; statusAll lists all)");
    }
    return statuses(scope, Set.of(), cids, options);
  }

  private Future<RpcStream<RestBody, GlobalPinInfo>> statuses(
      Scope scope, Set<TrackerStatus> filter, List<String> cids, CallOption... options) {
    String states =
        filter.stream().sorted().map(TrackerStatus::wireName).collect(Collectors.joining(","));
    RestRequest request =
        RestRequest.get("/pins")
            .query("local", scope.local())
            .query("filter", states)
            .query("cids", String.join(",", cids));
    return list(request, GlobalPinInfo.class, options);
  }

  @Override
  public Future<GlobalPinInfo> recover(String cid, Scope scope, CallOption... options) {
    return read(
        RestRequest.post("/pins/{cid}/recover")
            .path("cid", present("cid", cid))
            .query("local", scope.local()),
        TypeRef.of(GlobalPinInfo.class),
        options);
  }

  @Override
  public Future<RpcStream<RestBody, GlobalPinInfo>> recoverAll(Scope scope, CallOption... options) {
    return list(
        RestRequest.post("/pins/recover").query("local", scope.local()),
        GlobalPinInfo.class,
        options);
  }

  // ---- health

  @Override
  public Future<List<Alert>> alerts(CallOption... options) {
    return read(RestRequest.get("/health/alerts"), new TypeRef<List<Alert>>() {}, options);
  }

  @Override
  public Future<Map<String, Bandwidth>> bandwidthByProtocol(CallOption... options) {
    return read(
        RestRequest.get("/health/bandwidth"), new TypeRef<Map<String, Bandwidth>>() {}, options);
  }

  @Override
  public Future<ConnectGraph> connectGraph(CallOption... options) {
    return read(RestRequest.get("/health/graph"), TypeRef.of(ConnectGraph.class), options);
  }

  @Override
  public Future<List<String>> metricNames(CallOption... options) {
    return read(RestRequest.get("/monitor/metrics"), new TypeRef<List<String>>() {}, options);
  }

  @Override
  public Future<List<Metric>> metrics(String name, CallOption... options) {
    return read(
        RestRequest.get("/monitor/metrics/{name}").path("name", present("name", name)),
        new TypeRef<List<Metric>>() {},
        options);
  }

  @Override
  public Future<GlobalRepoGc> repoGc(Scope scope, CallOption... options) {
    return write(
        RestRequest.post("/ipfs/gc").query("local", scope.local()),
        TypeRef.of(GlobalRepoGc.class),
        options);
  }

  @Override
  public String ipfsProxy() {
    return first.get().proxy();
  }

  @Override
  public Future<Void> close() {
    return client.close();
  }

  // ---- calls

  /** Without it the path would be that of another method. */
  private static String present(String name, String value) {
    if (value.isEmpty()) {
      throw new IllegalArgumentException(name + ": empty (expected: one)");
    }
    return value;
  }

  /** Makes a call that may be executed more than once. */
  private <R> Future<R> read(RestRequest request, TypeRef<R> reply, CallOption... options) {
    return call(request, reply, marksIdempotent ? idempotent(options) : options);
  }

  /** Makes a call that must be executed once. */
  private <R> Future<R> write(RestRequest request, TypeRef<R> reply, CallOption... options) {
    return call(request, reply, allIdempotent ? idempotent(options) : options);
  }

  /** Of an answer without a body everything is empty, as for ipfs-cluster's own client. */
  private <R> Future<R> call(RestRequest request, TypeRef<R> reply, CallOption... options) {
    boolean list =
        reply.type() instanceof ParameterizedType generic && generic.getRawType() == List.class;
    request.emptyReply(list ? "[]" : "{}");
    return client.call(request.to(SERVICE, reply), options);
  }

  private <R> Future<RpcStream<RestBody, R>> list(
      RestRequest request, Class<R> each, CallOption... options) {
    return client.stream(
        request.errorTrailer(STREAM_ERROR).to(SERVICE, each),
        marksIdempotent ? idempotent(options) : options);
  }

  private static CallOption[] idempotent(CallOption... options) {
    CallOption[] more = new CallOption[options.length + 1];
    more[0] = CallOption.idempotent();
    System.arraycopy(options, 0, more, 1, options.length);
    return more;
  }

  @Override
  public String toString() {
    return "IpfsCluster" + peers;
  }
}
