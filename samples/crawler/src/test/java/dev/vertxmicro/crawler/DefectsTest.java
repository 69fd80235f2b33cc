// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.crawler;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.Empty;
import dev.vertxmicro.crawler.wire.NodeSpec;
import dev.vertxmicro.crawler.wire.ResourceSpec;
import dev.vertxmicro.errors.GrpcStatus;
import dev.vertxmicro.errors.Processed;
import dev.vertxmicro.errors.RpcError;
import dev.vertxmicro.errors.RpcException;
import dev.vertxmicro.metadata.Metadata;
import dev.vertxmicro.registry.RegisterOptions;
import dev.vertxmicro.runtime.CallOption;
import dev.vertxmicro.runtime.CallOptions;
import dev.vertxmicro.runtime.server.ServerCall;
import dev.vertxmicro.time.Deadline;
import dev.vertxmicro.time.FakeTimeSource;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What the original does wrong does not happen here: a test for each of its known defects. */
class DefectsTest {

  private static final String LEADER = "master2-127.0.0.1:9092";

  private final FakeTimeSource time = new FakeTimeSource();
  private final List<JsonObject> lines = new ArrayList<>();
  private final JsonLog log = new JsonLog("master", time, line -> lines.add(new JsonObject(line)));
  private final FakeBackend backend = new FakeBackend();
  private final List<CallOptions> forwards = new ArrayList<>();
  private RpcException leaderFails;

  /** The leader, as the stub of a follower sees it. */
  private final CrawlerMaster stub =
      new CrawlerMaster() {
        @Override
        public Future<NodeSpec> addResource(ResourceSpec request, CallOption... options) {
          return forwarded(NodeSpec.newBuilder().setId("w").build(), options);
        }

        @Override
        public Future<Empty> deleteResource(ResourceSpec request, CallOption... options) {
          return forwarded(Empty.getDefaultInstance(), options);
        }

        private <T> Future<T> forwarded(T answer, CallOption... options) {
          CallOptions applied = new CallOptions();
          for (CallOption option : options) {
            option.apply(applied);
          }
          forwards.add(applied);
          return leaderFails == null
              ? Future.succeededFuture(answer)
              : Future.failedFuture(leaderFails);
        }
      };

  private final MasterService service = service();
  private final Roster roster =
      new Roster(backend.registry, Greeter.SERVICE, log, time, service::workersChanged);

  private MasterService service() {
    ListenAddress anywhere = new ListenAddress("127.0.0.1", 0);
    ProcessOptions options =
        new ProcessOptions(
            "1",
            CrawlerMaster.SERVICE,
            Greeter.SERVICE,
            anywhere,
            anywhere,
            null,
            null,
            RegisterOptions.DEFAULT,
            Duration.ofSeconds(10),
            List.of(),
            "memory");
    MasterService service = new MasterService(options, stub, log);
    service.setName("master1-127.0.0.1:9091");
    return service;
  }

  private Leader leader(long term, String... seeds) {
    return new Leader(backend, backend.term(term), roster, List.of(seeds), log, time);
  }

  private void lead(String... seeds) {
    service.follow("master1-127.0.0.1:9091", leader(1, seeds));
  }

  /** A call without a deadline. */
  private record Call(Metadata metadata) implements ServerCall {
    @Override
    public String endpoint() {
      return "CrawlerMaster.AddResource";
    }

    @Override
    public String contentType() {
      return "application/grpc+proto";
    }

    @Override
    public Deadline deadline() {
      return Deadline.NONE;
    }

    @Override
    public String remoteAddress() {
      return "";
    }

    @Override
    public Future<RpcException> cancelled() {
      return Future.failedFuture("never");
    }

    @Override
    public ServerCall replyHeader(String name, String value) {
      return this;
    }

    @Override
    public ServerCall replyTrailer(String name, String value) {
      return this;
    }
  }

  private Future<NodeSpec> add(String name) {
    return service.addResource(
        ResourceSpec.newBuilder().setName(name).build(), new Call(Metadata.empty()));
  }

  private Future<Empty> delete(String name) {
    return service.deleteResource(
        ResourceSpec.newBuilder().setName(name).build(), new Call(Metadata.empty()));
  }

  private static RpcException failure(Future<?> failed) {
    assertTrue(failed.failed(), () -> "expected a failure: " + failed);
    return RpcException.from(failed.cause());
  }

  private List<JsonObject> logged(String message) {
    return lines.stream().filter(line -> line.getString("msg").equals(message)).toList();
  }

  /** 1 and 11: there a failed forward was an error of a nil pointer. */
  @Test
  void aFailedForwardIsTheLeadersFailure() {
    service.follow(LEADER, null);
    leaderFails =
        RpcException.of(RpcError.of("leader", 404, "no such task"), GrpcStatus.NOT_FOUND)
            .processed(Processed.YES)
            .build();

    assertSame(leaderFails, failure(delete("a")));
    assertSame(leaderFails, failure(add("a")));
  }

  /** 2: there a follower without a leader, and a leader that is not ready, did it themselves. */
  @Test
  void withoutALeaderNobodyActs() {
    service.follow(null, null);
    RpcException none = failure(add("a"));
    assertEquals(GrpcStatus.UNAVAILABLE, none.grpcStatus());
    assertEquals(Processed.REFUSED, none.processed());

    backend.registry.set(FixedRegistry.worker(1));
    backend.before = name -> Future.future(never -> {});
    backend.stored.put("old", new Resource("1", "old", "gone|127.0.0.1:1", 1).toJson().toBuffer());
    lead();
    RpcException notReady = failure(add("a"));
    assertEquals(GrpcStatus.UNAVAILABLE, notReady.grpcStatus());
    assertFalse(service.isUseful());
    assertEquals(List.of("put old"), backend.writes, "it still settles what it has found");
    assertEquals(List.of(), forwards);
  }

  /** 3: there a failed forward ran twice on the leader. */
  @Test
  void aForwardIsSentOnceAndNeverForwardedAgain() {
    service.follow(LEADER, null);
    leaderFails = RpcException.of(RpcError.of("leader", 500, "x"), GrpcStatus.UNKNOWN).build();

    failure(add("a"));

    assertEquals(1, forwards.size());
    CallOptions options = forwards.get(0);
    assertEquals(0, options.getRetries());
    assertEquals(List.of("127.0.0.1:9092"), options.getAddresses());
    assertEquals(Duration.ofSeconds(10), options.getTimeout());
    assertEquals("master1-127.0.0.1:9091", options.getMetadata().get(MasterService.FORWARDED_BY));

    Metadata marked = options.getMetadata();
    RpcException second =
        failure(
            service.addResource(ResourceSpec.newBuilder().setName("a").build(), new Call(marked)));
    assertEquals(GrpcStatus.UNAVAILABLE, second.grpcStatus());
    assertEquals(1, forwards.size(), "one hop at most");
  }

  /** 3 as well: there followers reassigned, and every master added the seeds. */
  @Test
  void aFollowerWritesNothing() {
    roster.open();
    service.follow(LEADER, null);

    backend.registry.set(FixedRegistry.worker(1));
    backend.registry.set();

    assertEquals(List.of(), backend.writes);
  }

  /** 4: there an add of a known name replaced it, and its old worker kept the load. */
  @Test
  void anAddOfAKnownNameChangesNothing() {
    roster.open();
    backend.registry.set(FixedRegistry.worker(1), FixedRegistry.worker(2));
    lead();
    NodeSpec first = add("a").result();
    Buffer before = backend.stored.get("a");

    NodeSpec again = add("a").result();

    assertEquals(first, again);
    assertEquals(before, backend.stored.get("a"));
    assertEquals(List.of("put a"), backend.writes);
    assertNotEquals(first.getId(), add("b").result().getId(), "the load was counted once");
    assertEquals(first.getId(), add("c").result().getId());
  }

  /** 5: there every worker ran every task that came, none that was there, and fell over others. */
  @Test
  void aWorkerRunsItsOwnTasksOnly() {
    String own = Resource.assignee(FixedRegistry.worker(1));
    String other = Resource.assignee(FixedRegistry.worker(2));
    Tasks tasks = new Tasks(own, log);

    tasks.put("mine", new Resource("1", "mine", own, 1).toJson().toBuffer());
    tasks.put("other", new Resource("2", "other", other, 1).toJson().toBuffer());
    tasks.put("election/3f35", Buffer.buffer("master1-127.0.0.1:9091"));
    tasks.put("number", Buffer.buffer("1"));
    assertEquals("[\"mine\"]", tasks.toJson().getJsonArray("tasks").encode());

    tasks.put("mine", new Resource("1", "mine", other, 1).toJson().toBuffer());
    assertEquals(0, tasks.size(), "assigned away");
    tasks.put("mine", new Resource("1", "mine", own, 1).toJson().toBuffer());
    tasks.deleted("mine");
    assertEquals(0, tasks.size(), "deleted");
    assertEquals(2, logged("start task").size());
  }

  /** 6: there all masters made ids of node 1. */
  @Test
  void idsOfDifferentTermsDiffer() {
    Snowflake one = new Snowflake(7, () -> Snowflake.EPOCH_MILLIS + 5);
    Snowflake other = new Snowflake(8, () -> Snowflake.EPOCH_MILLIS + 5);

    assertNotEquals(one.next(), other.next());
    assertNotEquals(one.next(), one.next());
  }

  /** 7: there a leader whose session had ended wrote on. BackendContract has the fence itself. */
  @Test
  void aWriteAfterTheEndOfTheTermIsNoAnswer() {
    roster.open();
    backend.registry.set(FixedRegistry.worker(1));
    lead();
    backend.before =
        name ->
            Future.failedFuture(
                RpcException.client(GrpcStatus.ABORTED, "this master leads no longer").build());

    assertEquals(GrpcStatus.UNAVAILABLE, failure(add("a")).grpcStatus());
    assertEquals(List.of(), logged("add resource"));

    service.follow(null, null);
    assertEquals(GrpcStatus.UNAVAILABLE, failure(add("a")).grpcStatus());
    assertEquals(List.of("put a"), backend.writes);
  }

  /** A write of which nobody knows whether it happened is looked up before the next. */
  @Test
  void anUnconfirmedAddIsFoundAgain() {
    roster.open();
    backend.registry.set(FixedRegistry.worker(1));
    lead();
    backend.before =
        name -> {
          String assignee = Resource.assignee(FixedRegistry.worker(1));
          backend.stored.put(name, new Resource("7", name, assignee, 1).toJson().toBuffer());
          return Future.failedFuture(
              RpcException.client(GrpcStatus.UNAVAILABLE, "no answer")
                  .processed(Processed.UNKNOWN)
                  .build());
        };
    assertEquals(Processed.UNKNOWN, failure(add("a")).processed());
    backend.before = name -> Future.succeededFuture();

    assertEquals(Greeter.SERVICE + "-1", add("a").result().getId());

    assertEquals("7", backend.resource("a").id(), "the one that was written");
    assertEquals(List.of("put a"), backend.writes);
  }

  /** Two things fail, of which one is tried again: it has to be the one that makes it ready. */
  @Test
  void aLeaderThatCouldNotBeginIsReadyInTheEndThoughWorkersCame() {
    roster.open();
    backend.registry.set(FixedRegistry.worker(1));
    backend.beforeRead =
        Future.failedFuture(RpcException.client(GrpcStatus.UNAVAILABLE, "no answer").build());
    lead();
    backend.registry.set(FixedRegistry.worker(1), FixedRegistry.worker(2));
    assertEquals(1, logged("become leader failed").size());
    assertEquals(1, logged("reassign failed").size());
    backend.beforeRead = Future.succeededFuture();

    time.advance(Duration.ofMillis(500));

    assertTrue(service.leads());
    assertTrue(add("a").succeeded());
  }

  /** 8: there a watch that failed was opened again without a pause. */
  @Test
  void aWatchThatFailsIsOpenedAgainAfterAPause() {
    backend.registry.watchFails = true;

    roster.open();

    assertEquals(1, backend.registry.watches);
    time.advance(Duration.ofMillis(499));
    assertEquals(1, backend.registry.watches);
    time.advance(Duration.ofMillis(1));
    assertEquals(2, backend.registry.watches);
  }

  /** 8 as well: there no workers were an error each time. */
  @Test
  void thatThereAreNoWorkersIsSaidOnce() {
    roster.open();
    backend.registry.set(FixedRegistry.worker(1));
    lead();
    add("a");

    backend.registry.set();
    service.workersChanged();
    service.workersChanged();
    assertEquals(1, logged("no worker nodes").size());

    backend.registry.set(FixedRegistry.worker(2));
    assertEquals(Greeter.SERVICE + "-2", backend.resource("a").nodeId());
    backend.registry.set();
    assertEquals(2, logged("no worker nodes").size());
  }

  /** 9: there the same error had another code and text by way of a follower. */
  @Test
  void theLeaderSaysWhatIsWrongInGrpcsOwnWords() {
    roster.open();
    lead();

    RpcException none = failure(add("a"));
    RpcException missing = failure(delete("a"));

    assertEquals(GrpcStatus.UNKNOWN, none.grpcStatus());
    assertEquals("no worker nodes", none.detail());
    assertEquals(GrpcStatus.NOT_FOUND, missing.grpcStatus());
    assertEquals("no such task", missing.detail());
  }

  /** 10: there a seed was taken for present if another name began with it. */
  @Test
  void aSeedIsThereOnlyUnderItsWholeName() {
    String assignee = Resource.assignee(FixedRegistry.worker(1));
    backend.stored.put(
        "douban_book_list", new Resource("1", "douban_book_list", assignee, 1).toJson().toBuffer());
    roster.open();
    backend.registry.set(FixedRegistry.worker(1));

    lead("douban_book", "douban_book_list");

    assertEquals(
        Map.of("douban_book", 1L, "douban_book_list", 1L).keySet(), backend.stored.keySet());
    assertEquals(List.of("put douban_book"), backend.writes);
    assertNotNull(backend.resource("douban_book"));
  }
}
