// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.vertxmicro.runtime.grpc.GrpcEngine;
import java.io.File;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Many calls through {@link Soak}: each ends once, and no call, stream, connection, timer or buffer
 * is left. The system properties {@code soak.calls} and {@code soak.seed} are the number of calls
 * of the long ones and what they are drawn from.
 */
class SoakIT {

  private static final int FEW = 5_000;
  private static final String LEAK = "LEAK:";

  @TempDir Path directory;

  @Test
  void fewCallsLeaveNothing() throws Exception {
    String said = soak(GrpcEngine.NETTY, FEW, "paranoid");

    assertFalse(said.contains(LEAK), said);
  }

  @Test
  void aLeakWouldBeTold() throws Exception {
    assertTrue(soak(GrpcEngine.NETTY, 200, "paranoid", "leak").contains(LEAK));
  }

  /** Vert.x 5.0.7 forgets the debug data of each GOAWAY that its HTTP client receives. */
  @ParameterizedTest
  @CsvSource({"NETTY, 10000000, simple", "HTTP_CLIENT, 1000000, disabled"})
  @Tag("soak")
  void manyCallsLeaveNothing(GrpcEngine engine, int calls, String leakDetection) throws Exception {
    String said = soak(engine, Integer.getInteger("soak.calls", calls), leakDetection);

    assertFalse(said.contains(LEAK), said);
    System.out.println(said);
  }

  private String soak(GrpcEngine engine, int calls, String leakDetection, String... more)
      throws Exception {
    File output = directory.resolve("output").toFile();
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.add("-Dio.netty.leakDetection.level=" + leakDetection);
    command.addAll(List.of("-Xmx512m", "-cp", System.getProperty("java.class.path")));
    command.addAll(List.of(Soak.class.getName(), engine.name(), Integer.toString(calls)));
    command.add(Long.getLong("soak.seed", 0).toString());
    command.addAll(List.of(more));
    Process program =
        new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(output).start();
    try {
      assertTrue(program.waitFor(1, TimeUnit.HOURS), "not done");
      String said = Files.readString(output.toPath(), StandardCharsets.UTF_8);
      assertEquals(0, program.exitValue(), said);
      assertTrue(said.contains("calls=" + calls + " open=0"), said);
      return said;
    } finally {
      program.destroyForcibly();
    }
  }
}
