// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.crawler;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.vertxmicro.peers.FreePorts;
import dev.vertxmicro.peers.ServerProcess;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/** Masters 1, 2 and 4 and workers 1, 2 and 3, each in a process of its own. */
final class CrawlerCluster implements AutoCloseable {

  static final Duration PATIENCE = Duration.ofSeconds(30);

  private static final String MASTERS = "go.micro.server.master";
  private static final String WORKERS = "go.micro.server.worker";

  /**
   * A process.
   *
   * @param name what the registry calls it
   */
  record Member(String name, int http, int grpc, int pprof, ServerProcess process) {

    String url(String path) {
      return "http://127.0.0.1:" + http + path;
    }

    JsonObject health() {
      return Http.send("GET", "http://127.0.0.1:" + pprof + "/health", "").json();
    }

    /** Returns the log lines with that message. */
    List<JsonObject> logged(String message) {
      return process
          .log()
          .lines()
          .filter(line -> line.startsWith("{"))
          .map(JsonObject::new)
          .filter(line -> line.getString("msg").equals(message))
          .toList();
    }
  }

  private final CrawlerStore store;
  private final Path config;
  final Map<String, Member> masters = new LinkedHashMap<>();
  final Map<String, Member> workers = new LinkedHashMap<>();

  CrawlerCluster(CrawlerStore store) {
    this.store = store;
    String server = "RegisterTTL = 2\nRegisterInterval = 0.5\nClientTimeOut = 5\n";
    try {
      config = Files.createTempFile("crawler", ".toml");
      Files.writeString(
          config,
          "[MasterServer]\n"
              + server
              + "[GRPCServer]\n"
              + server
              + "[Election]\n"
              + store.election());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    List<Integer> ports = FreePorts.take(18);
    List<CompletableFuture<Member>> starting = new ArrayList<>();
    for (String id : List.of("1", "2", "4")) {
      List<Integer> own = take(ports, starting.size());
      starting.add(inBackground(() -> start("master", MASTERS + "-" + id, id, own)));
    }
    for (String id : List.of("1", "2", "3")) {
      List<Integer> own = take(ports, starting.size());
      starting.add(inBackground(() -> start("worker", WORKERS + "-" + id, id, own)));
    }
    for (CompletableFuture<Member> member : starting) {
      Member started = member.join();
      (started.name().startsWith(MASTERS) ? masters : workers).put(started.name(), started);
    }
  }

  private static List<Integer> take(List<Integer> ports, int member) {
    return ports.subList(3 * member, 3 * member + 3);
  }

  /** Starts a process again that has ended; completes when it is there. */
  static CompletableFuture<Void> restart(Member member) {
    return CompletableFuture.runAsync(
        () -> member.process().restart(), task -> new Thread(task).start());
  }

  private static CompletableFuture<Member> inBackground(Supplier<Member> starting) {
    return CompletableFuture.supplyAsync(starting, task -> new Thread(task).start());
  }

  private Member start(String kind, String name, String id, List<Integer> ports) {
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC",
                "-Xmx160m",
                "-cp",
                System.getProperty(
                    "surefire.test.class.path", System.getProperty("java.class.path")),
                CrawlerCommand.class.getName(),
                kind,
                "--id=" + id,
                "--http=:" + ports.get(0),
                "--grpc=:" + ports.get(1),
                "--pprof=:" + ports.get(2),
                "--config=" + config));
    command.addAll(store.flags());
    String health = "http://127.0.0.1:" + ports.get(2) + "/health";
    ServerProcess process =
        ServerProcess.start(command, () -> Http.send("GET", health, "").status() == 200);
    return new Member(name, ports.get(0), ports.get(1), ports.get(2), process);
  }

  /** Returns the name that a master has in the election. */
  static String electionName(Member master) {
    return "master" + master.name().substring(MASTERS.length() + 1) + "-127.0.0.1:" + master.grpc();
  }

  /** Returns the master that leads by the store, and is ready; waits for one. */
  Member awaitLeader() {
    Member[] found = new Member[1];
    await(
        "a master leads and is ready",
        () -> {
          String leader = store.leader();
          found[0] =
              masters.values().stream()
                  .filter(master -> electionName(master).equals(leader))
                  .filter(master -> master.process().isAlive())
                  .filter(master -> master.health().getBoolean("leads"))
                  .findFirst()
                  .orElse(null);
          return found[0] != null;
        });
    return found[0];
  }

  /** Returns a master that does not lead. */
  Member follower() {
    Member leader = awaitLeader();
    return masters.values().stream()
        .filter(master -> master != leader && master.process().isAlive())
        .findFirst()
        .orElseThrow();
  }

  Http.Answer add(Member master, String name) {
    return Http.send(
        "POST",
        master.url("/crawler/resource"),
        new JsonObject().put("id", "zjx").put("name", name).encode());
  }

  Http.Answer delete(Member master, String name) {
    return Http.send(
        "DELETE",
        master.url("/crawler/resource"),
        new JsonObject().put("id", "2").put("name", name).encode());
  }

  /** Returns which workers run each task, as the live workers say. */
  Map<String, List<String>> running() {
    Map<String, List<String>> running = new TreeMap<>();
    for (Member worker : workers.values()) {
      if (worker.process().isAlive()) {
        JsonObject answer = Http.send("GET", worker.url("/tasks"), "").json();
        for (Object task : answer.getJsonArray("tasks")) {
          running
              .computeIfAbsent((String) task, name -> new ArrayList<>())
              .add(answer.getString("worker"));
        }
      }
    }
    return running;
  }

  /** Returns what the workers should run, as the store says. */
  Map<String, List<String>> assigned() {
    Map<String, List<String>> assigned = new TreeMap<>();
    store
        .resources()
        .forEach((name, value) -> assigned.put(name, List.of(value.getString("AssignedNode"))));
    return assigned;
  }

  /** Waits until every resource is assigned to a live worker, and runs there and nowhere else. */
  void awaitSettled() {
    List<String> live =
        workers.values().stream()
            .filter(worker -> worker.process().isAlive())
            .map(worker -> worker.name() + "|127.0.0.1:" + worker.grpc())
            .toList();
    await(
        "every resource runs on the one live worker that has it",
        () -> {
          Map<String, List<String>> assigned = assigned();
          return assigned.values().stream().allMatch(who -> live.containsAll(who))
              && assigned.equals(running());
        });
  }

  static void await(String what, BooleanSupplier condition) {
    long end = System.nanoTime() + PATIENCE.toNanos();
    while (!holds(condition)) {
      assertTrue(System.nanoTime() - end < 0, () -> "not within " + PATIENCE + ": " + what);
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(50));
    }
  }

  /** What cannot be asked yet does not hold yet. */
  private static boolean holds(BooleanSupplier condition) {
    try {
      return condition.getAsBoolean();
    } catch (UncheckedIOException notYet) {
      return false;
    }
  }

  @Override
  public void close() {
    masters.values().forEach(member -> member.process().close());
    workers.values().forEach(member -> member.process().close());
    try {
      Files.deleteIfExists(config);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
