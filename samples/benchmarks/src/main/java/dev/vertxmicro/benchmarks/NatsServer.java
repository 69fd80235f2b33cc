// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.benchmarks;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** A nats-server on a free port of the loopback interface; out of {@code MICRO_PEERS}. */
final class NatsServer implements AutoCloseable {

  private static final int MOST_TRIES = 500;
  private static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(20);

  private final int port;
  private final Process process;

  NatsServer(boolean pinned) throws IOException {
    String peers = System.getenv("MICRO_PEERS");
    if (peers == null) {
      throw new IllegalStateException("MICRO_PEERS: null (expected: the folder of nats-server)");
    }
    try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      port = free.getLocalPort();
    }
    List<String> command = new ArrayList<>();
    if (pinned) {
      command.addAll(List.of("taskset", "-c", "0"));
    }
    command.add(Path.of(peers, "nats-server").toString());
    command.addAll(List.of("-a", "127.0.0.1", "-p", port()));
    process =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .start();
    awaitAnswer();
  }

  private void awaitAnswer() {
    for (int i = 0; i < MOST_TRIES && process.isAlive(); i++) {
      try (Socket socket = new Socket()) {
        socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
        return;
      } catch (IOException notYet) {
        LockSupport.parkNanos(PAUSE_NANOS);
      }
    }
    close();
    throw new IllegalStateException("nats-server does not answer on port " + port);
  }

  String port() {
    return Integer.toString(port);
  }

  @Override
  public void close() {
    process.destroy();
  }
}
