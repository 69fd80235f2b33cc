// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.websocket;

import static dev.vertxmicro.runtime.websocket.Waits.await;
import static dev.vertxmicro.runtime.websocket.Waits.failure;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.vertxmicro.errors.GrpcStatus;
import dev.vertxmicro.errors.Processed;
import dev.vertxmicro.errors.RpcException;
import dev.vertxmicro.registry.Node;
import dev.vertxmicro.runtime.transport.TestCertificate;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.json.JsonObject;
import io.vertx.core.net.ClientSSLOptions;
import org.junit.jupiter.api.Test;

class WebSocketTlsIT {

  private static void withCluster(TestCertificate certificate, ClientSSLOptions ssl, boolean fits) {
    Vertx vertx = Vertx.vertx();
    HttpServerOptions options =
        new HttpServerOptions().setSsl(true).setKeyCertOptions(certificate.identity());
    try (RawCluster cluster = RawCluster.start(vertx, options, 0);
        Caller caller = new Caller(vertx, new WebSocketOptions().setSsl(ssl))) {
      cluster.answer((on, asked) -> asked.reply(new JsonObject()));
      Node node = RawCluster.at("tls", "wss://127.0.0.1:" + cluster.port() + "/");
      if (fits) {
        await(caller.call(node, "list"));
      } else {
        RpcException refused = failure(caller.call(node, "list"));
        assertEquals(GrpcStatus.UNAVAILABLE, refused.grpcStatus());
        assertEquals(Processed.NOT_SENT, refused.processed());
      }
    } finally {
      await(vertx.close());
    }
  }

  @Test
  void trustsWhatItIsToldTo() {
    TestCertificate own = TestCertificate.forLoopback();

    withCluster(own, new ClientSSLOptions().setTrustOptions(own.trust()), true);
  }

  @Test
  void trustsNobodyElse() {
    withCluster(TestCertificate.forLoopback(), null, false);
  }

  @Test
  void checksTheNameOfTheHost() {
    TestCertificate other = TestCertificate.forOtherHost();

    withCluster(other, new ClientSSLOptions().setTrustOptions(other.trust()), false);
    withCluster(
        other,
        new ClientSSLOptions().setTrustOptions(other.trust()).setHostnameVerificationAlgorithm(""),
        true);
  }
}
