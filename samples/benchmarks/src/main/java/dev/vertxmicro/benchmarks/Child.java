// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.benchmarks;

import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.File;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStreamWriter;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/** A process that this one started; talks by lines, and goes when its input ends. */
final class Child implements AutoCloseable {

  private final Process process;
  private final BufferedReader out;
  private final BufferedWriter in;

  private Child(int core, Map<String, String> environment, List<String> command)
      throws IOException {
    List<String> pinned = new ArrayList<>();
    if (pins()) {
      pinned.addAll(List.of("taskset", "-c", String.valueOf(core)));
    }
    pinned.addAll(command);
    ProcessBuilder builder =
        new ProcessBuilder(pinned).redirectError(ProcessBuilder.Redirect.INHERIT);
    builder.environment().putAll(environment);
    process = builder.start();
    out =
        new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
    in =
        new BufferedWriter(
            new OutputStreamWriter(process.getOutputStream(), StandardCharsets.UTF_8));
  }

  /** Starts a JVM on a core, with the class path of this one. */
  static Child java(int core, Class<?> main, String... args) throws IOException {
    List<String> command = new ArrayList<>();
    command.add(ProcessHandle.current().info().command().orElse("java"));
    command.addAll(List.of("-Xms512m", "-Xmx512m", "-XX:+AlwaysPreTouch", "-XX:+UseParallelGC"));
    command.addAll(List.of("-cp", System.getProperty("java.class.path"), main.getName()));
    command.addAll(List.of(args));
    return new Child(core, Map.of(), command);
  }

  /** Starts a program on a core, with variables that its environment has besides those of ours. */
  static Child program(int core, Map<String, String> environment, List<String> command)
      throws IOException {
    return new Child(core, environment, command);
  }

  /** Tells whether processes are kept to a core: with taskset, where there are two cores. */
  static boolean pins() {
    return Runtime.getRuntime().availableProcessors() >= 2
        && Arrays.stream(System.getenv("PATH").split(File.pathSeparator, -1))
            .anyMatch(folder -> new File(folder, "taskset").canExecute());
  }

  String read() {
    try {
      String line = out.readLine();
      if (line == null) {
        throw new IllegalStateException("a child process has ended; see above");
      }
      return line;
    } catch (IOException broken) {
      throw new UncheckedIOException(broken);
    }
  }

  void write(String line) {
    try {
      in.write(line);
      in.newLine();
      in.flush();
    } catch (IOException broken) {
      throw new UncheckedIOException(broken);
    }
  }

  /** Returns what it has used of processors, to a hundredth of a second or so. */
  Duration processTime() {
    return process
        .info()
        .totalCpuDuration()
        .orElseThrow(() -> new IllegalStateException("nothing is known of process " + process));
  }

  @Override
  public void close() {
    try {
      in.close();
      process.waitFor();
    } catch (IOException broken) {
      process.destroy();
    } catch (InterruptedException interrupted) {
      process.destroy();
      Thread.currentThread().interrupt();
    }
  }
}
