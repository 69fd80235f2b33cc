// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.samples;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class QuickStartIT {

  @Test
  void printsTheGreetingAndNothingElseAndEnds() throws IOException, InterruptedException {
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                QuickStart.class.getName())
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();

    String printed = new String(process.getInputStream().readAllBytes(), UTF_8);

    assertEquals("Hello Ada", printed.strip());
    assertEquals(0, process.waitFor());
  }
}
