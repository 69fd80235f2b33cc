// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.peers;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

class ServerProcessIT {

  private static final List<String> JVM_THAT_WAITS =
      List.of(
          Path.of(System.getProperty("java.home"), "bin", "java").toString(),
          "-XX:TieredStopAtLevel=1",
          "-cp",
          System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
          Waits.class.getName());

  /** Prints what it got and waits to be ended. */
  public static final class Waits {
    /** Runs as a process. */
    public static void main(String[] args) throws InterruptedException {
      System.out.println("waiting");
      Thread.currentThread().join();
    }
  }

  @Test
  void aKilledServerCanBeStartedAgain() {
    try (ServerProcess server = ServerProcess.start(JVM_THAT_WAITS, () -> true)) {
      long first = server.pid();
      assertTrue(server.isAlive());
      server.kill();
      assertFalse(server.isAlive());
      server.restart();
      assertTrue(server.isAlive());
      assertNotEquals(first, server.pid());
    }
  }

  @Test
  void aServerThatEndsIsReportedWithItsLog() {
    List<String> broken = List.of(JVM_THAT_WAITS.get(0), "--no-such-option");
    AssertionError error =
        assertThrows(AssertionError.class, () -> ServerProcess.start(broken, () -> false));
    assertTrue(error.getMessage().contains("no-such-option"), error::getMessage);
  }

  @Test
  void freePortsDiffer() {
    List<Integer> ports = FreePorts.take(10);
    assertEquals(10, ports.stream().distinct().count());
  }
}
