// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.registry.mdns;

import io.vertx.core.buffer.Buffer;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;

/** Datagrams that real go-micro has sent. */
final class Captured {

  private Captured() {}

  static Buffer of(String version, String what) {
    String start = version + " " + what + " ";
    try (InputStream file = Captured.class.getResourceAsStream("go-micro.txt")) {
      return new String(file.readAllBytes(), StandardCharsets.UTF_8)
          .lines()
          .filter(line -> line.startsWith(start))
          .map(line -> Buffer.buffer(HexFormat.of().parseHex(line.substring(start.length()))))
          .findFirst()
          .orElseThrow(() -> new AssertionError("not captured: " + start));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
