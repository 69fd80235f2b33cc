// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.modules;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.vertxmicro.peers.RabbitServer;
import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The broker on the module path, where amqp-client finds only what modules require. */
class ModulePathIT {

  private static final List<String> CLASS_PATH =
      List.of(
          System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"))
              .split(File.pathSeparator));

  /** The module, and what it stands on: not the tests, which are in the same packages. */
  private static boolean isOfTheModule(String entry) {
    return entry.matches(
        ".*([\\\\/]target[\\\\/](classes|vertx-micro-[a-z-]*-[0-9][^-]*(-SNAPSHOT)?\\.jar)"
            + "|[\\\\/](vertx-core|netty|jackson-[a-z]+|jspecify|amqp-client|slf4j-api)-[^\\\\/]*\\.jar)");
  }

  @Test
  void publishesAsAModule(@TempDir Path directory) throws Exception {
    RabbitServer server = RabbitServer.shared();
    String modulePath =
        CLASS_PATH.stream()
            .filter(ModulePathIT::isOfTheModule)
            .collect(Collectors.joining(File.pathSeparator));
    String tests =
        CLASS_PATH.stream()
            .filter(entry -> entry.endsWith("test-classes"))
            .findFirst()
            .orElseThrow();
    Path said = directory.resolve("said");

    Process program =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--module-path",
                modulePath,
                "--add-modules",
                "dev.vertxmicro.broker.rabbitmq",
                "-cp",
                tests,
                Publishes.class.getName(),
                server.address())
            .redirectErrorStream(true)
            .redirectOutput(said.toFile())
            .start();
    try {
      assertTrue(program.waitFor(60, TimeUnit.SECONDS), "no end");
    } finally {
      program.destroyForcibly();
    }

    List<String> lines = Files.readAllLines(said);
    assertEquals(
        "published by module dev.vertxmicro.broker.rabbitmq",
        lines.get(lines.size() - 1),
        lines::toString);
  }
}
