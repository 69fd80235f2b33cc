// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.peers;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.util.Base64;

/**
 * A certificate that stands on itself and its key, made by the JDK's keytool.
 *
 * @param certificate the PEM file of the one
 * @param key the PEM file of the other
 */
public record PemFiles(Path certificate, Path key) {

  private static final char[] PASSWORD = "changeit".toCharArray();

  /**
   * Makes them.
   *
   * @param name what the certificate is made out to, {@code ip:127.0.0.1} or {@code dns:other}
   */
  public static PemFiles make(Path directory, String name) throws Exception {
    String file = name.replace(':', '-');
    Path store = directory.resolve(file + ".p12");
    Process keytool =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "keytool").toString(),
                "-genkeypair",
                "-keyalg",
                "RSA",
                "-alias",
                "server",
                "-dname",
                "CN=test",
                "-ext",
                "san=" + name,
                "-storetype",
                "PKCS12",
                "-keystore",
                store.toString(),
                "-storepass",
                new String(PASSWORD))
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .start();
    assertEquals(0, keytool.waitFor());
    KeyStore keys = KeyStore.getInstance("PKCS12");
    try (InputStream in = Files.newInputStream(store)) {
      keys.load(in, PASSWORD);
    }
    return new PemFiles(
        write(
            directory.resolve(file + ".crt"),
            "CERTIFICATE",
            keys.getCertificate("server").getEncoded()),
        write(
            directory.resolve(file + ".key"),
            "PRIVATE KEY",
            keys.getKey("server", PASSWORD).getEncoded()));
  }

  private static Path write(Path file, String what, byte[] der) throws Exception {
    String base64 = Base64.getMimeEncoder(64, "\n".getBytes(US_ASCII)).encodeToString(der);
    return Files.writeString(
        file, "-----BEGIN " + what + "-----\n" + base64 + "\n-----END " + what + "-----\n");
  }
}
