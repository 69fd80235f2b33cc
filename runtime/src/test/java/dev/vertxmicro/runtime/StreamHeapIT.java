// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.vertxmicro.runtime.grpc.GrpcEngine;
import java.io.File;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** Streams that are larger than the heap pass through it, since slow readers stop writers. */
@ParameterizedClass
@EnumSource(GrpcEngine.class)
class StreamHeapIT {

  @Parameter GrpcEngine engine;

  @TempDir Path directory;

  @Test
  void moreThanTheHeapPassesBothWays() throws Exception {
    streams(128);
  }

  @Test
  @Tag("soak")
  void aGibibytePassesBothWays() throws Exception {
    streams(1024);
  }

  private void streams(int mebibytes) throws Exception {
    File output = directory.resolve("output").toFile();
    Process program =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx64m",
                "-XX:MaxDirectMemorySize=64m",
                "-cp",
                System.getProperty("java.class.path"),
                StreamHeap.class.getName(),
                engine.name(),
                Integer.toString(mebibytes))
            .redirectErrorStream(true)
            .redirectOutput(output)
            .start();
    try {
      assertTrue(program.waitFor(5, TimeUnit.MINUTES), "not done");
      String said = Files.readString(output.toPath(), StandardCharsets.UTF_8);
      assertEquals(0, program.exitValue(), said);
      long bytes = mebibytes * 1024L * 1024;
      assertTrue(said.contains("down=" + bytes + " up=" + bytes), said);
    } finally {
      program.destroyForcibly();
    }
  }
}
