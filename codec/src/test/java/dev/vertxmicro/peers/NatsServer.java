// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.peers;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/** A nats-server with JetStream on a port and a directory of its own. */
public final class NatsServer implements AutoCloseable {

  private final int port = FreePorts.one();
  private final Path directory;
  private final ServerProcess process;

  private NatsServer(String... settings) {
    try {
      directory = Files.createTempDirectory("nats");
      Path config = directory.resolve("server.conf");
      Files.writeString(
          config,
          """
          host: "127.0.0.1"
          port: %d
          max_payload: 8388608
          jetstream { store_dir: "%s" }
          %s
          """
              .formatted(port, directory.resolve("store"), String.join("\n", settings)));
      process =
          ServerProcess.start(
              List.of(Programs.find("nats-server").toString(), "-c", config.toString()),
              this::answers);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Starts a server; aborts the test if there is no program to start. */
  public static NatsServer start(String... settings) {
    return new NatsServer(settings);
  }

  /** A server says INFO first. */
  private boolean answers() throws IOException {
    try (Socket socket = new Socket()) {
      socket.connect(new InetSocketAddress("127.0.0.1", port), 1_000);
      socket.setSoTimeout(1_000);
      byte[] info = socket.getInputStream().readNBytes(4);
      return new String(info, StandardCharsets.US_ASCII).equals("INFO");
    }
  }

  /** Returns the port on 127.0.0.1. */
  public int port() {
    return port;
  }

  /** Returns where it listens, as {@code nats://127.0.0.1:port}. */
  public String url() {
    return "nats://127.0.0.1:" + port;
  }

  /** Returns the process, to kill and start again. */
  public ServerProcess process() {
    return process;
  }

  /** Ends it by force and removes what it kept. */
  @Override
  public void close() {
    process.close();
    try (Stream<Path> files = Files.walk(directory)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(file);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
