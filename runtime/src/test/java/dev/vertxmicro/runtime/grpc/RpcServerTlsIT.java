// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.grpc;

import static dev.vertxmicro.runtime.grpc.GrpcCaller.await;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.vertxmicro.registry.Node;
import dev.vertxmicro.runtime.server.RpcServer;
import dev.vertxmicro.runtime.server.ServerOptions;
import dev.vertxmicro.runtime.transport.PoolLimits;
import dev.vertxmicro.runtime.transport.TestCertificate;
import dev.vertxmicro.time.Deadline;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.ClientAuth;
import io.vertx.core.net.ClientSSLOptions;
import io.vertx.core.net.ServerSSLOptions;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** TLS between both ends of this runtime. */
class RpcServerTlsIT {

  private final TestCertificate certificate = TestCertificate.forLoopback();
  private final Vertx vertx = Vertx.vertx();

  @AfterEach
  void stop() {
    await(vertx.close());
  }

  private Node serve(ServerSSLOptions ssl) {
    RpcServer server =
        RpcServer.create(
                vertx,
                new ServerOptions("greeter").setSsl(ssl.setKeyCertOptions(certificate.identity())))
            .handle("Greeter.Hello", Buffer.class, Future::succeededFuture);
    await(server.start());
    assertEquals("true", server.node().metadata().get("secure"), "what tells clients to use TLS");
    return Node.of("node", "https://" + server.node().address());
  }

  private GrpcCaller caller(ClientSSLOptions ssl) {
    return GrpcCaller.on(GrpcOptions.DEFAULT_ENGINE)
        .create(
            new PoolLimits(4, Duration.ZERO),
            new GrpcOptions().setSsl(ssl.setTrustOptions(certificate.trust())));
  }

  @Test
  void carriesCallsWithHostAndCertificateChecked() {
    Node node = serve(new ServerSSLOptions());
    try (GrpcCaller caller = caller(new ClientSSLOptions())) {
      assertEquals("secret", caller.call(node, GrpcCaller.request("secret"), Deadline.NONE).body());
    }
  }

  @Test
  void carriesCallsOfClientsThatShowACertificate() {
    Node node =
        serve(
            new ServerSSLOptions()
                .setClientAuth(ClientAuth.REQUIRED)
                .setTrustOptions(certificate.trust()));
    ClientSSLOptions shown = new ClientSSLOptions().setKeyCertOptions(certificate.identity());
    try (GrpcCaller caller = caller(shown)) {
      assertEquals("known", caller.call(node, GrpcCaller.request("known"), Deadline.NONE).body());
    }
  }
}
