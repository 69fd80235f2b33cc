// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.mucp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.vertxmicro.codec.Message;
import dev.vertxmicro.errors.GrpcStatus;
import dev.vertxmicro.errors.Processed;
import dev.vertxmicro.errors.RpcException;
import dev.vertxmicro.registry.Node;
import dev.vertxmicro.runtime.mucp.MucpCaller.Call;
import dev.vertxmicro.runtime.mucp.MucpCaller.Stream;
import dev.vertxmicro.runtime.transport.SendOptions;
import dev.vertxmicro.runtime.transport.TestCertificate;
import dev.vertxmicro.runtime.transport.TransportPeer;
import dev.vertxmicro.time.Deadline;
import io.vertx.core.Vertx;
import io.vertx.core.net.ClientSSLOptions;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Who speaks TLS, and whom it trusts. */
class MucpTlsIT {

  private static final TestCertificate SERVER = TestCertificate.forLoopback();
  private static final TestCertificate ELSEWHERE = TestCertificate.forOtherHost();
  private static final Vertx VERTX = Vertx.vertx();

  private static MucpPeer tls;
  private static MucpPeer otherHost;
  private static MucpPeer plain;

  @BeforeAll
  static void start() {
    tls = MucpPeer.startTls(VERTX, SERVER);
    otherHost = MucpPeer.startTls(VERTX, ELSEWHERE);
    plain = MucpPeer.start(VERTX);
    for (MucpPeer peer : new MucpPeer[] {tls, otherHost, plain}) {
      peer.serve(call -> call.reply(Message.reply().body(call.body()).build()));
    }
  }

  @AfterAll
  static void stop() {
    MucpCaller.await(VERTX.close());
  }

  @ParameterizedTest
  @ValueSource(strings = {"https://127.0.0.1:%d", "https://localhost:%d", "127.0.0.1:%d"})
  void optionsTurnItOnForEveryNode(String address) {
    try (MucpCaller caller = caller(SERVER)) {
      for (int i = 0; i < 3; i++) {
        assertEquals("hello", caller.call(address.formatted(port(tls))).body());
      }
      assertEquals(1, caller.observer.connectionsOpened());
    }
  }

  @Test
  void largeMessagesGoThrough() {
    CompletableFuture<Void> cancelled = new CompletableFuture<>();
    MucpPeer streaming = MucpPeer.startTls(VERTX, SERVER);
    streaming.serveStreams(
        stream -> {
          stream.requests(stream::write, () -> {});
          stream.cancelled().onSuccess(cancelled::complete);
        });
    try (MucpCaller caller = caller(SERVER)) {
      String large = "x".repeat(3 << 20);
      assertEquals(large, caller.call(tls.node().address(), large).body());

      Stream stream = caller.open(streaming.node().address());
      stream.write(large);
      assertEquals(large, stream.next());
      stream.cancel();

      assertEquals(499, stream.failure().code());
      MucpCaller.await(cancelled);
    } finally {
      streaming.close();
    }
  }

  @Test
  void cancelCutsTheConnection() {
    CompletableFuture<TransportPeer.Call> arrived = new CompletableFuture<>();
    MucpPeer silent = MucpPeer.startTls(VERTX, SERVER);
    silent.serve(arrived::complete);
    try (MucpCaller caller = caller(SERVER)) {
      Call call = caller.call(silent.node().address());
      TransportPeer.Call seen = MucpCaller.await(arrived);

      call.cancel();

      assertEquals(499, call.failure().code());
      MucpCaller.await(seen.cancelled());
    } finally {
      silent.close();
    }
  }

  @Test
  void anAddressCanAskForPlainText() {
    try (MucpCaller caller = caller(SERVER)) {
      assertEquals("hello", caller.call("http://127.0.0.1:" + port(plain)).body());
    }
  }

  @Test
  void metadataTurnsItOnWithVerification() {
    try (MucpCaller caller = MucpCaller.create()) {
      Node node =
          Node.builder("node", "127.0.0.1:" + port(tls))
              .protocol("mucp")
              .metadata("secure", "true")
              .build();

      assertNotConnected(caller.call(node, MucpCaller.request(""), Deadline.NONE));
    }
  }

  @Test
  void theHostNameIsChecked() {
    try (MucpCaller caller = caller(ELSEWHERE)) {
      assertNotConnected(caller.call("127.0.0.1:" + port(otherHost)));
    }
    ClientSSLOptions unchecked =
        new ClientSSLOptions()
            .setTrustOptions(ELSEWHERE.trust())
            .setHostnameVerificationAlgorithm("");
    try (MucpCaller caller = MucpCaller.create(4, new MucpOptions().setSsl(unchecked))) {
      assertEquals("hello", caller.call("127.0.0.1:" + port(otherHost)).body());
    }
  }

  @Test
  void aServerWithoutTlsIsNotSpokenTo() {
    try (MucpCaller caller = caller(SERVER)) {
      assertNotConnected(caller.call("127.0.0.1:" + port(plain)));
    }
  }

  @Test
  void plainTextToAServerWithTlsFails() {
    try (MucpCaller caller = MucpCaller.create()) {
      RpcException failure = caller.call("127.0.0.1:" + port(tls)).failure();

      assertFalse(failure.processed() == Processed.YES, failure.getMessage());
    }
  }

  @Test
  void aServerThatIsSilentInTheHandshakeIsGivenUp() {
    try (ScriptedHttpServer server = ScriptedHttpServer.start(peer -> peer.hold());
        MucpCaller caller = caller(SERVER)) {
      Call one = caller.call(server.address());
      Stream two = caller.open(server.address());
      caller.settle();

      caller.time.advance(SendOptions.DEFAULT.dialTimeout());

      assertNotConnected(one);
      RpcException failure = two.failure();
      assertEquals(Processed.NOT_SENT, failure.processed());
      assertTrue(failure.detail().contains("no connection within 5000 ms"), failure.detail());
    }
  }

  private static void assertNotConnected(Call call) {
    RpcException failure = call.failure();
    assertEquals(GrpcStatus.UNAVAILABLE, failure.grpcStatus());
    assertEquals(503, failure.code());
    assertEquals(Processed.NOT_SENT, failure.processed());
  }

  private static MucpCaller caller(TestCertificate trusted) {
    return MucpCaller.create(
        4, new MucpOptions().setSsl(new ClientSSLOptions().setTrustOptions(trusted.trust())));
  }

  private static int port(MucpPeer peer) {
    String address = peer.node().address();
    return Integer.parseInt(address.substring(address.indexOf(':') + 1));
  }
}
