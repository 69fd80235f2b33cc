// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.grpc;

import static dev.vertxmicro.runtime.grpc.FrameType.CLOSED;
import static dev.vertxmicro.runtime.grpc.GrpcSteps.ok;
import static dev.vertxmicro.runtime.grpc.PlainClient.failure;
import static dev.vertxmicro.runtime.grpc.PlainClient.value;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.vertxmicro.runtime.transport.TestCertificate;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.net.PemTrustOptions;
import java.util.Optional;
import javax.net.ssl.SSLHandshakeException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class ScriptedHttp2ServerTlsIT {
  private static TestCertificate certificate;

  private final ScriptedHttp2Server server = ScriptedHttp2Server.start().answer(ok("hi"));

  @BeforeAll
  static void makeCertificate() {
    certificate = TestCertificate.forLoopback();
  }

  @AfterEach
  void close() {
    server.close();
  }

  @Test
  void speaksHttp2OverTls() {
    server.tls(certificate.server("h2"));

    try (PlainClient client = PlainClient.trusting(certificate)) {
      PlainClient.Answer answer = value(client.post(server.port(), "hello"));

      assertEquals("0", answer.trailer("grpc-status"));
      assertEquals(Optional.of("https"), server.request(0).header(":scheme"));
    }
  }

  @Test
  void isRefusedByAClientThatDoesNotTrustIt() {
    server.tls(certificate.server("h2"));

    try (PlainClient client = PlainClient.create(PlainClient.tls())) {
      assertInstanceOf(SSLHandshakeException.class, failure(client.request(server.port())));
    }

    SeenFrame closed = server.journal().await("end", f -> f.is(CLOSED));
    assertTrue(closed.toString().contains("SSLHandshakeException"), closed.toString());
  }

  @Test
  void isRefusedForAnotherHost() {
    TestCertificate other = TestCertificate.forOtherHost();
    server.tls(other.server("h2"));

    try (PlainClient client = PlainClient.trusting(other)) {
      Throwable failure = failure(client.request(server.port()));

      assertInstanceOf(SSLHandshakeException.class, failure);
    }
  }

  @Test
  void canAskForTheClientsCertificate() {
    TestCertificate own = TestCertificate.forOtherHost();
    server.tls(certificate.serverFor(own, "h2"));
    PemTrustOptions trust = certificate.trust();

    try (PlainClient known =
            PlainClient.create(
                PlainClient.tls().setTrustOptions(trust).setKeyCertOptions(own.identity()));
        PlainClient unknown = PlainClient.trusting(certificate)) {
      value(known.post(server.port(), "hello"));
      failure(unknown.post(server.port(), "hello"));
    }
  }

  @Test
  void withoutAlpnTheClientFallsBack() {
    server.tls(certificate.server()).onConnect();

    try (PlainClient client = PlainClient.trusting(certificate)) {
      assertEquals(HttpVersion.HTTP_1_1, value(client.request(server.port())).version());
    }
  }
}
