// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.benchmarks;

import dev.vertxmicro.peers.RabbitServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** A RabbitMQ on the core of this process; out of {@code MICRO_PEERS}. */
public final class RabbitProcess {

  private RabbitProcess() {}

  static boolean canStart() {
    String peers = System.getenv("MICRO_PEERS");
    return peers != null && Files.isExecutable(Path.of(peers, "rabbitmq-erl"));
  }

  /** Prints the port, and ends when its input ends. */
  public static void main(String[] args) throws IOException {
    try (RabbitServer server = RabbitServer.start()) {
      System.out.println(server.port());
      while (System.in.read() >= 0) {
        // Nobody says anything.
      }
    }
  }
}
