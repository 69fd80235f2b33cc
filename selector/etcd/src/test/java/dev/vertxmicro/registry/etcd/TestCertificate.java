// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.registry.etcd;

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
import java.util.Base64;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * A self-signed certificate and its key, made for this run by the JDK's keytool, as PEM files for
 * etcd and as options for us.
 *
 * @param certificate its certificate
 * @param key its key
 */
record TestCertificate(Path certificate, Path key) implements AutoCloseable {

  private static final String PASSWORD = "only-for-this-run";
  private static final String ALIAS = "own";

  /**
   * Makes a certificate.
   *
   * @param name the subject's common name
   * @param alternatives the names that it is for: {@code dns:localhost,ip:127.0.0.1}
   */
  static TestCertificate create(String name, String alternatives) {
    try {
      Path store = Files.createTempFile("test", ".p12");
      Files.delete(store);
      try {
        keytool(name, alternatives, store);
        KeyStore keys = KeyStore.getInstance("PKCS12");
        try (InputStream in = Files.newInputStream(store)) {
          keys.load(in, PASSWORD.toCharArray());
        }
        return new TestCertificate(
            pem("CERTIFICATE", keys.getCertificate(ALIAS).getEncoded()),
            pem("PRIVATE KEY", keys.getKey(ALIAS, PASSWORD.toCharArray()).getEncoded()));
      } finally {
        Files.deleteIfExists(store);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  private static void keytool(String name, String alternatives, Path store) throws IOException {
    Process process =
        new ProcessBuilder(
                List.of(
                    Path.of(System.getProperty("java.home"), "bin", "keytool").toString(),
                    "-genkeypair",
                    "-keyalg",
                    "EC",
                    "-alias",
                    ALIAS,
                    "-dname",
                    "CN=" + name,
                    "-ext",
                    "san=" + alternatives,
                    "-validity",
                    "2",
                    "-storetype",
                    "PKCS12",
                    "-keystore",
                    store.toString(),
                    "-storepass",
                    PASSWORD))
            .redirectErrorStream(true)
            .start();
    try {
      String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      if (!process.waitFor(30, TimeUnit.SECONDS) || process.exitValue() != 0) {
        throw new AssertionError("keytool: " + said);
      }
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    } finally {
      process.destroyForcibly();
    }
  }

  private static Path pem(String kind, byte[] bytes) throws IOException {
    Path file = Files.createTempFile("test", ".pem");
    String body = Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(bytes);
    return Files.writeString(
        file, "-----BEGIN " + kind + "-----\n" + body + "\n-----END " + kind + "-----\n");
  }

  /** Options of one who trusts this certificate only. */
  PemTrustOptions trust() {
    return new PemTrustOptions().addCertValue(read(certificate));
  }

  /** Options of one who shows this certificate. */
  PemKeyCertOptions identity() {
    return new PemKeyCertOptions().addCertValue(read(certificate)).addKeyValue(read(key));
  }

  private static Buffer read(Path file) {
    try {
      return Buffer.buffer(Files.readAllBytes(file));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void close() {
    try {
      Files.deleteIfExists(certificate);
      Files.deleteIfExists(key);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
