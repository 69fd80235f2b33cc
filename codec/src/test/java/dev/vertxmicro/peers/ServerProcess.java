// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.peers;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Assertions;

/**
 * A real server in a process of its own, that a test starts, kills and starts again with the same
 * command: on the same ports, and with its data if the command names a directory for them.
 *
 * <p>It ends with this JVM at the latest, however that ends by itself. Not thread-safe.
 */
public final class ServerProcess implements AutoCloseable {

  /** Tells whether a server answers; asked again and again, and may throw while it does not. */
  @FunctionalInterface
  public interface Probe {
    /** Returns whether the server answers. */
    boolean answers() throws Exception;
  }

  private static final long WAIT_NANOS = TimeUnit.SECONDS.toNanos(60);
  private static final long STOP_SECONDS = 10;
  private static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(20);

  private final List<String> command;
  private final Map<String, String> environment;
  private final Probe probe;
  private final Path log;
  private final Thread atExit;
  private volatile Process process;

  private ServerProcess(List<String> command, Map<String, String> environment, Probe probe) {
    this.command = List.copyOf(command);
    this.environment = Map.copyOf(environment);
    this.probe = probe;
    try {
      this.log = Files.createTempFile("server", ".log");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    this.process = launch();
    this.atExit = new Thread(() -> process.destroyForcibly(), "end of " + this);
    Runtime.getRuntime().addShutdownHook(atExit);
  }

  /**
   * Starts a server and waits until it answers.
   *
   * @param command the program, see {@link Programs#find}, and its arguments
   */
  public static ServerProcess start(List<String> command, Probe probe) {
    return start(command, Map.of(), probe);
  }

  /**
   * Starts a server and waits until it answers.
   *
   * @param command the program, see {@link Programs#find}, and its arguments
   * @param environment added to that of this process
   */
  public static ServerProcess start(
      List<String> command, Map<String, String> environment, Probe probe) {
    ServerProcess server = new ServerProcess(command, environment, probe);
    try {
      server.awaitAnswer();
      return server;
    } catch (RuntimeException | Error e) {
      server.close();
      throw e;
    }
  }

  private Process launch() {
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()));
    builder.environment().putAll(environment);
    try {
      return builder.start();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void awaitAnswer() {
    long end = System.nanoTime() + WAIT_NANOS;
    Throwable last = null;
    while (System.nanoTime() - end < 0) {
      try {
        if (probe.answers()) {
          return;
        }
      } catch (Exception notYet) {
        last = notYet;
      }
      if (!process.isAlive()) {
        throw new AssertionError(
            this + " has ended with " + process.exitValue() + "; its log: " + logTail(), last);
      }
      LockSupport.parkNanos(PAUSE_NANOS);
    }
    throw new AssertionError(this + " does not answer; its log: " + logTail(), last);
  }

  /** Ends the process as {@code kill -9} does, and waits until it is gone. */
  public void kill() {
    end(true);
  }

  /** Asks the process to end and waits until it has, if need be with force. */
  public void stop() {
    end(false);
  }

  private void end(boolean force) {
    if (force) {
      process.destroyForcibly();
    } else {
      process.destroy();
    }
    try {
      if (!process.waitFor(STOP_SECONDS, TimeUnit.SECONDS)) {
        process.destroyForcibly();
        Assertions.assertTrue(process.waitFor(STOP_SECONDS, TimeUnit.SECONDS), this + " goes on");
      }
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    }
  }

  /** Starts the same command again, after {@link #kill} or {@link #stop}, and waits for it. */
  public void restart() {
    Assertions.assertFalse(process.isAlive(), () -> this + " still runs");
    process = launch();
    awaitAnswer();
  }

  /** Starts the same command again and returns at once: the server may need peers to answer. */
  public void restartWithoutWaiting() {
    Assertions.assertFalse(process.isAlive(), () -> this + " still runs");
    process = launch();
  }

  /** Tells whether the process runs. */
  public boolean isAlive() {
    return process.isAlive();
  }

  /** Returns the id of the process that runs, or ran last. */
  public long pid() {
    return process.pid();
  }

  /** Returns the end of what all runs have printed. */
  public String logTail() {
    String text = log();
    return text.substring(Math.max(0, text.length() - 4_096));
  }

  /** Returns what all runs have printed. */
  public String log() {
    try {
      return Files.readString(log);
    } catch (IOException e) {
      return "unreadable: " + e;
    }
  }

  /** Ends the process by force and removes its log. May be called twice. */
  @Override
  public void close() {
    end(true);
    try {
      Runtime.getRuntime().removeShutdownHook(atExit);
    } catch (IllegalStateException shuttingDown) {
      // The hook will find nothing left to end.
    }
    try {
      Files.deleteIfExists(log);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public String toString() {
    return Path.of(command.get(0)).getFileName() + " (pid " + process.pid() + ")";
  }
}
