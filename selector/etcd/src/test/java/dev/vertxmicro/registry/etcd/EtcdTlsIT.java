// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.registry.etcd;

import static dev.vertxmicro.registry.etcd.Following.await;
import static dev.vertxmicro.registry.etcd.Following.failure;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.vertxmicro.errors.RpcException;
import dev.vertxmicro.registry.Node;
import dev.vertxmicro.registry.RegisterOptions;
import dev.vertxmicro.registry.Service;
import io.vertx.core.Vertx;
import io.vertx.core.net.ClientSSLOptions;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** TLS with a real etcd. */
class EtcdTlsIT {

  private final Vertx vertx = Vertx.vertx();

  @AfterEach
  void stop() {
    await(vertx.close());
  }

  private static EtcdServer start(TestCertificate certificate, String... more) {
    String[] flags = new String[more.length + 2];
    flags[0] = "--cert-file=" + certificate.certificate();
    flags[1] = "--key-file=" + certificate.key();
    System.arraycopy(more, 0, flags, 2, more.length);
    return EtcdServer.startWithTls(flags);
  }

  private EtcdRegistry open(EtcdServer etcd, ClientSSLOptions ssl) {
    return EtcdRegistry.create(
        vertx, etcd.options().setEndpoints(List.of("https://" + etcd.address())).setSsl(ssl));
  }

  private static void registersAndFinds(EtcdRegistry registry) {
    Service greeter = Service.builder("greeter").node(Node.of("a", "h:1")).build();
    await(registry.register(greeter, RegisterOptions.DEFAULT));
    assertEquals(List.of(greeter), await(registry.get("greeter")));
    await(registry.close());
  }

  private static void isRefused(EtcdRegistry registry) {
    RpcException failure = failure(registry.get("greeter"));
    assertEquals(503, failure.code());
    assertTrue(failure.detail().contains("SSL"), failure.detail());
    await(registry.close());
  }

  @Test
  void aServerWithATrustedCertificateIsUsed() {
    try (TestCertificate own = TestCertificate.create("etcd", "ip:127.0.0.1");
        EtcdServer etcd = start(own)) {
      registersAndFinds(open(etcd, new ClientSSLOptions().setTrustOptions(own.trust())));
    }
  }

  @Test
  void certificatesAreCheckedUnlessTrustIsGiven() {
    try (TestCertificate own = TestCertificate.create("etcd", "ip:127.0.0.1");
        TestCertificate other = TestCertificate.create("etcd", "ip:127.0.0.1");
        EtcdServer etcd = start(own)) {
      isRefused(open(etcd, null));
      isRefused(open(etcd, new ClientSSLOptions().setTrustOptions(other.trust())));
    }
  }

  @Test
  void hostNamesAreCheckedAlsoWhenAllIsTrusted() {
    try (TestCertificate elsewhere = TestCertificate.create("etcd", "dns:elsewhere.invalid");
        EtcdServer etcd = start(elsewhere)) {
      isRefused(open(etcd, new ClientSSLOptions().setTrustOptions(elsewhere.trust())));
      isRefused(open(etcd, new ClientSSLOptions().setTrustAll(true)));
      registersAndFinds(
          open(
              etcd,
              new ClientSSLOptions()
                  .setTrustOptions(elsewhere.trust())
                  .setHostnameVerificationAlgorithm("")));
    }
  }

  @Test
  void aClientCertificateIsShownToAServerThatWantsOne() {
    try (TestCertificate own = TestCertificate.create("etcd", "ip:127.0.0.1");
        TestCertificate client = TestCertificate.create("ada", "dns:ada.invalid");
        EtcdServer etcd =
            start(own, "--client-cert-auth", "--trusted-ca-file=" + client.certificate())) {
      registersAndFinds(
          open(
              etcd,
              new ClientSSLOptions()
                  .setTrustOptions(own.trust())
                  .setKeyCertOptions(client.identity())));
      assertEquals(
          503,
          failure(open(etcd, new ClientSSLOptions().setTrustOptions(own.trust())).get("greeter"))
              .code());
    }
  }

  @Test
  void plainTextToAServerThatSpeaksTlsFails() {
    try (TestCertificate own = TestCertificate.create("etcd", "ip:127.0.0.1");
        EtcdServer etcd = start(own)) {
      EtcdRegistry registry = EtcdRegistry.create(vertx, etcd.options());

      assertEquals(503, failure(registry.get("greeter")).code());
      await(registry.close());
    }
  }

  @Test
  void tlsToAServerThatDoesNotSpeakItFails() {
    try (EtcdServer etcd = EtcdServer.start()) {
      EtcdRegistry registry = open(etcd, new ClientSSLOptions().setTrustAll(true));

      assertEquals(503, failure(registry.get("greeter")).code());
      await(registry.close());
    }
  }
}
