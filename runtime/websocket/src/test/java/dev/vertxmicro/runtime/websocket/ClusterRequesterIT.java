// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.websocket;

import static dev.vertxmicro.runtime.websocket.Waits.await;
import static dev.vertxmicro.runtime.websocket.Waits.failure;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.vertxmicro.errors.GrpcStatus;
import dev.vertxmicro.errors.Processed;
import dev.vertxmicro.errors.RpcException;
import dev.vertxmicro.runtime.CallOption;
import dev.vertxmicro.runtime.ClientOption;
import dev.vertxmicro.runtime.RpcClient;
import dev.vertxmicro.runtime.RpcClientOptions;
import dev.vertxmicro.runtime.RpcCounters;
import dev.vertxmicro.runtime.RpcStream;
import dev.vertxmicro.runtime.websocket.cluster.ClusterRequester;
import dev.vertxmicro.runtime.websocket.cluster.ClusterRequesterStub;
import dev.vertxmicro.runtime.websocket.cluster.Done;
import dev.vertxmicro.runtime.websocket.cluster.Instance;
import dev.vertxmicro.runtime.websocket.cluster.InstanceRef;
import dev.vertxmicro.runtime.websocket.cluster.Journal;
import dev.vertxmicro.runtime.websocket.cluster.JournalQuery;
import dev.vertxmicro.runtime.websocket.cluster.ListQuery;
import dev.vertxmicro.runtime.websocket.cluster.Output;
import dev.vertxmicro.runtime.websocket.cluster.Run;
import dev.vertxmicro.runtime.websocket.cluster.Started;
import dev.vertxmicro.runtime.websocket.cluster.Status;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.internal.VertxInternal;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The whole client, typed. */
class ClusterRequesterIT {

  private final RpcCounters counters = new RpcCounters();
  private final List<String> texts = new CopyOnWriteArrayList<>();
  private Vertx vertx;
  private RawCluster cluster;
  private RpcClient client;
  private ClusterRequester requester;

  @BeforeEach
  void start() {
    vertx = Vertx.vertx();
    cluster = RawCluster.start(vertx);
    client =
        RpcClient.builder(vertx)
            .with(new RpcClientOptions().setProtocol("websocket"))
            .withObserver(counters)
            .build();
    CallOption there = CallOption.address("ws://127.0.0.1:" + cluster.port() + "/");
    client.init(ClientOption.calls(there));
    requester = ClusterRequesterStub.create(client);
  }

  @AfterEach
  void stop() {
    await(client.close());
    cluster.close();
    await(vertx.close());
    assertEquals(0, counters.openCalls() + counters.openConnections() + counters.openStreams());
    assertEquals(0, counters.queued() + counters.openLeases() + counters.openTimers());
  }

  private static JsonObject json(String key, Object value) {
    return new JsonObject().put(key, value);
  }

  private void answerAll() {
    cluster.answer(
        (on, asked) -> {
          texts.add(asked.text());
          switch (asked.action()) {
            case "run" -> asked.reply(json("instance_id", "i-1").put("err", ""));
            case "list" ->
                asked.reply(
                    json(
                        "instances",
                        new JsonArray()
                            .add(
                                json("instance_id", "i-1")
                                    .put("name", "a")
                                    .put("args", new JsonArray().add("x"))
                                    .put("status", "Running"))));
            case "status" -> asked.reply(json("status", "Finished").put("name", "a"));
            case "journal" -> asked.reply(json("journal", "one\ntwo\n"));
            default -> asked.reply(json("err", null));
          }
        });
  }

  @Test
  void asksForEverythingAClusterDoes() {
    answerAll();

    Started started = await(requester.run(new Run("a", "/bin/a", List.of("--token", "t"))));
    assertEquals("i-1", started.instanceId());
    assertEquals(
        List.of(new Instance("i-1", "a", "", List.of("x"), "Running", "")),
        await(requester.list()));
    assertEquals(1, await(requester.list(new ListQuery())).instances().size());
    assertEquals(new Status("Finished", "", "a"), await(requester.status(started.ref())));
    assertEquals(new Journal("one\ntwo\n"), await(requester.journal(new JournalQuery("i-1", 0))));
    assertEquals(new Done(), await(requester.kill(started.ref())));
    assertEquals(new Done(), await(requester.rm(started.ref())));

    JsonObject run = new JsonObject(texts.get(0));
    assertEquals("run", run.remove("action"));
    assertTrue(run.remove("op_id") instanceof String);
    assertEquals(
        new JsonObject("{\"name\":\"a\",\"cmd\":\"/bin/a\",\"args\":[\"--token\",\"t\"]}"), run);
    assertEquals(
        List.of("run", "list", "list", "status", "journal", "kill_instance", "rm"),
        texts.stream().map(text -> new JsonObject(text).getString("action")).toList());
    assertEquals(1, counters.connections());
  }

  @Test
  void failsWithTheWordsOfTheCluster() {
    cluster.answer((on, asked) -> asked.reply(json("err", "no such instance")));

    RpcException refused = failure(requester.status(new InstanceRef("i-9")));

    assertEquals("no such instance", refused.detail());
    assertEquals(500, refused.code());
    assertEquals(Processed.YES, refused.processed());
  }

  @Test
  void failsAListThatIsNone() {
    cluster.answer((on, asked) -> asked.reply(json("instances", "none")));

    assertEquals(GrpcStatus.INTERNAL, failure(requester.list()).grpcStatus());
  }

  @Test
  void endsACallAtItsDeadlineAndPassesOverItsReply() {
    answerAll();
    await(requester.list());
    cluster.answer(null);
    Duration soon = Duration.ofMillis(500);
    RpcException late =
        failure(requester.run(new Run("a", "b", List.of()), CallOption.timeout(soon)));
    RawCluster.Asked asked = cluster.next();
    asked.reply(new JsonObject());
    answerAll();
    await(requester.list());

    assertEquals(408, late.code());
    assertEquals(Processed.UNKNOWN, late.processed());
    assertEquals(1, counters.ignoredMessages());
  }

  @Test
  void neverSendsARunTwiceButAListAgain() {
    AtomicInteger runs = new AtomicInteger();
    AtomicInteger lists = new AtomicInteger();
    cluster.answer(
        (on, asked) -> {
          if (asked.action().equals("run")) {
            runs.incrementAndGet();
            on.cut();
          } else if (lists.incrementAndGet() == 1) {
            on.cut();
          } else {
            asked.reply(json("instances", new JsonArray()));
          }
        });

    CallOption often = CallOption.retries(5);
    RpcException lost = failure(requester.run(new Run("a", "b", List.of()), often));
    assertEquals(Processed.UNKNOWN, lost.processed());
    assertEquals(1, runs.get());
    assertEquals(List.of(), await(requester.list(new ListQuery(), often)).instances());
    assertEquals(2, lists.get());
  }

  @Test
  void followsAnInstanceOnTheContextOfTheCaller() throws InterruptedException {
    Promise<Void> stopped = Promise.promise();
    cluster.answer(
        (on, asked) -> {
          if (asked.action().equals("start_stream")) {
            on.say("{\"stream_id\":\"s-1\",\"msg\":\"early\"}");
            asked.reply(json("stream", "s-1"));
            for (int i = 0; i < 100; i++) {
              on.say("{\"op_id\":\"x\",\"stream_id\":\"s-1\",\"msg\":\"no. " + i + "\"}");
            }
          } else {
            stopped.complete();
          }
        });
    BlockingQueue<Output> seen = new LinkedBlockingQueue<>();
    BlockingQueue<Context> contexts = new LinkedBlockingQueue<>();
    RpcStream<InstanceRef, Output> stream = await(requester.follow(new InstanceRef("i-1")));
    stream.handler(
        output -> {
          contexts.add(Vertx.currentContext());
          seen.add(output);
        });
    stream.resume();

    assertEquals("early", seen.poll(10, TimeUnit.SECONDS).msg());
    for (int i = 0; i < 100; i++) {
      assertEquals("no. " + i, seen.poll(10, TimeUnit.SECONDS).msg());
    }
    assertEquals(1, contexts.stream().distinct().count());
    stream.cancel("enough");
    await(stopped.future());
    assertEquals(499, failure(stream.trailers()).code());
  }

  @Test
  void tellsAFollowerThatTheConnectionIsLost() {
    cluster.answer((on, asked) -> asked.reply(json("stream", "s-1")));
    RpcStream<InstanceRef, Output> stream = await(requester.follow(new InstanceRef("i-1")));
    Promise<Throwable> told = Promise.promise();
    stream.exceptionHandler(told::complete);
    cluster.connections().get(0).cut();

    RpcException lost = (RpcException) await(told.future());
    assertEquals(GrpcStatus.UNAVAILABLE, lost.grpcStatus());
    assertEquals(Processed.UNKNOWN, lost.processed());
  }

  @Test
  void callsFromManyContextsShareOneConnection() {
    cluster.answer(
        (on, asked) -> asked.reply(json("journal", asked.request().getInteger("lines"))));
    List<Future<Journal>> all = new CopyOnWriteArrayList<>();
    for (int i = 0; i < 300; i++) {
      int lines = i;
      Promise<Journal> told = Promise.promise();
      all.add(told.future());
      ((VertxInternal) vertx)
          .createEventLoopContext()
          .runOnContext(v -> requester.journal(new JournalQuery("i", lines)).onComplete(told));
    }
    for (int i = 0; i < 300; i++) {
      assertEquals(String.valueOf(i), await(all.get(i)).journal());
    }
    assertEquals(1, counters.connections());
    assertFalse(cluster.connections().size() > 1);
  }
}
