// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.samples.interop;

import static dev.vertxmicro.samples.interop.Wired.await;

import dev.vertxmicro.registry.Registry;
import dev.vertxmicro.registry.mdns.MdnsOptions;
import dev.vertxmicro.registry.mdns.MdnsRegistry;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonObject;
import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * A process with a network of its own that consists of a loopback interface which carries
 * multicast, by Linux' namespaces; what it starts is there, too. It runs cases, one for each line
 * of its input.
 */
final class MdnsNetwork implements AutoCloseable {

  static final String FIND = "find";
  static final String SERVE = "serve";

  private static final String[] FLAGS = {"-registry", "mdns"};

  /** A loaded machine may not answer within the 100 ms of go-micro. */
  private static final Duration ANSWERS = Duration.ofMillis(500);

  private static final String ENTER =
      "ip link set lo up multicast on && ip route add 224.0.0.0/4 dev lo && exec \"$@\"";

  private final Process process;
  private final Path log;
  private final BufferedReader out;
  private final BufferedWriter in;
  private final String fault;

  private MdnsNetwork(Process process, Path log) throws IOException {
    this.process = process;
    this.log = log;
    this.out = process.inputReader(StandardCharsets.UTF_8);
    this.in = process.outputWriter(StandardCharsets.UTF_8);
    this.fault =
        out.readLine() != null
            ? ""
            : "multicast DNS with go-micro needs a network namespace, which this machine"
                + " does not give: "
                + Files.readString(log).strip();
  }

  static MdnsNetwork open() throws IOException {
    Path log = Files.createTempFile("mdns", ".log");
    String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
    String path =
        System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
    List<String> command =
        List.of(
            "sh",
            "-c",
            "exec unshare --user --map-root-user --net sh -c '" + ENTER + "' sh \"$@\"",
            "sh",
            java,
            "-cp",
            path,
            MdnsNetwork.class.getName());
    return new MdnsNetwork(new ProcessBuilder(command).redirectError(log.toFile()).start(), log);
  }

  /** Returns why there is no such network. */
  Optional<String> fault() {
    return fault.isEmpty() ? Optional.empty() : Optional.of(fault);
  }

  /** Runs a case there; returns how it failed, or nothing. */
  String run(String what, String program) {
    try {
      in.write(new JsonObject().put("case", what).put("program", program).encode());
      in.newLine();
      in.flush();
      String outcome = out.readLine();
      return outcome == null
          ? "it has ended: " + Files.readString(log)
          : new JsonObject(outcome).getString("failure");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void close() {
    try (in) {
      in.flush();
    } catch (IOException ended) {
      process.destroy();
    }
    try {
      process.waitFor();
      Files.deleteIfExists(log);
    } catch (InterruptedException e) {
      process.destroy();
      Thread.currentThread().interrupt();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Runs the cases that its input names. */
  public static void main(String[] args) throws IOException {
    Vertx vertx = Vertx.vertx();
    BufferedReader cases =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    System.out.println("ready");
    for (String line = cases.readLine(); line != null; line = cases.readLine()) {
      JsonObject next = new JsonObject(line);
      StringWriter failure = new StringWriter();
      try {
        run(vertx, next.getString("case"), next.getString("program"));
      } catch (Throwable failed) {
        failed.printStackTrace(new PrintWriter(failure, true));
      }
      System.out.println(new JsonObject().put("failure", failure.toString()).encode());
    }
    await(vertx.close());
  }

  private static void run(Vertx vertx, String what, String program) throws InterruptedException {
    Registry registry = MdnsRegistry.create(vertx, new MdnsOptions().setAnswerTimeout(ANSWERS));
    try {
      if (what.equals(FIND)) {
        RegistryCases.javaFinds(program, registry, FLAGS);
      } else {
        RegistryCases.goMicroFindsAndCalls(program, vertx, registry, FLAGS);
      }
    } finally {
      await(registry.close());
    }
  }
}
