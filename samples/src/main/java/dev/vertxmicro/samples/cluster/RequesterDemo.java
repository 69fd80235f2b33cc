// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.samples.cluster;

import dev.vertxmicro.errors.RpcException;
import dev.vertxmicro.registry.Node;
import dev.vertxmicro.registry.Service;
import dev.vertxmicro.registry.StaticRegistry;
import dev.vertxmicro.runtime.CallOption;
import dev.vertxmicro.runtime.RpcClient;
import dev.vertxmicro.runtime.RpcClientOptions;
import dev.vertxmicro.runtime.RpcCounters;
import dev.vertxmicro.runtime.RpcStream;
import dev.vertxmicro.runtime.websocket.WebSocketOptions;
import dev.vertxmicro.runtime.websocket.WebSocketTransports;
import dev.vertxmicro.runtime.websocket.cluster.ClusterRequester;
import dev.vertxmicro.runtime.websocket.cluster.ClusterRequesterStub;
import dev.vertxmicro.runtime.websocket.cluster.InstanceRef;
import dev.vertxmicro.runtime.websocket.cluster.Journal;
import dev.vertxmicro.runtime.websocket.cluster.JournalQuery;
import dev.vertxmicro.runtime.websocket.cluster.ListQuery;
import dev.vertxmicro.runtime.websocket.cluster.Output;
import dev.vertxmicro.runtime.websocket.cluster.Run;
import dev.vertxmicro.runtime.websocket.cluster.Started;
import dev.vertxmicro.runtime.websocket.cluster.Status;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.io.PrintStream;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Asks a cluster to run programs, which it does on this machine: {@code ./micro requester demo}.
 * The cluster runs in this process and then misbehaves in every way it can.
 */
public final class RequesterDemo {

  private static final int WORKED = 0;
  private static final int FAILED = 1;
  private static final long PATIENCE_SECONDS = 20;
  private static final Duration SOON = Duration.ofMillis(250);

  private final PrintStream out;
  private final Vertx vertx = Vertx.vertx();
  private final RpcCounters counters = new RpcCounters();

  private RequesterDemo(PrintStream out) {
    this.out = out;
  }

  // tag::requester[]
  /** A client of one cluster. Its address: {@code ws://127.0.0.1:3002/}, say. */
  static RpcClient connect(Vertx vertx, String address, RpcCounters counters) {
    Node node = Node.builder("cluster-1", address).protocol("websocket").build();
    return RpcClient.builder(vertx)
        .with(new RpcClientOptions().setProtocol("websocket"))
        .withRegistry(StaticRegistry.of(Service.builder("cluster").node(node).build()))
        .withTransport(new WebSocketTransports(new WebSocketOptions().setMaxBufferedEvents(500)))
        .withObserver(counters)
        .build();
  }

  /** Runs a program and follows what it writes. */
  static Future<RpcStream<InstanceRef, Output>> runAndFollow(RpcClient client, Run program) {
    ClusterRequester cluster = ClusterRequesterStub.create(client);
    return cluster.run(program).compose(started -> cluster.follow(started.ref()));
  }

  // end::requester[]

  /** Plays the demo and exits: 0 if all of it worked, 1 if not. */
  public static void main(String[] args) {
    System.exit(run(System.out));
  }

  /** Plays the demo and returns its exit code. */
  static int run(PrintStream out) {
    RequesterDemo demo = new RequesterDemo(out);
    try {
      demo.play();
      out.printf("%nAll of it worked.%n");
      return WORKED;
    } catch (Exception failure) { // of any kind: await throws what the future fails with
      out.printf("%nNot all of it worked: %s%n", failure.getMessage());
      return FAILED;
    } finally {
      demo.vertx.close().await();
    }
  }

  private void play() throws TimeoutException {
    ClusterServer server = await(ClusterServer.start(vertx, 0));
    RpcClient client = connect(vertx, server.address(), counters);
    try {
      ClusterRequester cluster = ClusterRequesterStub.create(client);
      runAndRead(cluster);
      follow(client, cluster);
      killAndRemove(cluster);
      misbehave(server, cluster);
      lose(server, cluster);
    } finally {
      await(client.close());
      await(server.close());
    }
    check(counters.openCalls() + counters.openStreams() == 0, "nothing open", counters);
    check(counters.openConnections() == 0, "no open connections", counters);
    out.printf("   %,d calls on %d connections%n", counters.calls(), counters.connections());
  }

  private static Run shell(String name, String script) {
    return new Run(name, "/bin/sh", List.of("-c", script));
  }

  private void runAndRead(ClusterRequester cluster) throws TimeoutException {
    out.println("1. The cluster runs a program and keeps what it writes");
    Started started = await(cluster.run(shell("greeter", "echo Hello; echo cluster; exit 3")));
    Status status = finished(cluster, started);
    Journal journal = await(cluster.journal(new JournalQuery(started.instanceId(), 0)));
    check(journal.journal().equals("Hello\ncluster\n"), "two lines", journal);
    Journal last = await(cluster.journal(new JournalQuery(started.instanceId(), 1)));
    check(last.journal().equals("cluster\n"), "the last line", last);
    out.printf("   instance %s: %s%n", started.instanceId(), status.statusDetail());
  }

  private Status finished(ClusterRequester cluster, Started started) throws TimeoutException {
    Status status = await(cluster.status(started.ref()));
    while (!status.hasFinished()) {
      Promise<Void> later = Promise.promise();
      vertx.setTimer(10, fired -> later.complete());
      await(later.future());
      status = await(cluster.status(started.ref()));
    }
    return status;
  }

  private void follow(RpcClient client, ClusterRequester cluster) throws TimeoutException {
    out.println("2. Two listeners share the stream of a program that counts");
    Run counter = shell("counter", "while true; do echo tick; sleep 0.02; done");
    RpcStream<InstanceRef, Output> first = await(runAndFollow(client, counter));
    InstanceRef running = new InstanceRef(last(cluster));
    RpcStream<InstanceRef, Output> second = await(cluster.follow(running));
    Future<String> one = ticks(first);
    Future<String> two = ticks(second);
    check(await(one).startsWith("tick"), "ticks", one);
    check(await(two).startsWith("tick"), "ticks", two);
    first.cancel("enough");
    second.cancel("enough");
    await(cluster.kill(running));
    finished(cluster, new Started(running.instanceId()));
    out.println("   both heard it tick; the last to leave has stopped the stream");
  }

  private static String last(ClusterRequester cluster) throws TimeoutException {
    var all = await(cluster.list());
    return all.get(all.size() - 1).instanceId();
  }

  /** Completes with the first three ticks. */
  private static Future<String> ticks(RpcStream<InstanceRef, Output> stream) {
    Promise<String> heard = Promise.promise();
    StringBuilder text = new StringBuilder();
    stream.exceptionHandler(heard::tryFail);
    stream.handler(
        output -> {
          text.append(output.msg());
          if (text.length() >= 3 * "tick\n".length()) {
            heard.tryComplete(text.toString());
          }
        });
    stream.resume();
    return heard.future();
  }

  private void killAndRemove(ClusterRequester cluster) throws TimeoutException {
    out.println("3. Programs are killed and removed; what cannot be done is said");
    Started sleeper = await(cluster.run(shell("sleeper", "sleep 1000")));
    expectFailure(cluster.rm(sleeper.ref()));
    await(cluster.kill(sleeper.ref()));
    Status status = finished(cluster, sleeper);
    check(status.statusDetail().startsWith("killed"), "a killed program", status);
    await(cluster.rm(sleeper.ref()));
    expectFailure(cluster.status(sleeper.ref()));
    expectFailure(cluster.run(new Run("nothing", "/no/such/program", List.of("--token", "t"))));
  }

  private void misbehave(ClusterServer server, ClusterRequester cluster) throws TimeoutException {
    out.println("4. The cluster misbehaves in every way it can; the next call works");
    for (Fault fault : Fault.values()) {
      server.misbehave(fault);
      String what;
      try {
        await(cluster.list(new ListQuery(), CallOption.timeout(SOON), CallOption.retries(0)));
        what = "the call works as well";
      } catch (RpcException failure) {
        what = failure.code() + ", " + failure.processed();
      }
      server.misbehave(Fault.NONE);
      int instances = await(cluster.list()).size();
      check(instances == 2, "2 instances", instances);
      out.printf("   %-26s %s%n", fault, what);
    }
    check(counters.ignoredMessages() > 0, "messages passed over", counters);
  }

  private void lose(ClusterServer server, ClusterRequester cluster) throws TimeoutException {
    out.println("5. The connection is lost while a program is being started");
    server.misbehave(Fault.NEVER_ANSWER);
    Future<Started> lost = cluster.run(shell("lost", "exit 0"), CallOption.retries(3));
    expectFailure(cluster.list(new ListQuery(), CallOption.timeout(SOON)));
    await(server.cutAll());
    expectFailure(lost);
    server.misbehave(Fault.NONE);
    int instances = await(cluster.list()).size();
    check(instances == 3, "started once, and never again", instances);
  }

  private void expectFailure(Future<?> call) throws TimeoutException {
    try {
      await(call);
    } catch (RpcException failure) {
      String detail = failure.detail().replaceAll("127\\.0\\.0\\.1:[0-9]+", "127.0.0.1");
      out.printf("   %d, %s: %s%n", failure.code(), failure.processed(), detail);
      return;
    }
    throw new IllegalStateException("expected a failure");
  }

  private static void check(boolean holds, String expected, Object seen) {
    if (!holds) {
      throw new IllegalStateException("expected " + expected + "; seen: " + seen);
    }
  }

  private static <T> T await(Future<T> future) throws TimeoutException {
    return future.await(PATIENCE_SECONDS, TimeUnit.SECONDS);
  }
}
