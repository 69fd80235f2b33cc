// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.crawler;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.vertxmicro.crawler.CrawlerCluster.Member;
import io.vertx.core.json.JsonObject;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestMethodOrder;

/**
 * The crawler from outside: what a person would check with curl and the store's own tools, on
 * processes that are stopped and killed. The checks are one walk through the life of one system, in
 * their order.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
abstract class CrawlerContract {

  private static final int LEADER_KILLS = 5;
  private static final int MANY_LEADER_KILLS = 50;
  private static final long ADD_EVERY_MILLIS = 20;

  private CrawlerStore store;
  private CrawlerCluster crawler;

  protected abstract CrawlerStore open();

  @BeforeAll
  void start() {
    store = open();
    crawler = new CrawlerCluster(store);
  }

  @AfterAll
  void stop() {
    if (crawler != null) {
      crawler.close();
    }
    if (store != null) {
      store.close();
    }
  }

  private static String workerOf(Member worker) {
    return worker.name() + "|127.0.0.1:" + worker.grpc();
  }

  private static Map<String, String> addresses(Map<String, Member> members) {
    return members.values().stream()
        .collect(Collectors.toMap(Member::name, member -> "127.0.0.1:" + member.grpc()));
  }

  @Test
  @Order(1)
  void mastersAndWorkersRegisterAndOneMasterLeads() {
    assertEquals(addresses(crawler.masters), store.nodes("go.micro.server.master"));
    assertEquals(addresses(crawler.workers), store.nodes("go.micro.server.worker"));
    CrawlerCluster.await("three take part", () -> store.candidates() == 3);
    Member leader = crawler.awaitLeader();
    for (Member master : crawler.masters.values()) {
      CrawlerCluster.await(
          master.name() + " knows the leader",
          () -> master.health().getString("leader").equals(CrawlerCluster.electionName(leader)));
      assertEquals(master == leader, master.health().getBoolean("leads"));
    }
  }

  @Test
  @Order(2)
  void anAddIsAnsweredWithTheWorkerAndStored() {
    Member leader = crawler.awaitLeader();
    CrawlerCluster.await(
        "the leader knows a worker", () -> crawler.add(leader, "task-test-4").status() == 200);

    Http.Answer answer = crawler.add(leader, "task-test-4");

    assertEquals(200, answer.status(), answer::text);
    assertEquals(Set.of("id", "Address"), answer.json().fieldNames());
    Member worker = crawler.workers.get(answer.json().getString("id"));
    assertEquals("127.0.0.1:" + worker.grpc(), answer.json().getString("Address"));
    JsonObject stored = store.resources().get("task-test-4");
    assertEquals(Set.of("ID", "Name", "AssignedNode", "CreationTime"), stored.fieldNames());
    assertTrue(stored.getString("ID").matches("[0-9]{18,19}"), stored::encode);
    assertEquals("task-test-4", stored.getString("Name"));
    assertEquals(workerOf(worker), stored.getString("AssignedNode"));
    long age = Instant.now().toEpochMilli() - stored.getLong("CreationTime") / 1_000_000;
    assertTrue(age >= -1_000 && age < 600_000, "made " + age + " ms ago");
  }

  @Test
  @Order(3)
  void aFollowerForwardsToTheLeader() {
    Member leader = crawler.awaitLeader();
    Member follower = crawler.follower();

    Http.Answer answer = crawler.add(follower, "task-forward");

    assertEquals(200, answer.status(), answer::text);
    assertTrue(crawler.workers.containsKey(answer.json().getString("id")), answer::text);
    for (Member master : List.of(follower, leader)) {
      JsonObject line = about(master.logged("receive request"), "task-forward");
      assertEquals("CrawlerMaster.AddResource", line.getString("method"));
      assertEquals("go.micro.server.master", line.getString("Service"));
      assertEquals(
          new JsonObject().put("id", "zjx").put("name", "task-forward"),
          line.getJsonObject("request param:"));
    }
    JsonObject added = about(leader.logged("add resource"), "task-forward");
    assertEquals(store.resources().get("task-forward"), added.getJsonObject("specs"));
    for (Member master : crawler.masters.values()) {
      if (master != leader) {
        assertEquals(List.of(), master.logged("add resource"));
      }
    }
  }

  private static JsonObject about(List<JsonObject> lines, String resource) {
    List<JsonObject> found =
        lines.stream().filter(line -> line.encode().contains("\"" + resource + "\"")).toList();
    assertEquals(1, found.size(), () -> resource + " in " + lines);
    return found.get(0);
  }

  @Test
  @Order(4)
  void sixResourcesAreTwoForEachWorker() {
    for (int i = 1; i <= 4; i++) {
      assertEquals(200, crawler.add(crawler.awaitLeader(), "task-" + i).status());
    }

    Map<String, Long> loads =
        store.resources().values().stream()
            .collect(
                Collectors.groupingBy(
                    value -> value.getString("AssignedNode"), Collectors.counting()));

    assertEquals(
        crawler.workers.values().stream()
            .collect(Collectors.toMap(CrawlerContract::workerOf, worker -> 2L)),
        loads);
    crawler.awaitSettled();
  }

  @Test
  @Order(5)
  void anotherAddOfANameIsTheSameResource() {
    JsonObject before = store.resources().get("task-1");

    Http.Answer again = crawler.add(crawler.follower(), "task-1");

    assertEquals(200, again.status());
    assertEquals(
        before.getString("AssignedNode"),
        again.json().getString("id") + "|" + again.json().getString("Address"));
    assertEquals(before, store.resources().get("task-1"));
  }

  @Test
  @Order(6)
  void aResourceIsDeletedOnce() {
    Member follower = crawler.follower();

    Http.Answer deleted = crawler.delete(follower, "task-test-4");
    Http.Answer viaFollower = crawler.delete(follower, "task-test-4");
    Http.Answer viaLeader = crawler.delete(crawler.awaitLeader(), "task-test-4");

    assertEquals(200, deleted.status(), deleted::text);
    assertEquals(new JsonObject(), deleted.json());
    assertFalse(store.resources().containsKey("task-test-4"));
    assertEquals(404, viaLeader.status());
    assertEquals(
        new JsonObject("{\"code\":5,\"message\":\"no such task\",\"details\":[]}"),
        viaLeader.json());
    assertEquals(viaLeader, viaFollower, "the same error by whichever entry");
    crawler.awaitSettled();
  }

  @Test
  @Order(7)
  void errorsAreMappedAsByTheGateway() {
    Member master = crawler.follower();
    String url = master.url("/crawler/resource");

    assertCode(400, 3, Http.send("POST", url, "{"));
    assertCode(400, 3, Http.send("POST", url, "{\"id\":\"1\"}"));
    assertCode(501, 12, Http.send("GET", url, ""));
    assertCode(404, 5, Http.send("POST", master.url("/crawler/nothing"), "{}"));
    Http.Answer unknownField =
        Http.send("POST", url, "{\"name\":\"task-1\",\"unknown\":{\"a\":[1]}}");
    assertEquals(200, unknownField.status(), unknownField::text);
  }

  private static void assertCode(int status, int code, Http.Answer answer) {
    assertEquals(status, answer.status(), answer::text);
    assertEquals(code, answer.json().getInteger("code"), answer::text);
    assertEquals(Set.of("code", "message", "details"), answer.json().fieldNames());
  }

  @Test
  @Order(8)
  void aWorkerGreets() {
    Member worker = crawler.workers.values().iterator().next();

    Http.Answer answer = Http.send("POST", worker.url("/greeter/hello?name=x"), "");

    assertEquals(200, answer.status());
    assertEquals(new JsonObject().put("greeting", "Hello x"), answer.json());
    Http.Answer page = Http.send("GET", "http://127.0.0.1:" + worker.pprof() + "/", "");
    assertTrue(page.text().contains("heap") && page.text().contains(worker.name()), page::text);
    assertTrue(
        Http.send("GET", "http://127.0.0.1:" + worker.pprof() + "/threads", "")
            .text()
            .contains("vert.x-eventloop-thread"));
  }

  @Test
  @Order(9)
  void whatAWorkerHadMovesWhenItStopsAndWhenItIsKilled() {
    Member leader = crawler.awaitLeader();
    Set<String> names = store.resources().keySet();
    Member stopped = crawler.workers.get("go.micro.server.worker-1");
    Member killed = crawler.workers.get("go.micro.server.worker-2");

    stopped.process().stop();
    crawler.awaitSettled();

    assertEquals(names, store.resources().keySet());
    JsonObject gone =
        leader.logged("watch worker change").stream()
            .map(line -> line.getJsonObject("worker:"))
            .filter(change -> change.getString("Action").equals("delete"))
            .reduce((first, second) -> second)
            .orElseThrow();
    assertEquals("go.micro.server.worker", gone.getJsonObject("Service").getString("name"));
    assertEquals(
        stopped.name(),
        gone.getJsonObject("Service").getJsonArray("nodes").getJsonObject(0).getString("id"));

    killed.process().kill();
    crawler.awaitSettled();
    assertEquals(names, store.resources().keySet());
  }

  @Test
  @Order(10)
  void withoutWorkersAnAddFailsAndNothingIsLost() {
    Member leader = crawler.awaitLeader();
    Set<String> names = store.resources().keySet();
    crawler.workers.get("go.micro.server.worker-3").process().stop();
    CrawlerCluster.await("nobody is there", () -> crawler.add(leader, "task-none").status() == 500);

    Http.Answer viaLeader = crawler.add(leader, "task-none");
    Http.Answer viaFollower = crawler.add(crawler.follower(), "task-none");

    assertEquals(
        new JsonObject("{\"code\":2,\"message\":\"no worker nodes\",\"details\":[]}"),
        viaLeader.json());
    assertEquals(viaLeader, viaFollower, "the same error by whichever entry");

    crawler.workers.values().stream()
        .map(CrawlerCluster::restart)
        .toList()
        .forEach(CompletableFuture::join);
    crawler.awaitSettled();
    assertTrue(store.resources().keySet().containsAll(names));
  }

  @Test
  @Order(11)
  void anotherLeadsWhenTheLeaderIsKilled() {
    Member killed = crawler.awaitLeader();
    Map<String, JsonObject> before = store.resources();

    killed.process().kill();
    Member next = crawler.awaitLeader();

    assertNotEquals(killed, next);
    assertEquals(before, store.resources(), "nothing is lost, and nothing moved");
    CrawlerCluster.await(
        "a follower forwards to the new leader",
        () -> crawler.add(crawler.follower(), "task-after").status() == 200);
    killed.process().restart();
    CrawlerCluster.await("three take part again", () -> store.candidates() >= 3);
    crawler.awaitSettled();
  }

  @Test
  @Order(12)
  void addsGoOnOverLeaderKills() {
    killLeaders(LEADER_KILLS);
  }

  @Test
  @Tag("soak")
  @Order(13)
  void addsGoOnOverManyLeaderKills() {
    killLeaders(MANY_LEADER_KILLS);
  }

  /**
   * Kills leaders under a steady stream of adds. At the end every confirmed add is in the store
   * once, assigned to a live worker that runs it, and no other does; one that was not confirmed is
   * there once or not at all.
   */
  private void killLeaders(int kills) {
    Adds adds = new Adds();
    Thread adding = new Thread(adds, "adds");
    adding.start();
    try {
      for (int kill = 1; kill <= kills; kill++) {
        Member leader = crawler.awaitLeader();
        leader.process().kill();
        int before = adds.confirmed.size();
        // While the others still take it for the leader, whose address it comes back to.
        CompletableFuture<Void> back = CrawlerCluster.restart(leader);
        CrawlerCluster.await("adds are confirmed again", () -> adds.confirmed.size() > before + 5);
        back.join();
      }
    } finally {
      adds.over = true;
      join(adding);
    }
    crawler.awaitLeader();
    crawler.awaitSettled();
    Map<String, JsonObject> stored = store.resources();
    Set<String> names = stored.keySet();
    assertTrue(names.containsAll(adds.confirmed), () -> "lost: " + without(adds.confirmed, names));
    stored.forEach((name, value) -> assertEquals(name, value.getString("Name"), "key and value"));
    assertEquals(
        names.size(),
        stored.values().stream().map(value -> value.getString("ID")).distinct().count(),
        "ids are unique");
    System.out.printf(
        "%s: %d leaders killed, %d adds confirmed, %d not, %d resources%n",
        getClass().getSimpleName(),
        kills,
        adds.confirmed.size(),
        adds.unconfirmed.get(),
        names.size());
  }

  private static Set<String> without(Set<String> names, Set<String> others) {
    return names.stream().filter(name -> !others.contains(name)).collect(Collectors.toSet());
  }

  private static void join(Thread thread) {
    try {
      thread.join(Duration.ofSeconds(60).toMillis());
      assertFalse(thread.isAlive(), "the adds have ended");
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError(e);
    }
  }

  /** Adds one resource after the other, through each master in turn. */
  private final class Adds implements Runnable {

    final Set<String> confirmed = new ConcurrentSkipListSet<>();
    final AtomicInteger unconfirmed = new AtomicInteger();
    volatile boolean over;

    @Override
    public void run() {
      List<Member> masters = List.copyOf(crawler.masters.values());
      for (int i = 0; !over; i++) {
        String name = "add-" + i;
        try {
          Http.Answer answer = crawler.add(masters.get(i % masters.size()), name);
          if (answer.status() == 200) {
            confirmed.add(name);
          } else {
            unconfirmed.incrementAndGet();
          }
        } catch (UncheckedIOException killed) {
          unconfirmed.incrementAndGet();
        }
        LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(ADD_EVERY_MILLIS));
      }
    }
  }
}
