// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.peers;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assertions;

/**
 * A real RabbitMQ on free loopback ports, that a test starts, kills and starts again with its data.
 * It takes seconds to start: one for a class of tests, or {@link #shared}. Its user is {@code
 * guest} with the password {@code guest}. Not thread-safe.
 */
public final class RabbitServer implements AutoCloseable {

  private static final byte[] PROTOCOL = {'A', 'M', 'Q', 'P', 0, 0, 9, 1};

  private static RabbitServer shared;

  private final Path directory;
  private final int port;
  private final int tlsPort;
  private final Map<String, String> environment = new HashMap<>();
  private final ServerProcess names;
  private final ServerProcess process;

  private RabbitServer(String... settings) {
    String erlang = Programs.find("rabbitmq-erl").toString();
    String epmd = Programs.find("rabbitmq-epmd").toString();
    List<Integer> ports = FreePorts.take(4);
    port = ports.get(0);
    tlsPort = ports.get(1);
    int namesPort = ports.get(2);
    try {
      directory = Files.createTempDirectory("rabbitmq");
      Path config = directory.resolve("rabbitmq.conf");
      Files.writeString(
          config, String.join("\n", settings).replace("%TLS%", "127.0.0.1:" + tlsPort) + "\n");
      Files.writeString(directory.resolve("plugins"), "[].\n");
      environment.put("HOME", directory.toString());
      environment.put("ERL_EPMD_ADDRESS", "127.0.0.1");
      environment.put("ERL_EPMD_PORT", "" + namesPort);
      environment.put("RABBITMQ_NODENAME", node());
      environment.put("RABBITMQ_NODE_IP_ADDRESS", "127.0.0.1");
      environment.put("RABBITMQ_NODE_PORT", "" + port);
      environment.put("RABBITMQ_DIST_PORT", "" + ports.get(3));
      environment.put("RABBITMQ_CONFIG_FILE", config.toString());
      environment.put("RABBITMQ_CONF_ENV_FILE", "/dev/null");
      environment.put("RABBITMQ_ENABLED_PLUGINS_FILE", directory.resolve("plugins").toString());
      environment.put("RABBITMQ_FEATURE_FLAGS_FILE", directory.resolve("features").toString());
      environment.put("RABBITMQ_GENERATED_CONFIG_DIR", directory.resolve("config").toString());
      environment.put("RABBITMQ_LOG_BASE", directory.resolve("log").toString());
      environment.put("RABBITMQ_LOGS", "-");
      environment.put("RABBITMQ_MNESIA_BASE", directory.resolve("data").toString());
      environment.put("SYS_PREFIX", "");
      Files.createDirectories(directory.resolve("log"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    // Its own registry of Erlang's names: the server would leave one behind for the machine.
    names =
        ServerProcess.start(
            List.of(epmd, "-port", "" + namesPort),
            Map.of("ERL_EPMD_ADDRESS", "127.0.0.1"),
            () -> connects(namesPort));
    try {
      process =
          ServerProcess.start(
              List.of(
                  erlang,
                  "-noinput",
                  "-boot",
                  "start_sasl",
                  "-s",
                  "rabbit",
                  "boot",
                  "-start_epmd",
                  "false",
                  "+W",
                  "w",
                  "+sbwt",
                  "none",
                  "-syslog",
                  "logger",
                  "[]",
                  "-syslog",
                  "syslog_error_logger",
                  "false",
                  "-kernel",
                  "inet_dist_use_interface",
                  "{127,0,0,1}"),
              environment,
              this::answers);
    } catch (RuntimeException | Error e) {
      names.close();
      throw e;
    }
  }

  /**
   * Starts a server.
   *
   * @param settings lines of rabbitmq.conf; {@code %TLS%} in them stands for {@link #tlsAddress}
   */
  public static RabbitServer start(String... settings) {
    return new RabbitServer(settings);
  }

  /** Returns the server for tests that leave it running: one in a JVM, with which it ends. */
  public static synchronized RabbitServer shared() {
    if (shared == null) {
      RabbitServer started = start();
      Runtime.getRuntime()
          .addShutdownHook(new Thread(started::close, "end of the shared RabbitMQ"));
      shared = started;
    }
    return shared;
  }

  private String node() {
    return "rabbit-" + port + "@localhost";
  }

  private static boolean connects(int port) throws IOException {
    try (Socket socket = new Socket()) {
      socket.connect(new InetSocketAddress("127.0.0.1", port), 1_000);
      return true;
    }
  }

  /** A server that is up answers the name of the protocol with a method, a frame of type 1. */
  private boolean answers() throws IOException {
    try (Socket socket = new Socket()) {
      socket.connect(new InetSocketAddress("127.0.0.1", port), 1_000);
      socket.setSoTimeout(5_000);
      socket.getOutputStream().write(PROTOCOL);
      return socket.getInputStream().read() == 1;
    }
  }

  /** Returns the port of AMQP in plain text. */
  public int port() {
    return port;
  }

  /** Returns where it listens, as {@code 127.0.0.1:port}. */
  public String address() {
    return "127.0.0.1:" + port;
  }

  /** Returns where it speaks TLS if its settings say so, as {@code 127.0.0.1:port}. */
  public String tlsAddress() {
    return "127.0.0.1:" + tlsPort;
  }

  /** Ends it as {@code kill -9} does. */
  public void kill() {
    process.kill();
  }

  /** Starts it again, with what it had stored, and waits until it answers. */
  public void restart() {
    process.restart();
  }

  /**
   * Has the server evaluate an expression, as {@code rabbitmqctl eval} does, and returns the value
   * as Erlang prints it.
   *
   * @param expression in Erlang, with its full stop
   */
  public String eval(String expression) {
    String script =
        "{ok,T,_}=erl_scan:string(os:getenv(\"EXPRESSION\")),{ok,E}=erl_parse:parse_exprs(T),"
            + "io:format(\"~0p\",[case rpc:call('"
            + node()
            + "',erl_eval,exprs,[E,[]]) of {value,V,_} -> {value,V}; Other -> Other end]),halt().";
    try {
      Path output = Files.createTempFile(directory, "eval", ".out");
      ProcessBuilder builder =
          new ProcessBuilder(
                  Programs.find("rabbitmq-erl").toString(),
                  "-noinput",
                  "-hidden",
                  "-start_epmd",
                  "false",
                  "-kernel",
                  "inet_dist_use_interface",
                  "{127,0,0,1}",
                  "-sname",
                  "eval-" + System.nanoTime() + "@localhost",
                  "-eval",
                  script)
              .redirectErrorStream(true)
              .redirectOutput(output.toFile());
      builder.environment().putAll(environment);
      builder.environment().put("EXPRESSION", expression);
      Process erlang = builder.start();
      try {
        Assertions.assertTrue(erlang.waitFor(30, TimeUnit.SECONDS), "no end of " + expression);
      } finally {
        erlang.destroyForcibly();
      }
      String said = Files.readString(output, UTF_8);
      Assertions.assertTrue(said.startsWith("{value,"), () -> expression + " -> " + said);
      return said.substring("{value,".length(), said.length() - 1);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError(e);
    }
  }

  /** Raises or clears the alarm that low memory raises: the server stops reading publishes. */
  public void memoryAlarm(boolean on) {
    String alarm = "{resource_limit, memory, node()}";
    eval(
        on
            ? "rabbit_alarm:set_alarm({" + alarm + ", []})."
            : "rabbit_alarm:clear_alarm(" + alarm + ").");
  }

  /** Returns the end of what it has printed. */
  public String logTail() {
    return process.logTail();
  }

  /** Ends it by force and removes what it kept. May be called twice. */
  @Override
  public void close() {
    process.close();
    names.close();
    try (Stream<Path> files = Files.exists(directory) ? Files.walk(directory) : Stream.empty()) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(file);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public String toString() {
    return "RabbitServer[" + address() + "]";
  }
}
