// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.transport;

import io.netty.handler.ssl.ApplicationProtocolConfig;
import io.netty.handler.ssl.ApplicationProtocolConfig.Protocol;
import io.netty.handler.ssl.ApplicationProtocolConfig.SelectedListenerFailureBehavior;
import io.netty.handler.ssl.ApplicationProtocolConfig.SelectorFailureBehavior;
import io.netty.handler.ssl.ClientAuth;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.net.PemKeyCertOptions;
import io.vertx.core.net.PemTrustOptions;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLException;

/**
 * A self-signed certificate and its key, made for this run by the JDK's keytool; nothing of it is
 * kept on disk.
 */
public record TestCertificate(X509Certificate certificate, PrivateKey key) {
  private static final String PASSWORD = "only-for-this-run";
  private static final String ALIAS = "own";

  /** For {@code localhost} and 127.0.0.1. */
  public static TestCertificate forLoopback() {
    return create("dns:localhost,ip:127.0.0.1");
  }

  /** For another host than the one that tests connect to. */
  public static TestCertificate forOtherHost() {
    return create("dns:elsewhere.invalid");
  }

  /** A server's side that offers these protocols by ALPN; none leaves ALPN out. */
  public SslContext server(String... alpn) {
    return build(serverBuilder(alpn));
  }

  /** As {@link #server}, and refuses clients that do not show this certificate. */
  public SslContext serverFor(TestCertificate client, String... alpn) {
    return build(
        serverBuilder(alpn).clientAuth(ClientAuth.REQUIRE).trustManager(client.certificate()));
  }

  /** Options of a client that trusts this certificate only. */
  public PemTrustOptions trust() {
    return new PemTrustOptions().addCertValue(certificatePem());
  }

  /** Options of a client that shows this certificate. */
  public PemKeyCertOptions identity() {
    return new PemKeyCertOptions().addCertValue(certificatePem()).addKeyValue(keyPem());
  }

  public Buffer certificatePem() {
    try {
      return pem("CERTIFICATE", certificate.getEncoded());
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  public Buffer keyPem() {
    return pem("PRIVATE KEY", key.getEncoded());
  }

  private SslContextBuilder serverBuilder(String... alpn) {
    SslContextBuilder builder =
        SslContextBuilder.forServer(key, certificate).sslProvider(SslProvider.JDK);
    if (alpn.length > 0) {
      builder.applicationProtocolConfig(
          new ApplicationProtocolConfig(
              Protocol.ALPN,
              SelectorFailureBehavior.NO_ADVERTISE,
              SelectedListenerFailureBehavior.ACCEPT,
              alpn));
    }
    return builder;
  }

  private static SslContext build(SslContextBuilder builder) {
    try {
      return builder.build();
    } catch (SSLException e) {
      throw new IllegalStateException(e);
    }
  }

  private static Buffer pem(String kind, byte[] der) {
    String base64 = Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(der);
    return Buffer.buffer(
        "-----BEGIN " + kind + "-----\n" + base64 + "\n-----END " + kind + "-----\n");
  }

  private static TestCertificate create(String names) {
    try {
      Path directory = Files.createTempDirectory("test-certificate");
      Path file = directory.resolve("store.p12");
      try {
        keytool(file, names);
        return load(file);
      } finally {
        Files.deleteIfExists(file);
        Files.delete(directory);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void keytool(Path file, String names) throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "keytool").toString());
    command.addAll(List.of("-genkeypair", "-alias", ALIAS, "-dname", "CN=test"));
    command.addAll(List.of("-keyalg", "EC", "-groupname", "secp256r1"));
    command.addAll(List.of("-storetype", "PKCS12", "-keystore", file.toString()));
    command.addAll(List.of("-storepass", PASSWORD));
    command.addAll(List.of("-ext", "san=" + names));
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    try {
      process.getOutputStream().close();
      String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      if (!process.waitFor(30, TimeUnit.SECONDS) || process.exitValue() != 0) {
        throw new IOException("keytool failed: " + output);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted while keytool ran", e);
    } finally {
      process.destroy();
    }
  }

  private static TestCertificate load(Path file) throws IOException {
    char[] password = PASSWORD.toCharArray();
    try (InputStream in = Files.newInputStream(file)) {
      KeyStore store = KeyStore.getInstance("PKCS12");
      store.load(in, password);
      return new TestCertificate(
          (X509Certificate) store.getCertificate(ALIAS),
          (PrivateKey) store.getKey(ALIAS, password));
    } catch (GeneralSecurityException e) {
      throw new IOException(e);
    }
  }
}
