// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.registry.consul;

import dev.vertxmicro.errors.GrpcStatus;
import dev.vertxmicro.errors.RpcException;
import dev.vertxmicro.registry.Complaints;
import dev.vertxmicro.registry.Node;
import dev.vertxmicro.registry.RecordedLog;
import dev.vertxmicro.registry.consul.Health.Entry;
import dev.vertxmicro.registry.consul.Health.State;
import dev.vertxmicro.time.FakeTimeSource;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;

/** An agent that a test plays, and a registry on it whose time the test moves. */
final class ScriptedAgent implements Agent {

  final FakeTimeSource time = new FakeTimeSource();
  final RecordedLog log = new RecordedLog();
  final List<String> asked = new ArrayList<>();
  final Map<String, JsonObject> registered = new LinkedHashMap<>();
  Set<String> servers = Set.of("server-1 5");
  boolean mayRead = true;
  Health now = health(1);
  boolean down;
  boolean forbidsServers;
  String address = "first:8500";
  Asked query;
  boolean closed;

  /** A blocking query that the test answers. */
  static final class Asked implements Query {
    final long index;
    boolean cancelled;
    private final Promise<Health> promise = Promise.promise();

    Asked(long index) {
      this.index = index;
    }

    void answer(Health health) {
      promise.complete(health);
    }

    void fail() {
      promise.fail(unreachable());
    }

    @Override
    public Future<Health> answer() {
      return promise.future();
    }

    @Override
    public void cancel() {
      cancelled = true;
      promise.tryFail(RpcException.cancelled("test").build());
    }
  }

  ConsulRegistry registry() {
    return registry(new ConsulOptions());
  }

  ConsulRegistry registry(ConsulOptions options) {
    return new ConsulRegistry(
        this,
        time,
        options,
        new SplittableRandom(1),
        Runnable::run,
        () -> Runnable::run,
        new Complaints(log, time));
  }

  static Entry entry(String id, State state) {
    return entry(id, state, 10);
  }

  static Entry entry(String id, State state, long createIndex) {
    return new Entry(state, "machine", "m " + id + " " + createIndex, "1", Node.of(id, id + ":1"));
  }

  static Health health(long index, Entry... entries) {
    Map<String, Entry> byId = new LinkedHashMap<>();
    Arrays.stream(entries).forEach(entry -> byId.put(entry.node().id(), entry));
    return new Health(index, true, byId, Map.of());
  }

  static RpcException unreachable() {
    return RpcException.client(GrpcStatus.UNAVAILABLE, "scripted: down").build();
  }

  /** Returns what was asked since this was last called. */
  List<String> takeAsked() {
    List<String> all = List.copyOf(asked);
    asked.clear();
    return all;
  }

  private <T> Future<T> told(String question, T answer) {
    asked.add(question);
    return down ? Future.failedFuture(unreachable()) : Future.succeededFuture(answer);
  }

  @Override
  public Future<Health> health(String service) {
    return told("health " + service, now);
  }

  @Override
  public Query health(String service, long index) {
    asked.add("watch " + service + " " + index);
    query = new Asked(index);
    return query;
  }

  @Override
  public Future<List<String>> services() {
    return told("services", List.of("greeter"));
  }

  @Override
  public Future<Set<String>> servers() {
    if (forbidsServers) {
      asked.add("servers");
      return Future.failedFuture(
          RpcException.client(GrpcStatus.PERMISSION_DENIED, "scripted: denied").build());
    }
    return told("servers", servers);
  }

  @Override
  public Future<Boolean> mayRead(String service, Collection<String> machines) {
    return told("mayRead " + service + " " + machines, mayRead);
  }

  @Override
  public Future<String> register(JsonObject definition) {
    String id = definition.getString("ID");
    Future<String> told = told("register " + id, address);
    if (!down) {
      registered.put(id, definition);
    }
    return told;
  }

  @Override
  public Future<Void> pass(String id) {
    return known("pass " + id, id);
  }

  private Future<Void> known(String question, String id) {
    return told(question, id)
        .compose(
            told ->
                registered.containsKey(id)
                    ? Future.succeededFuture()
                    : Future.failedFuture(unreachable()));
  }

  @Override
  public Future<Boolean> knows(String id) {
    return told("knows " + id, registered.containsKey(id));
  }

  @Override
  public Future<Void> deregister(String agent, String id) {
    Future<Void> told = told("deregister " + id + " at " + agent, null);
    if (!down) {
      registered.remove(id);
    }
    return told;
  }

  @Override
  public void close() {
    closed = true;
  }
}
