// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.grpc;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.vertxmicro.errors.GrpcStatus;
import dev.vertxmicro.errors.Processed;
import dev.vertxmicro.errors.RpcException;
import dev.vertxmicro.registry.Node;
import dev.vertxmicro.runtime.transport.PoolLimits;
import dev.vertxmicro.runtime.transport.TestCertificate;
import dev.vertxmicro.time.Deadline;
import io.vertx.core.net.ClientSSLOptions;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Who speaks TLS, and whom it trusts; what goes wrong is in the catalogue of misbehaviours. */
@ParameterizedClass
@EnumSource(GrpcEngine.class)
class GrpcTlsIT {

  @Parameter GrpcEngine engine;

  private static final TestCertificate SERVER = ConnectMisbehaviours.certificate();
  private static final TestCertificate CLIENT = ConnectMisbehaviours.otherHostCertificate();

  @ParameterizedTest
  @ValueSource(strings = {"https://127.0.0.1:%d", "https://localhost:%d", "127.0.0.1:%d"})
  void optionsTurnItOnForEveryNode(String address) {
    try (ScriptedHttp2Server server = tls();
        GrpcCaller caller = caller(new ClientSSLOptions().setTrustOptions(SERVER.trust()))) {
      Node node = Node.of("node", address.formatted(server.port()));

      assertEquals("fine", call(caller, node).body());

      assertEquals("https", server.request(0).header(":scheme").orElseThrow());
    }
  }

  @Test
  void anAddressCanAskForPlainText() {
    try (ScriptedHttp2Server server = ScriptedHttp2Server.start().answer(GrpcSteps.ok("fine"));
        GrpcCaller caller = caller(new ClientSSLOptions().setTrustOptions(SERVER.trust()))) {
      Node node = Node.of("node", "http://127.0.0.1:" + server.port());

      assertEquals("fine", call(caller, node).body());
    }
  }

  @Test
  void metadataTurnsItOnWithVerification() {
    try (ScriptedHttp2Server server = tls();
        GrpcCaller caller = GrpcCaller.on(engine).create()) {
      Node node =
          Node.builder("node", "127.0.0.1:" + server.port()).metadata("secure", "true").build();

      RpcException failure = call(caller, node).failure();

      assertEquals(GrpcStatus.UNAVAILABLE, failure.grpcStatus());
      assertEquals(Processed.NOT_SENT, failure.processed());
    }
  }

  @Test
  void showsTheClientsCertificate() {
    try (ScriptedHttp2Server server =
            ScriptedHttp2Server.start()
                .tls(SERVER.serverFor(CLIENT, "h2"))
                .answer(GrpcSteps.ok("fine"));
        GrpcCaller caller =
            caller(
                new ClientSSLOptions()
                    .setTrustOptions(SERVER.trust())
                    .setKeyCertOptions(CLIENT.identity()))) {
      Node node = Node.of("node", "127.0.0.1:" + server.port());

      assertEquals("fine", call(caller, node).body());
    }
  }

  @Test
  void hostNamesAreNotCheckedIfTheOptionsSaySo() {
    try (ScriptedHttp2Server server =
            ScriptedHttp2Server.start().tls(CLIENT.server("h2")).answer(GrpcSteps.ok("fine"));
        GrpcCaller caller =
            caller(
                new ClientSSLOptions()
                    .setTrustOptions(CLIENT.trust())
                    .setHostnameVerificationAlgorithm(""))) {
      Node node = Node.of("node", "127.0.0.1:" + server.port());

      assertEquals("fine", call(caller, node).body());
    }
  }

  private static ScriptedHttp2Server tls() {
    return ScriptedHttp2Server.start().tls(SERVER.server("h2")).answer(GrpcSteps.ok("fine"));
  }

  private GrpcCaller caller(ClientSSLOptions ssl) {
    return GrpcCaller.on(engine)
        .create(new PoolLimits(4, Duration.ZERO), new GrpcOptions().setSsl(ssl));
  }

  private static GrpcCaller.Call call(GrpcCaller caller, Node node) {
    return caller.call(node, GrpcCaller.request("hello"), Deadline.NONE);
  }
}
