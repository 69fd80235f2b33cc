// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.vertxmicro.peers.GoPeer;
import dev.vertxmicro.registry.etcd.EtcdServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * The command line in a process of its own, in a terminal that {@code script} makes and without
 * one, with go-micro's environment variables.
 */
class TerminalIT {

  private static final String BOLD = "\u001b[1m";

  private static EtcdServer etcd;
  private static GoPeer greeter;

  @BeforeAll
  static void start() throws InterruptedException {
    etcd = EtcdServer.start();
    greeter =
        GoPeer.start(
            GoPeer.V5, "greeter", "-registry", "etcd", "-registry-address", etcd.address());
  }

  @AfterAll
  static void stop() {
    if (greeter != null) {
      greeter.close();
    }
    if (etcd != null) {
      etcd.close();
    }
  }

  private record Ended(int code, String out) {}

  private static Ended run(List<String> command, Map<String, String> more) throws Exception {
    Path out = Files.createTempFile("cli", ".out");
    try {
      ProcessBuilder builder =
          new ProcessBuilder(command)
              .redirectErrorStream(true)
              .redirectInput(ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()))
              .redirectOutput(out.toFile());
      builder.environment().remove("NO_COLOR");
      builder.environment().put("TERM", "xterm");
      builder.environment().put("MICRO_REGISTRY", "etcd");
      builder.environment().put("MICRO_REGISTRY_ADDRESS", etcd.address());
      builder.environment().putAll(more);
      Process process = builder.start();
      try {
        assertTrue(process.waitFor(60, TimeUnit.SECONDS), "it ends");
      } finally {
        process.destroyForcibly();
      }
      return new Ended(process.exitValue(), Files.readString(out, UTF_8).replace("\r\n", "\n"));
    } finally {
      Files.deleteIfExists(out);
    }
  }

  /** Starts it as the script {@code micro} does, which says whether there is a terminal. */
  private static String shell(String args) throws IOException {
    String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
    String path =
        System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
    Path script = Files.createTempFile("cli", ".sh");
    script.toFile().deleteOnExit();
    Files.writeString(
        script,
        "t=false; [ ! -t 1 ] || t=true; exec '"
            + java
            + "' -XX:TieredStopAtLevel=1 -Dmicro.terminal=$t -cp '"
            + path
            + "' "
            + MicroCommand.class.getName()
            + " "
            + args
            + "\n");
    return "sh " + script;
  }

  private static Ended inTerminal(String args, Map<String, String> more) throws Exception {
    Path script = Path.of("/usr/bin/script");
    if (!Files.isExecutable(script)) {
      String reason = "left out: a test in a terminal, as there is no " + script;
      System.out.println(reason);
      Assumptions.abort(reason);
    }
    return run(List.of(script.toString(), "-q", "-e", "-c", shell(args), "/dev/null"), more);
  }

  @Test
  void aTerminalGetsTablesAndColours() throws Exception {
    Ended ended = inTerminal("services", Map.of());

    assertEquals(0, ended.code(), ended::out);
    assertTrue(ended.out().contains(BOLD + "SERVICE  VERSIONS  NODES"), ended::out);
    assertTrue(ended.out().contains("greeter  latest    1"), ended::out);
  }

  @Test
  void aTerminalWithoutColoursGetsNone() throws Exception {
    Ended ended = inTerminal("services", Map.of("NO_COLOR", "1"));

    assertFalse(ended.out().contains("\u001b["), ended::out);
    assertTrue(ended.out().contains("SERVICE  VERSIONS  NODES"), ended::out);
  }

  @Test
  void aTerminalGetsAProgressLineAndIndentedJson() throws Exception {
    Ended bench = inTerminal("bench greeter Greeter.Hello {} --rate=50 --duration=1s", Map.of());
    Ended call = inTerminal("call greeter Greeter.Hello '{\"name\":\"Ada\"}'", Map.of());

    assertEquals(0, bench.code(), bench::out);
    assertTrue(bench.out().contains("\r") && bench.out().contains(" open\u001b[K"), bench::out);
    assertTrue(bench.out().contains("P99.9"), bench::out);
    assertTrue(call.out().contains("  \"greeting\" : \"Hello Ada\""), call::out);
  }

  @Test
  void whatIsNoTerminalGetsLinesToRead() throws Exception {
    Ended services = run(List.of("sh", "-c", shell("services")), Map.of());
    Ended failed = run(List.of("sh", "-c", shell("call nobody A.B")), Map.of());

    assertEquals("greeter\tlatest\t1\n", services.out());
    assertEquals(3, failed.code(), failed::out);
  }

  /** What a shell offers when somebody has typed that much. */
  private static List<String> completed(Path script, String... words) throws Exception {
    List<String> command =
        new ArrayList<>(
            List.of(
                "bash",
                "-c",
                "source '"
                    + script
                    + "'; COMP_WORDS=(\"$@\"); COMP_CWORD=$(($# - 1));"
                    + " _complete_micro 2>/dev/null;"
                    + " printf '%s\\n' \"${COMPREPLY[@]}\"",
                "bash"));
    command.addAll(List.of(words));
    Ended ended = run(command, Map.of());
    assertEquals(0, ended.code(), ended::out);
    return ended.out().lines().map(String::strip).sorted().toList();
  }

  @Test
  void aShellCompletesCommandsAndOptions() throws Exception {
    Run run = Run.of("generate-completion");
    Path script = Files.createTempFile("completion", ".bash");
    try {
      Files.writeString(script, run.out());

      assertEquals(List.of("services", "setup"), completed(script, "micro", "se"));
      assertEquals(List.of("master"), completed(script, "micro", "crawler", "m"));
      assertEquals(
          List.of("--registry", "--registry-address"), completed(script, "micro", "call", "--reg"));
    } finally {
      Files.deleteIfExists(script);
    }
  }

  @Test
  void theEnvironmentNamesTheBroker() throws Exception {
    Ended ended =
        run(
            List.of("sh", "-c", shell("publish t {}")),
            Map.of("MICRO_BROKER", "rabbitmq", "MICRO_BROKER_ADDRESS", "127.0.0.1:1"));

    assertEquals(4, ended.code(), ended::out);
    assertTrue(ended.out().startsWith("micro: ") && ended.out().contains(":1"), ended::out);
  }

  @Test
  void helpNamesTheExitCodes() {
    for (String command : List.of("call", "bench", "subscribe")) {
      Run run = Run.of(command, "--help");
      assertEquals(0, run.code());
      assertTrue(run.out().contains("Exit codes:"), run::out);
      assertTrue(run.out().contains("it took longer than it may"), run::out);
    }
  }
}
