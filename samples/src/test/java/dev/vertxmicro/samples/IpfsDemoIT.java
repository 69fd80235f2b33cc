// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.samples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class IpfsDemoIT {

  @Test
  void playsEveryScene() {
    ByteArrayOutputStream said = new ByteArrayOutputStream();

    int code = IpfsDemo.run(new PrintStream(said, true, StandardCharsets.UTF_8));

    String text = said.toString(StandardCharsets.UTF_8);
    assertEquals(0, code, text);
    for (int scene = 1; scene <= 6; scene++) {
      assertTrue(text.contains("\n" + scene + ". ") || text.startsWith(scene + ". "), text);
    }
    assertTrue(text.endsWith("All of it worked.\n"), text);
  }
}
