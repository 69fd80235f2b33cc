// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.crawler;

import dev.vertxmicro.crawler.backend.Backend;
import dev.vertxmicro.crawler.backend.ElectionOptions;
import dev.vertxmicro.crawler.backend.EmbeddedBackend;
import dev.vertxmicro.crawler.backend.EmbeddedStore;
import dev.vertxmicro.registry.RegisterOptions;
import io.vertx.core.Context;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpClientAgent;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.RequestOptions;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.PrintStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Three masters and three workers in one process, over real sockets of the loopback interface, with
 * the embedded backend: {@code ./micro crawler demo}. What it says it has checked; the exit code is
 * 0 only if all of it held.
 */
final class CrawlerDemo {

  private static final ElectionOptions ELECTION =
      new ElectionOptions(Duration.ofSeconds(3), Duration.ZERO);
  private static final RegisterOptions REGISTER =
      new RegisterOptions(Duration.ofSeconds(10), Duration.ofSeconds(3));
  private static final Duration PATIENCE = Duration.ofSeconds(15);
  private static final long LOOK_MILLIS = 20;
  private static final int FAILED = 1;

  /** A check that did not hold. */
  private static final class NotSo extends RuntimeException {
    private static final long serialVersionUID = 1L;

    NotSo(String message) {
      super(message);
    }
  }

  /** A log line and who wrote it. */
  private record Line(String who, JsonObject line) {}

  private record Answer(int status, JsonObject body) {}

  private record Http(HttpClientAgent client, Context context) {}

  private final PrintStream out;
  private final boolean printLog;
  private final Queue<Line> lines = new ConcurrentLinkedQueue<>();
  private final EmbeddedStore store = new EmbeddedStore();
  private final Map<String, Master> masters = new LinkedHashMap<>();
  private final Map<String, Worker> workers = new LinkedHashMap<>();
  private final Map<String, String> deployments = new LinkedHashMap<>();

  CrawlerDemo(PrintStream out, boolean printLog) {
    this.out = out;
    this.printLog = printLog;
  }

  /** Plays the demo and returns the exit code. */
  int run() {
    Vertx vertx = Vertx.vertx();
    Http http = new Http(vertx.createHttpClient(), vertx.getOrCreateContext());
    try {
      play(vertx, http);
      out.printf("%nAll of it worked.%n");
      return 0;
    } catch (Exception failure) { // of any kind: await throws what a future fails with
      out.printf("%nNot all of it worked: %s%n", failure.getMessage());
      return FAILED;
    } finally {
      vertx.close().await();
    }
  }

  private void play(Vertx vertx, Http http) {
    start(vertx);
    String first = awaitLeader(vertx, "");
    out.printf("Masters 1, 2 and 4 and workers 1, 2 and 3 run; %s leads:%n", first);
    masters.forEach((who, master) -> out.printf("   %-8s http://%s%n", who, master.httpAddress()));
    workers.forEach((who, worker) -> out.printf("   %-8s http://%s%n", who, worker.httpAddress()));

    out.printf("%n1. Resources go to the worker with the fewest%n");
    awaitWorkers(vertx, first);
    Map<String, List<String>> given = new TreeMap<>();
    for (int i = 1; i <= 6; i++) {
      String name = "task-" + i;
      Answer added = expect(200, add(http, first, name), "add " + name);
      given.computeIfAbsent(added.body().getString("id"), id -> new ArrayList<>()).add(name);
    }
    given.forEach((id, names) -> out.printf("   %s has %s%n", id, String.join(", ", names)));
    check(given.values().stream().allMatch(names -> names.size() == 2), "two for each: " + given);
    ok();

    out.printf("%n2. A follower forwards to the leader%n");
    String follower = masters.keySet().stream().filter(who -> !who.equals(first)).findFirst().get();
    Answer forwarded = expect(200, add(http, follower, "task-forward"), "add through a follower");
    out.printf("   %s was asked, and answered %s%n", follower, forwarded.body().encode());
    List<String> received = whoLogged("receive request", "task-forward");
    List<String> adding = whoLogged("add resource", "task-forward");
    out.printf(
        "   \"receive request\" is in the logs of %s, \"add resource\" in that of %s%n",
        String.join(" and ", received), String.join(" and ", adding));
    check(received.equals(List.of(follower, first)), "both received it: " + received);
    check(adding.equals(List.of(first)), "only the leader added it: " + adding);
    ok();

    out.printf("%n3. The leader is killed, and another leads without losing anything%n");
    Master killed = masters.remove(first);
    expectNotNull(killed).kill().await();
    String second = awaitLeader(vertx, first);
    out.printf("   %s fell silent; after its session %s leads%n", first, second);
    Answer again = expect(200, add(http, second, "task-forward"), "add again");
    out.printf("   \"task-forward\" is still with %s%n", again.body().getString("id"));
    check(again.body().equals(forwarded.body()), "the same worker: " + again.body());
    ok();

    out.printf("%n4. A worker stops, and its resources go to the others%n");
    String stopped = workers.keySet().iterator().next();
    int before = tasksOf(http, stopped).size();
    vertx.undeploy(expectNotNull(deployments.remove(stopped))).await();
    workers.remove(stopped);
    await(
        vertx,
        "every task runs once on those that are left",
        () ->
            running(http).size() == 7
                && new TreeMap<>(counts(http)).values().stream().allMatch(count -> count == 1));
    out.printf("   %s had %d; now:%n", stopped, before);
    workers
        .keySet()
        .forEach(who -> out.printf("   %s runs %s%n", who, String.join(", ", tasksOf(http, who))));
    ok();

    out.printf("%n5. A resource is deleted%n");
    Answer deleted = expect(200, delete(http, second, "task-1"), "delete");
    Answer missing = expect(404, delete(http, second, "task-1"), "delete again");
    out.printf("   %s, and the second time %s%n", deleted.body().encode(), missing.body().encode());
    await(vertx, "its task has stopped", () -> !running(http).contains("task-1"));
    ok();
  }

  private void start(Vertx vertx) {
    for (String id : List.of("1", "2", "4")) {
      String who = "master " + id;
      Master master =
          new Master(options(CrawlerMaster.SERVICE, id), this::backend, text -> log(who, text));
      masters.put(who, master);
      deployments.put(who, vertx.deployVerticle(master).await());
    }
    for (String id : List.of("1", "2", "3")) {
      String who = "worker " + id;
      Worker worker =
          new Worker(options(Greeter.SERVICE, id), this::backend, text -> log(who, text));
      workers.put(who, worker);
      deployments.put(who, vertx.deployVerticle(worker).await());
    }
  }

  private Backend backend(Vertx vertx) {
    return EmbeddedBackend.create(vertx, store, ELECTION);
  }

  private static ProcessOptions options(String service, String id) {
    ListenAddress anywhere = new ListenAddress("127.0.0.1", 0);
    return new ProcessOptions(
        id,
        service,
        Greeter.SERVICE,
        anywhere,
        anywhere,
        null,
        null,
        REGISTER,
        Duration.ofSeconds(5),
        List.of(),
        "memory");
  }

  private void log(String who, String text) {
    lines.add(new Line(who, new JsonObject(text)));
    if (printLog) {
      out.println(who + " " + text);
    }
  }

  /** Returns who leads, as soon as it is another than {@code not}. */
  private String awaitLeader(Vertx vertx, String not) {
    await(vertx, "a master leads", () -> leader(not) != null);
    return expectNotNull(leader(not));
  }

  private @Nullable String leader(String not) {
    return masters.entrySet().stream()
        .filter(master -> !master.getKey().equals(not) && master.getValue().leads())
        .map(Map.Entry::getKey)
        .findFirst()
        .orElse(null);
  }

  private void awaitWorkers(Vertx vertx, String leader) {
    await(
        vertx,
        "the leader knows three workers",
        () -> expectNotNull(masters.get(leader)).workersKnown() == workers.size());
  }

  private void await(Vertx vertx, String what, BooleanSupplier condition) {
    long rounds = PATIENCE.toMillis() / LOOK_MILLIS;
    for (long round = 0; !condition.getAsBoolean(); round++) {
      check(round < rounds, what + ", within " + PATIENCE.toSeconds() + " s");
      vertx.timer(LOOK_MILLIS).await();
    }
  }

  private List<String> whoLogged(String message, String resource) {
    return lines.stream()
        .filter(line -> line.line().getString("msg").equals(message))
        .filter(line -> line.line().encode().contains("\"" + resource + "\""))
        .map(Line::who)
        .toList();
  }

  private List<String> running(Http http) {
    return List.copyOf(counts(http).keySet());
  }

  /** Returns on how many workers each task runs. */
  private Map<String, Integer> counts(Http http) {
    Map<String, Integer> counts = new TreeMap<>();
    workers
        .keySet()
        .forEach(who -> tasksOf(http, who).forEach(task -> counts.merge(task, 1, Integer::sum)));
    return counts;
  }

  private List<String> tasksOf(Http http, String who) {
    ListenAddress address = expectNotNull(workers.get(who)).httpAddress();
    JsonArray tasks =
        send(http, HttpMethod.GET, address, "/tasks", new JsonObject())
            .body()
            .getJsonArray("tasks");
    return tasks.stream().map(String::valueOf).toList();
  }

  private Answer add(Http http, String master, String name) {
    return ask(http, HttpMethod.POST, master, name);
  }

  private Answer delete(Http http, String master, String name) {
    return ask(http, HttpMethod.DELETE, master, name);
  }

  private Answer ask(Http http, HttpMethod method, String master, String name) {
    ListenAddress address = expectNotNull(masters.get(master)).httpAddress();
    return send(http, method, address, "/crawler/resource", new JsonObject().put("name", name));
  }

  /** On one context for all: what comes to a client is then handled where its connections are. */
  private static Answer send(
      Http http, HttpMethod method, ListenAddress to, String path, JsonObject body) {
    RequestOptions request =
        new RequestOptions()
            .setMethod(method)
            .setHost(to.host())
            .setPort(to.port())
            .setURI(path)
            .setTimeout(PATIENCE.toMillis());
    Promise<Answer> answer = Promise.promise();
    http.context.runOnContext(
        go ->
            http.client
                .request(request)
                .compose(
                    asked ->
                        method.equals(HttpMethod.GET) ? asked.send() : asked.send(body.toBuffer()))
                .compose(
                    response ->
                        response
                            .body()
                            .map(read -> new Answer(response.statusCode(), new JsonObject(read))))
                .onComplete(answer));
    try {
      return answer.future().await(PATIENCE.toSeconds(), TimeUnit.SECONDS);
    } catch (TimeoutException late) {
      throw new NotSo("no answer from " + to + path + " within " + PATIENCE.toSeconds() + " s");
    }
  }

  private static Answer expect(int status, Answer answer, String what) {
    check(answer.status() == status, what + ": " + answer);
    return answer;
  }

  private static <T> T expectNotNull(@Nullable T value) {
    if (value == null) {
      throw new NotSo("missing");
    }
    return value;
  }

  private void ok() {
    out.println("   OK");
  }

  private static void check(boolean holds, String what) {
    if (!holds) {
      throw new NotSo("expected: " + what);
    }
  }
}
