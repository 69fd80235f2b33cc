// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.rest.ipfs;

import static dev.vertxmicro.runtime.rest.Waiting.await;
import static dev.vertxmicro.runtime.rest.Waiting.failure;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.vertxmicro.errors.RpcException;
import dev.vertxmicro.runtime.CallOption;
import dev.vertxmicro.runtime.RpcCounters;
import dev.vertxmicro.runtime.RpcStream;
import dev.vertxmicro.runtime.rest.RestBody;
import dev.vertxmicro.runtime.transport.TestCertificate;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.net.ClientSSLOptions;
import io.vertx.core.net.SocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Every method of the client against a server that remembers. */
class IpfsClusterIT {

  private Vertx vertx;
  private RecordingPeer peer;
  private IpfsCluster cluster;

  @BeforeEach
  void start() {
    vertx = Vertx.vertx();
    peer = new RecordingPeer(vertx);
    cluster = IpfsCluster.create(vertx, peer.peer());
  }

  @AfterEach
  void stop() {
    await(cluster.close());
    peer.close();
    await(vertx.close());
  }

  private static Arguments method(String line, Function<IpfsCluster, Future<?>> call) {
    return Arguments.of(line, call);
  }

  private static <T> Function<IpfsCluster, Future<?>> list(
      Function<IpfsCluster, Future<RpcStream<RestBody, T>>> call) {
    return cluster -> IpfsCluster.collect(call.apply(cluster), 10);
  }

  static Stream<Arguments> methods() {
    return Stream.of(
        method("GET /id", IpfsCluster::id),
        method("GET /version", IpfsCluster::version),
        method("GET /health", IpfsCluster::health),
        method("GET /peers", list(IpfsCluster::peers)),
        method("POST /peers", cluster -> cluster.peerAdd("12D3")),
        method("DELETE /peers/12D3", cluster -> cluster.peerRm("12D3")),
        method("POST /pins/Qm1", cluster -> cluster.pin("Qm1", PinOptions.none())),
        method(
            "POST /pins/Qm1?expire-at=2030-01-01T00%3A00%3A00Z&expire-in=5000ms&meta-k=v%20w"
                + "&mode=direct&name=n&origins=%2Fip4%2F1.2.3.4%2Fp2p%2FQm&pin-update=Qm0"
                + "&replication-max=3&replication-min=2&shard-size=9&user-allocations=a%2Cb",
            cluster ->
                cluster.pin(
                    "Qm1",
                    PinOptions.none()
                        .replication(2, 3)
                        .name("n")
                        .direct()
                        .shardSize(9)
                        .userAllocations("a", "b")
                        .expireAt(Instant.parse("2030-01-01T00:00:00Z"))
                        .expireIn(Duration.ofSeconds(5))
                        .metadata("k", "v w")
                        .pinUpdate("Qm0")
                        .origins("/ip4/1.2.3.4/p2p/Qm"))),
        method("DELETE /pins/Qm1", cluster -> cluster.unpin("Qm1")),
        method(
            "POST /pins/ipns/a.example/x%20y",
            cluster -> cluster.pinPath("/ipns/a.example/x y", PinOptions.none())),
        method("POST /pins/ipfs/Qm1", cluster -> cluster.pinPath("Qm1", PinOptions.none())),
        method("POST /pins/ipld/Qm1", cluster -> cluster.pinPath("/ipld/Qm1/", PinOptions.none())),
        method("DELETE /pins/ipfs/Qm1/a", cluster -> cluster.unpinPath("/ipfs/Qm1/a")),
        method("GET /allocations?filter=all", list(cluster -> cluster.allocations(Set.of()))),
        method(
            "GET /allocations?filter=pin%2Cmeta-pin",
            list(cluster -> cluster.allocations(Set.of(PinType.META_PIN, PinType.PIN)))),
        method("GET /allocations/Qm1", cluster -> cluster.allocation("Qm1")),
        method("GET /pins/Qm1?local=true", cluster -> cluster.status("Qm1", Scope.LOCAL)),
        method(
            "GET /pins?local=false&filter=&cids=",
            list(cluster -> cluster.statusAll(Set.of(), Scope.CLUSTER))),
        method(
            "GET /pins?local=true&filter=error%2Cpinned&cids=",
            list(
                cluster ->
                    cluster.statusAll(
                        Set.of(TrackerStatus.PINNED, TrackerStatus.ERROR), Scope.LOCAL))),
        method(
            "GET /pins?local=false&filter=&cids=Qm1%2CQm2",
            list(cluster -> cluster.statusCids(List.of("Qm1", "Qm2"), Scope.CLUSTER))),
        method(
            "POST /pins/Qm1/recover?local=false", cluster -> cluster.recover("Qm1", Scope.CLUSTER)),
        method("POST /pins/recover?local=true", list(cluster -> cluster.recoverAll(Scope.LOCAL))),
        method("GET /health/graph", IpfsCluster::connectGraph),
        method("GET /health/bandwidth", IpfsCluster::bandwidthByProtocol),
        method("POST /ipfs/gc?local=false", cluster -> cluster.repoGc(Scope.CLUSTER)));
  }

  @ParameterizedTest
  @MethodSource("methods")
  void asksForWhatTheMethodSays(String line, Function<IpfsCluster, Future<?>> call) {
    await(call.apply(cluster));

    assertEquals(line, peer.last());
    assertEquals("null", peer.seen().get(0).authorization());
    assertEquals(1, peer.seen().size());
  }

  static Stream<Function<IpfsCluster, Future<?>>> nameless() {
    return Stream.of(
        cluster -> cluster.pin("", PinOptions.none()),
        cluster -> cluster.unpin(""),
        cluster -> cluster.allocation(""),
        cluster -> cluster.status("", Scope.CLUSTER),
        cluster -> cluster.recover("", Scope.CLUSTER),
        cluster -> cluster.statusCids(List.of(), Scope.CLUSTER),
        cluster -> cluster.peerAdd(""),
        cluster -> cluster.peerRm(""),
        cluster -> cluster.metrics(""));
  }

  @ParameterizedTest
  @MethodSource("nameless")
  void whatNamesNothingIsNotAskedFor(Function<IpfsCluster, Future<?>> call) {
    assertThrows(IllegalArgumentException.class, () -> call.apply(cluster));
  }

  @Test
  void asksForLists() {
    peer.answers("[{\"name\":\"ping\",\"peer\":\"a\"}]");
    assertEquals("ping", await(cluster.alerts()).get(0).name());
    assertEquals("GET /health/alerts", peer.last());
    assertEquals("a", await(cluster.metrics("free space")).get(0).peer());
    assertEquals("GET /monitor/metrics/free%20space", peer.last());
    peer.answers("[\"ping\",\"freespace\"]");
    assertEquals(List.of("ping", "freespace"), await(cluster.metricNames()));
    assertEquals("GET /monitor/metrics", peer.last());
    assertThrows(IllegalArgumentException.class, () -> cluster.metrics(""));
    assertThrows(
        IllegalArgumentException.class, () -> cluster.pinPath("/ipfs/", PinOptions.none()));
    assertEquals("127.0.0.1:9095", cluster.ipfsProxy());
  }

  @Test
  void sendsBodiesAsJson() {
    await(cluster.peerAdd("12D3"));

    RecordingPeer.Seen seen = peer.seen().get(0);
    assertEquals("{\"peer_id\":\"12D3\"}", seen.body());
    assertEquals("application/json", seen.contentType());
  }

  @Test
  void readsReplies() {
    peer.answers(
        "{\"id\":\"12D3\",\"version\":\"1.0.8\",\"ipfs\":{\"id\":\"Qm\",\"error\":\"x\"}}");

    ClusterId id = await(cluster.id());

    assertEquals("12D3", id.id());
    assertEquals("x", id.ipfs().error());
    assertEquals(new ClusterVersion("1.0.8"), await(cluster.version()));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"id\":\"a\"}\n{\"id\":\"b\"}\n",
        "[{\"id\":\"a\"},{\"id\":\"b\"}]",
        "{\"id\":\"a\"}{\"id\":\"b\"}"
      })
  void readsListsOfOldAndNewPeers(String body) {
    peer.answers(body);

    List<ClusterId> all = await(IpfsCluster.collect(cluster.peers(), 10));

    assertEquals(List.of("a", "b"), all.stream().map(ClusterId::id).toList());
  }

  @Test
  void anEmptyListMayBeNothingOrNull() {
    peer.answers(request -> request.response().setStatusCode(204).end());
    assertEquals(List.of(), await(IpfsCluster.collect(cluster.peers(), 10)));
    peer.answers("null");
    assertEquals(List.of(), await(IpfsCluster.collect(cluster.peers(), 10)));
  }

  @ParameterizedTest
  @ValueSource(ints = {202, 204})
  void ofAnAnswerWithoutABodyAllIsEmpty(int status) {
    peer.answers(request -> request.response().setStatusCode(status).end());

    assertEquals("", await(cluster.unpin("Qm1")).cid());
    assertEquals(List.of(), await(cluster.alerts()));
    assertEquals(Map.of(), await(cluster.bandwidthByProtocol()));
    assertNull(await(cluster.peerRm("a")));
  }

  @Test
  void anEmptyBodyIsNoReply() {
    peer.answers("");

    assertEquals(500, failure(cluster.unpin("Qm1")).code());
  }

  @Test
  void aListThatIsTooLongIsCancelled() {
    peer.answers("[{},{},{}]");

    assertEquals(499, failure(IpfsCluster.collect(cluster.peers(), 2)).code());
  }

  @Test
  void aListThatFailsInTheTrailerFails() {
    peer.answers(
        request -> {
          request.response().setChunked(true).putHeader("Trailer", "X-Stream-Error");
          request.response().putTrailer("X-Stream-Error", "peer gone").end("{\"id\":\"a\"}\n");
        });

    RpcException failed = failure(IpfsCluster.collect(cluster.peers(), 10));

    assertEquals(500, failed.code());
    assertEquals("peer gone", failed.detail());
  }

  @Test
  void errorsAreThoseOfThePeer() {
    peer.fails(404, "{\"code\":404,\"message\":\"not found\"}");

    RpcException failed = failure(cluster.allocation("Qm1"));

    assertEquals(404, failed.code());
    assertEquals("not found", failed.detail());
    assertEquals(1, peer.seen().size());
  }

  @Test
  void eachPeerGetsItsOwnPassword() {
    try (RecordingPeer other = new RecordingPeer(vertx)) {
      IpfsCluster both =
          IpfsCluster.builder(vertx)
              .peers(
                  peer.peer().withBasicAuth("anna", "one"),
                  other.peer().withBasicAuth("bert", "two"))
              .balancing(Balancing.ROUND_ROBIN)
              .build();
      await(both.id());
      await(both.id());
      await(both.close());

      assertEquals("Basic YW5uYTpvbmU=", peer.seen().get(0).authorization());
      assertEquals("Basic YmVydDp0d28=", other.seen().get(0).authorization());
    }
  }

  @Test
  void aTokenStandsForThePassword() {
    peer.answers("{\"token\":\"x.y.z\"}");
    IpfsCluster asks = IpfsCluster.create(vertx, peer.peer().withBasicAuth("anna", "one"));
    String token = await(asks.token());
    await(asks.close());
    peer.answers("{}");
    IpfsCluster uses = IpfsCluster.create(vertx, peer.peer().withBearerToken(token));
    await(uses.id());
    await(IpfsCluster.collect(uses.peers(), 5));
    await(uses.close());

    assertEquals("POST /token", peer.seen().get(0).line());
    assertEquals("Basic YW5uYTpvbmU=", peer.seen().get(0).authorization());
    assertEquals("Bearer x.y.z", peer.seen().get(1).authorization());
    assertEquals("Bearer x.y.z", peer.seen().get(2).authorization());
  }

  @ParameterizedTest
  @CsvSource({"true, 1", "false, 3"})
  void connectionsLiveOnUnlessTheyMayNot(boolean keep, int connections) {
    RpcCounters counters = new RpcCounters();
    IpfsClusterBuilder builder = IpfsCluster.builder(vertx).peers(peer.peer()).observer(counters);
    IpfsCluster calls = keep ? builder.build() : builder.disableKeepAlives().build();
    for (int call = 0; call < 3; call++) {
      await(calls.id());
    }
    await(calls.close());

    assertEquals(connections, counters.connections());
  }

  @Test
  void speaksTlsAndChecksThePeer() {
    TestCertificate certificate = TestCertificate.forLoopback();
    HttpServerOptions tls =
        new HttpServerOptions().setSsl(true).setKeyCertOptions(certificate.identity());
    try (RecordingPeer secure = new RecordingPeer(vertx, tls)) {
      IpfsCluster strict = IpfsCluster.create(vertx, secure.peer().withSsl());
      assertEquals(503, failure(strict.id()).code());
      await(strict.close());
      ClientSSLOptions trusting = new ClientSSLOptions().setTrustOptions(certificate.trust());
      IpfsCluster trusts = IpfsCluster.create(vertx, secure.peer().withSsl(trusting));
      await(trusts.id());
      await(trusts.close());
      ClientSSLOptions careless =
          new ClientSSLOptions().setTrustAll(true).setHostnameVerificationAlgorithm("");
      IpfsCluster all = IpfsCluster.create(vertx, secure.peer().withSsl(careless));
      await(all.id());
      await(all.close());

      assertEquals(2, secure.seen().size());
    }
  }

  @Test
  void speaksOverAUnixSocket(@TempDir Path directory) {
    Path path = directory.resolve("cluster.sock");
    HttpServer server =
        vertx.createHttpServer().requestHandler(r -> r.response().end("{\"version\":\"1\"}"));
    await(server.listen(SocketAddress.domainSocketAddress(path.toString())));
    IpfsCluster unix = IpfsCluster.create(vertx, ClusterPeer.at("/unix" + path));

    assertEquals("1", await(unix.version()).version());
    assertThrows(IllegalStateException.class, unix::ipfsProxy);
    await(unix.close());
    await(server.close());
  }

  // ---- adding

  @Test
  void addsFilesAndDirectories(@TempDir Path directory) throws Exception {
    Path tree = Files.createDirectory(directory.resolve("tree"));
    Files.writeString(tree.resolve("b c.txt"), "two");
    Files.writeString(tree.resolve("a.txt"), "one");
    Files.writeString(tree.resolve(".hidden"), "no");
    Files.createDirectory(tree.resolve("empty"));
    peer.answers("{\"name\":\"tree/a.txt\",\"cid\":\"Qm1\",\"size\":3}\n{\"name\":\"tree\"}\n");

    List<AddedOutput> added =
        await(
            IpfsCluster.collect(cluster.add(List.of(tree), AddParams.defaults().recursive()), 10));

    assertEquals(List.of("tree/a.txt", "tree"), added.stream().map(AddedOutput::name).toList());
    assertEquals("Qm1", added.get(0).cid());
    RecordingPeer.Seen seen = peer.seen().get(0);
    assertEquals(
        "POST /add?shard-size=104857600&chunker=size-262144&cid-version=0&format=unixfs"
            + "&hash=sha2-256&hidden=false&layout=&local=false&no-pin=false&nocopy=false"
            + "&progress=false&raw-leaves=false&recursive=true&shard=false&stream-channels=true"
            + "&wrap-with-directory=false",
        seen.line());
    String boundary = seen.contentType().replace("multipart/form-data; boundary=", "");
    assertEquals(
        """
        --#
        Content-Disposition: form-data; name="file"; filename="tree"
        Content-Type: application/x-directory


        --#
        Content-Disposition: form-data; name="file"; filename="tree%2Fa.txt"
        Content-Type: application/octet-stream

        one
        --#
        Content-Disposition: form-data; name="file"; filename="tree%2Fb+c.txt"
        Content-Type: application/octet-stream

        two
        --#
        Content-Disposition: form-data; name="file"; filename="tree%2Fempty"
        Content-Type: application/x-directory


        --#--
        """,
        seen.body().replace(boundary, "#").replace("\r\n", "\n"));
  }

  @Test
  void whatCannotBeReadIsNotAdded(@TempDir Path directory) {
    AddParams plain = AddParams.defaults();

    assertThrows(
        IllegalArgumentException.class, () -> await(cluster.add(List.of(directory), plain)));
    assertThrows(
        RuntimeException.class,
        () -> await(cluster.add(List.of(directory.resolve("none")), plain)));
    assertThrows(
        RuntimeException.class, () -> await(cluster.add(List.of(Path.of("/dev/null")), plain)));
    assertEquals(0, peer.seen().size());
  }

  @Test
  void linksAreAddedAsLinks(@TempDir Path directory) throws Exception {
    Path tree = Files.createDirectory(directory.resolve("tree"));
    Files.createSymbolicLink(tree.resolve("to-file"), Path.of("../else where"));
    Path link = Files.createSymbolicLink(directory.resolve("link"), tree);

    await(
        IpfsCluster.collect(
            cluster.add(List.of(tree, link), AddParams.defaults().recursive()), 10));

    assertEquals(
        """
        --#
        Content-Disposition: form-data; name="file"; filename="tree"
        Content-Type: application/x-directory


        --#
        Content-Disposition: form-data; name="file"; filename="tree%2Fto-file"
        Content-Type: application/symlink

        ../else where
        --#
        Content-Disposition: form-data; name="file"; filename="link"
        Content-Type: application/symlink

        TREE
        --#--
        """
            .replace("TREE", tree.toString()),
        sent());
  }

  /** Returns the body of the first request, with # for its boundary. */
  private String sent() {
    RecordingPeer.Seen seen = peer.seen().get(0);
    String boundary = seen.contentType().replace("multipart/form-data; boundary=", "");
    return seen.body().replace(boundary, "#").replace("\r\n", "\n");
  }

  private static Upload web(HttpServer web, String path) {
    return Upload.empty().url("http://127.0.0.1:" + web.actualPort() + path);
  }

  private HttpServer web(io.vertx.core.Handler<HttpServerRequest> handler) {
    return await(vertx.createHttpServer().requestHandler(handler).listen(0, "127.0.0.1"));
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void addsWhatIsOnTheWeb(boolean noCopy) {
    byte[] megabyte = new byte[1 << 20];
    HttpServer web =
        web(
            request -> {
              if (request.path().equals("/old/a%20b.bin")) {
                request.response().setStatusCode(302).putHeader("Location", "/new").end();
              } else {
                request.response().end(Buffer.buffer(megabyte));
              }
            });
    AddParams params = noCopy ? AddParams.defaults().noCopy() : AddParams.defaults();

    await(IpfsCluster.collect(cluster.add(web(web, "/old/a%20b.bin?k=v"), params), 10));

    assertTrue(peer.last().contains("&nocopy=" + noCopy + "&"), peer.last());
    String at = "http://127.0.0.1:" + web.actualPort() + "/old/a%20b.bin?k=v";
    assertEquals(
        """
        --#
        %sContent-Disposition: form-data; name="file"; filename="a+b.bin"
        Content-Type: application/octet-stream

        content
        --#--
        """
            .formatted(noCopy ? "Abspath: " + at + "\n" : ""),
        sent().replace("\0".repeat(megabyte.length), "content"));
    await(web.close());
  }

  @Test
  void whatIsNotOnTheWebFailsTheUpload() {
    HttpServer web = web(request -> request.response().setStatusCode(404).end("none"));

    RpcException failed =
        failure(IpfsCluster.collect(cluster.add(web(web, "/a"), AddParams.defaults()), 10));

    assertEquals(499, failed.code());
    assertTrue(failed.getMessage().contains("127.0.0.1/a: status 404"), failed.getMessage());
    await(web.close());
  }

  @Test
  void whatThePeerRefusesIsNotFetchedToItsEnd() {
    Promise<Void> left = Promise.promise();
    HttpServer web =
        web(
            request -> {
              request.connection().closeHandler(left::tryComplete);
              request.response().setChunked(true).write("the first of much");
            });
    HttpServer refusing =
        vertx
            .createHttpServer()
            .requestHandler(
                request ->
                    request.handler(
                        piece -> {
                          if (piece.toString().contains("the first")) {
                            request.response().setStatusCode(500).end("{\"message\":\"full\"}");
                          }
                        }));
    await(refusing.listen(0, "127.0.0.1"));
    IpfsCluster full =
        IpfsCluster.create(vertx, ClusterPeer.at("127.0.0.1", refusing.actualPort()));

    RpcException failed =
        failure(IpfsCluster.collect(full.add(web(web, "/much"), AddParams.defaults()), 10));

    assertEquals("full", failed.detail());
    await(left.future());
    await(full.close());
    await(refusing.close());
    await(web.close());
  }

  @Test
  void onlyWhatIsOnTheWebCanStayWhereItIs() {
    Upload web = Upload.empty().directory("d").url("d/a", "https://a.example/x");

    assertTrue(web.isOnWeb());
    assertThrows(
        IllegalArgumentException.class,
        () -> cluster.add(web.file("d/b", Buffer.buffer("here")), AddParams.defaults().noCopy()));
  }

  @ParameterizedTest
  @ValueSource(strings = {"ftp://a.example/x", "a.example/x", "http:///x", "http://a b/", "/tmp/x"})
  void whatIsNoPageOfTheWebIsRefused(String url) {
    assertThrows(IllegalArgumentException.class, () -> Upload.empty().url("x", url));
  }

  @Test
  void manySmallFilesAreSentOneAfterAnother() {
    Upload upload = Upload.empty();
    for (int i = 0; i < 3_000; i++) {
      upload = upload.file("f-" + i, Buffer.buffer("x"));
    }

    await(IpfsCluster.collect(cluster.add(upload, AddParams.defaults()), 10));

    assertEquals(3_001, sent().split("--#", -1).length - 1);
  }

  @Test
  void whatWasAddedArrivesWhileTheRestIsOnItsWay() {
    byte[] megabytes = new byte[3 << 20];
    HttpServer server =
        vertx
            .createHttpServer()
            .requestHandler(
                request -> {
                  request.response().setChunked(true).putHeader("Connection", "close");
                  request.handler(
                      piece -> request.response().write("{\"bytes\":" + piece.length() + "}\n"));
                  request.endHandler(end -> request.response().end("{\"name\":\"end\"}\n"));
                });
    await(server.listen(0, "127.0.0.1"));
    IpfsCluster duplex =
        IpfsCluster.create(vertx, ClusterPeer.at("127.0.0.1", server.actualPort()));
    Upload upload = Upload.empty();
    for (int i = 0; i < 3; i++) {
      upload = upload.file("big-" + i, Buffer.buffer(megabytes));
    }

    List<AddedOutput> added =
        await(IpfsCluster.collect(duplex.add(upload, AddParams.defaults()), 100_000));

    long bytes = added.stream().mapToLong(AddedOutput::bytes).sum();
    long content = 3L * megabytes.length;
    assertTrue(bytes > content && bytes < content + 2_000, "bytes: " + bytes);
    assertEquals("end", added.get(added.size() - 1).name());
    await(duplex.close());
    await(server.close());
  }

  @Test
  void callsTakeOptions() {
    peer.answers(request -> {});

    RpcException late = failure(cluster.id(CallOption.timeout(Duration.ofMillis(50))));

    assertEquals(408, late.code());
  }
}
