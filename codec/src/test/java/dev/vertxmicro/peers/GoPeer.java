// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.peers;

import io.vertx.core.json.JsonObject;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Assertions;

/**
 * A go-micro service or watch of {@code samples/go-peers} in a process of its own, and what it
 * reports.
 *
 * <p>Where a program is missing the test is aborted, see {@link Programs#find}.
 */
public final class GoPeer implements AutoCloseable {

  /** go-micro v4.9, the last one before the calls of v4.10, with gRPC of its plugins. */
  public static final String V4_9 = "greeter-v4.9";

  /** go-micro v4.11, the last v4, with gRPC of its plugins. */
  public static final String V4 = "greeter-v4.11";

  /** go-micro v5.8, before the changes of metadata and JSON, with gRPC of its core. */
  public static final String V5_8 = "greeter-v5.8";

  /** go-micro v5.30, the last v5, with gRPC of its core. */
  public static final String V5 = "greeter-v5.30";

  /** Every program, for parameterized tests. */
  public static final List<String> ALL = List.of(V4_9, V4, V5_8, V5);

  private static final int WAIT_SECONDS = 30;
  private static final int STOP_SECONDS = 5;

  /** Most lines kept for a test that does not read them. */
  private static final int MAX_LINES = 65_536;

  /** In the queue of lines: the process has ended. */
  private static final String END = "";

  private final Process process;
  private final Path log;
  private final BlockingQueue<String> lines = new LinkedBlockingQueue<>(MAX_LINES);
  private volatile boolean overflow;
  private final JsonObject ready;

  /**
   * Starts a server on a free loopback port and waits until it takes calls.
   *
   * @param program one of {@link #ALL}
   * @param service the name that the service is registered under, in the memory of its process
   *     unless the flags name a registry
   * @param flags more flags of the program, {@code -registry} and the like
   */
  public static GoPeer start(String program, String service, String... flags)
      throws InterruptedException {
    return start(program, service, Map.of(), flags);
  }

  /** Starts a server as {@link #start(String, String, String...)} does, in that environment. */
  public static GoPeer start(
      String program, String service, Map<String, String> environment, String... flags)
      throws InterruptedException {
    return launch(program, "serve", service, environment, flags);
  }

  /**
   * Starts go-micro's own watch of a service and waits until it has begun. Its events are {@code
   * create}, {@code update} and {@code delete}, each with the {@code service}.
   *
   * @param program one of {@link #ALL}
   * @param flags more flags of the program, {@code -registry} and {@code -registry-address}
   */
  public static GoPeer watch(String program, String service, String... flags)
      throws InterruptedException {
    return launch(program, "watch", service, Map.of(), flags);
  }

  /**
   * Starts a publisher, which publishes what {@link #say} tells it and reports {@code published} of
   * each, or {@code error} or {@code other}.
   *
   * @param program one of {@link #ALL}
   * @param topic what to publish to
   * @param flags more flags of the program, {@code -broker} and the like
   */
  public static GoPeer publisher(String program, String topic, String... flags)
      throws InterruptedException {
    List<String> all = new ArrayList<>(List.of(flags));
    Collections.addAll(all, "-topic", topic);
    return launch(program, "publish", "publisher", Map.of(), all.toArray(String[]::new));
  }

  /** Writes a line to the process: a publisher publishes it. */
  public void say(JsonObject line) {
    try {
      process.getOutputStream().write((line.encode() + "\n").getBytes(StandardCharsets.UTF_8));
      process.getOutputStream().flush();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static GoPeer launch(
      String program, String mode, String service, Map<String, String> environment, String... flags)
      throws InterruptedException {
    List<String> command = new ArrayList<>();
    command.add(Programs.find(program).toString());
    Collections.addAll(command, "-mode", mode, "-name", service);
    Collections.addAll(command, flags);
    try {
      Path log = Files.createTempFile(program, ".log");
      try {
        ProcessBuilder builder = new ProcessBuilder(command).redirectError(log.toFile());
        builder.environment().putAll(environment);
        return new GoPeer(builder.start(), log);
      } catch (IOException | RuntimeException | AssertionError e) {
        Files.deleteIfExists(log);
        throw e;
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private GoPeer(Process process, Path log) throws InterruptedException {
    this.process = process;
    this.log = log;
    Thread reader = new Thread(this::read, "reader of " + log.getFileName());
    reader.setDaemon(true);
    reader.start();
    boolean started = false;
    try {
      this.ready = nextEvent();
      Assertions.assertTrue(ready.getBoolean("ready", false), () -> "not a ready line: " + ready);
      started = true;
    } finally {
      if (!started) {
        close();
      }
    }
  }

  /** Runs on the reader thread until the process closes its end. */
  private void read() {
    try (BufferedReader reader = process.inputReader(StandardCharsets.UTF_8)) {
      for (String line = reader.readLine(); line != null; line = reader.readLine()) {
        if (!lines.offer(line)) {
          overflow = true;
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } finally {
      if (!lines.offer(END)) {
        overflow = true;
      }
    }
  }

  /** Returns where the server listens, as {@code 127.0.0.1:port}. */
  public String address() {
    return ready.getString("address");
  }

  /** Returns the version of go-micro that the program was built with, {@code v4.11.0} say. */
  public String goMicro() {
    return ready.getString("goMicro");
  }

  /**
   * Takes the oldest event that has not been taken, waiting for it if need be: {@code event} of a
   * server is {@code call} or {@code cancelled}. Fails the test when none comes in half a minute,
   * when the process has ended, and when so many were left untaken that some were lost.
   */
  public JsonObject nextEvent() throws InterruptedException {
    String line = lines.poll(WAIT_SECONDS, TimeUnit.SECONDS);
    if (overflow) {
      throw new AssertionError("more than " + MAX_LINES + " events were left untaken");
    }
    if (line == null) {
      throw new AssertionError("no event in " + WAIT_SECONDS + " s; log of the peer: " + tail(log));
    }
    if (line.equals(END)) {
      lines.add(END);
      throw new AssertionError("the peer has ended; its log: " + tail(log));
    }
    return new JsonObject(line);
  }

  /** Takes the events that have arrived, oldest first, without waiting. */
  public List<JsonObject> takeEvents() {
    List<String> taken = new ArrayList<>();
    lines.drainTo(taken);
    if (overflow) {
      throw new AssertionError("more than " + MAX_LINES + " events were left untaken");
    }
    if (taken.remove(END)) {
      lines.add(END);
    }
    return taken.stream().map(JsonObject::new).toList();
  }

  /**
   * Ends the process without a chance to say goodbye, as a crash would. What it had printed can
   * still be taken. May be called twice.
   */
  public void kill() {
    kill(process);
  }

  /** Goes by the handle, because the process's own method also cuts off what is left to read. */
  private static void kill(Process process) {
    process.toHandle().destroyForcibly();
  }

  /**
   * Ends the process: by closing its standard input, on which it finishes its calls for a second,
   * and by force if that is not enough. May be called twice.
   */
  @Override
  public void close() {
    try {
      process.getOutputStream().close();
      if (!process.waitFor(STOP_SECONDS, TimeUnit.SECONDS)) {
        kill(process);
      }
      Files.deleteIfExists(log);
    } catch (IOException e) {
      kill(process);
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      kill(process);
      Thread.currentThread().interrupt();
    }
  }

  /**
   * Makes one call with go-micro's own client and waits for its end.
   *
   * @param program one of {@link #ALL}
   * @param target {@code host:port} of the node
   * @param endpoint {@code Greeter.Hello}, or {@code /package.Service/Method}
   * @param request the request message as JSON
   * @param flags more flags of the program, {@code -name}, {@code -timeout} and the like
   * @return what the program printed: {@code reply}, or {@code error} with {@code id}, {@code
   *     code}, {@code detail} and {@code status}
   */
  public static JsonObject call(
      String program, String target, String endpoint, JsonObject request, String... flags)
      throws InterruptedException {
    List<String> all = new ArrayList<>();
    Collections.addAll(all, "-mode", "call", "-target", target, "-endpoint", endpoint);
    Collections.addAll(all, "-json", "-");
    Collections.addAll(all, flags);
    return run(program, request.encode(), all);
  }

  /**
   * Runs a program that prints one line and ends: with {@code -mode list}, {@code get} or {@code
   * call}. See {@code samples/go-peers/README.md} for its flags and for what it prints.
   *
   * @param program one of {@link #ALL}
   */
  public static JsonObject run(String program, String... flags) throws InterruptedException {
    return run(program, Map.of(), flags);
  }

  /** Runs a program as {@link #run(String, String...)} does, in that environment. */
  public static JsonObject run(String program, Map<String, String> environment, String... flags)
      throws InterruptedException {
    return new JsonObject(output(program, "", environment, List.of(flags)));
  }

  /**
   * Runs a program that reads lines of JSON and prints some: with {@code -mode stream} or {@code
   * publish}.
   *
   * @param program one of {@link #ALL}
   * @param input all that it reads
   */
  public static List<JsonObject> lines(String program, String input, String... flags)
      throws InterruptedException {
    return output(program, input, Map.of(), List.of(flags)).lines().map(JsonObject::new).toList();
  }

  private static JsonObject run(String program, String input, List<String> flags)
      throws InterruptedException {
    return new JsonObject(output(program, input, Map.of(), flags));
  }

  private static String output(
      String program, String input, Map<String, String> environment, List<String> flags)
      throws InterruptedException {
    List<String> command = new ArrayList<>();
    command.add(Programs.find(program).toString());
    command.addAll(flags);
    try {
      Path in = Files.createTempFile(program, ".in");
      Path out = Files.createTempFile(program, ".out");
      Path log = Files.createTempFile(program, ".log");
      try {
        Files.writeString(in, input);
        ProcessBuilder builder =
            new ProcessBuilder(command)
                .redirectInput(in.toFile())
                .redirectOutput(out.toFile())
                .redirectError(log.toFile());
        builder.environment().putAll(environment);
        Process process = builder.start();
        try {
          if (!process.waitFor(WAIT_SECONDS, TimeUnit.SECONDS)) {
            throw new AssertionError("no outcome in " + WAIT_SECONDS + " s: " + tail(log));
          }
        } finally {
          kill(process);
        }
        String output = Files.readString(out);
        if (output.isEmpty()) {
          throw new AssertionError("exit code " + process.exitValue() + ": " + tail(log));
        }
        return output;
      } finally {
        Files.deleteIfExists(in);
        Files.deleteIfExists(out);
        Files.deleteIfExists(log);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String tail(Path log) {
    try {
      String text = Files.readString(log);
      return text.substring(Math.max(0, text.length() - 4_096));
    } catch (IOException e) {
      return "unreadable: " + e;
    }
  }
}
