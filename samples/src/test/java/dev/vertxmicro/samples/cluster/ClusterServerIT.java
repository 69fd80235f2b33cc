// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.samples.cluster;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.vertxmicro.errors.Processed;
import dev.vertxmicro.errors.RpcException;
import dev.vertxmicro.runtime.CallOption;
import dev.vertxmicro.runtime.RpcClient;
import dev.vertxmicro.runtime.RpcCounters;
import dev.vertxmicro.runtime.RpcStream;
import dev.vertxmicro.runtime.websocket.cluster.ClusterRequester;
import dev.vertxmicro.runtime.websocket.cluster.ClusterRequesterStub;
import dev.vertxmicro.runtime.websocket.cluster.Instance;
import dev.vertxmicro.runtime.websocket.cluster.InstanceRef;
import dev.vertxmicro.runtime.websocket.cluster.JournalQuery;
import dev.vertxmicro.runtime.websocket.cluster.ListQuery;
import dev.vertxmicro.runtime.websocket.cluster.Output;
import dev.vertxmicro.runtime.websocket.cluster.Run;
import dev.vertxmicro.runtime.websocket.cluster.Started;
import dev.vertxmicro.runtime.websocket.cluster.Status;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.http.WebSocketClient;
import io.vertx.core.http.WebSocketConnectOptions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The cluster with real programs, and everything that it can do wrong. */
class ClusterServerIT {

  private final RpcCounters counters = new RpcCounters();
  private Vertx vertx;
  private ClusterServer server;
  private RpcClient client;
  private ClusterRequester cluster;

  @BeforeEach
  void start() throws TimeoutException {
    vertx = Vertx.vertx();
    server = await(ClusterServer.start(vertx, 0));
    client = RequesterDemo.connect(vertx, server.address(), counters);
    cluster = ClusterRequesterStub.create(client);
  }

  @AfterEach
  void stop() throws TimeoutException {
    server.misbehave(Fault.NONE);
    await(client.close());
    await(server.close());
    await(vertx.close());
    assertEquals(0, counters.openCalls() + counters.openStreams() + counters.openConnections());
    assertEquals(0, counters.queued() + counters.openLeases() + counters.openTimers());
  }

  private static <T> T await(Future<T> future) throws TimeoutException {
    return future.await(20, TimeUnit.SECONDS);
  }

  private static Run shell(String script, String... args) {
    List<String> all = new ArrayList<>(List.of("-c", script, "sh"));
    all.addAll(List.of(args));
    return new Run("test", "/bin/sh", all);
  }

  private Status finished(Started started) throws TimeoutException {
    Status status = await(cluster.status(started.ref()));
    while (!status.hasFinished()) {
      Promise<Void> later = Promise.promise();
      vertx.setTimer(5, fired -> later.complete());
      await(later.future());
      status = await(cluster.status(started.ref()));
    }
    return status;
  }

  @Test
  void runsAProgramWithItsArgumentsAndKeepsItsOutput() throws TimeoutException {
    Started started =
        await(cluster.run(shell("echo \"$1\"; echo two >&2; echo three; exit 4", "it's one")));

    assertEquals("exit code 4", finished(started).statusDetail());
    assertEquals(
        "it's one\ntwo\nthree\n",
        await(cluster.journal(new JournalQuery(started.instanceId(), 0))).journal());
    assertEquals(
        "two\nthree\n",
        await(cluster.journal(new JournalQuery(started.instanceId(), 2))).journal());
    Instance listed = await(cluster.list()).get(0);
    assertEquals("/bin/sh", listed.cmd());
    assertEquals("it's one", listed.args().get(3));
    assertEquals(Status.FINISHED, listed.status());
    await(cluster.rm(started.ref()));
    assertTrue(await(cluster.list()).isEmpty());
  }

  @Test
  void keepsNoMoreOfTheOutputThanItMay() throws TimeoutException {
    Started started =
        await(
            cluster.run(
                shell("i=0; while [ $i -lt 300 ]; do printf '%08192d' $i; i=$((i+1)); done")));
    finished(started);

    String journal = await(cluster.journal(new JournalQuery(started.instanceId(), 0))).journal();
    assertTrue(journal.length() <= 1 << 20, "length " + journal.length());
    assertTrue(journal.endsWith("00299"));
  }

  @Test
  void endsWhatItHasStartedWithAllItsChildren() throws TimeoutException {
    await(cluster.run(shell("sleep 1000 & sleep 1000")));
    Instance running = await(cluster.list()).get(0);
    long pid = Long.parseLong(running.statusDetail().replace("pid ", ""));
    ProcessHandle shell = ProcessHandle.of(pid).orElseThrow();
    while (shell.descendants().count() < 2) {
      await(cluster.list());
    }
    List<ProcessHandle> all = shell.descendants().toList();

    await(client.close());
    await(server.close());

    assertFalse(shell.isAlive());
    for (ProcessHandle child : all) {
      child.onExit().orTimeout(10, TimeUnit.SECONDS).join();
    }
  }

  @Test
  void followsAProgramAndLosesNothingOfIt() throws TimeoutException {
    Started started = await(cluster.run(shell("sleep 0.3; seq 1 200")));
    RpcStream<InstanceRef, Output> stream = await(cluster.follow(started.ref()));
    StringBuilder text = new StringBuilder();
    Promise<Void> all = Promise.promise();
    stream.handler(
        output -> {
          text.append(output.msg());
          if (text.toString().endsWith("\n200\n")) {
            all.tryComplete();
          }
        });
    stream.resume();

    await(all.future());
    assertEquals(200, text.toString().lines().count());
    stream.cancel("enough");
  }

  @Test
  void refusesPagesOfOtherOrigins() throws TimeoutException {
    WebSocketClient browser = vertx.createWebSocketClient();
    WebSocketConnectOptions page =
        new WebSocketConnectOptions()
            .setHost("127.0.0.1")
            .setPort(Integer.parseInt(server.address().replaceAll("\\D+$|.*:", "")))
            .setURI("/");
    await(await(browser.connect(page)).close());
    page.addHeader("Origin", "http://elsewhere.invalid");

    assertThrows(Exception.class, () -> await(browser.connect(page)));
    await(browser.close());
  }

  @ParameterizedTest
  @EnumSource(Fault.class)
  void theNextListWorksAndNoCallOutlivesItsDeadline(Fault fault) throws TimeoutException {
    Started started = await(cluster.run(shell("sleep 1000")));
    CallOption soon = CallOption.timeout(Duration.ofMillis(300));
    server.misbehave(fault);

    List<Future<?>> calls =
        List.of(
            cluster.list(new ListQuery(), soon),
            cluster.status(started.ref(), soon),
            cluster.run(shell("exit 0"), soon),
            cluster.follow(started.ref(), soon));
    for (Future<?> call : calls) {
      try {
        Object result = await(call);
        if (result instanceof RpcStream<?, ?> stream) {
          stream.cancel("enough");
        }
      } catch (RpcException failure) {
        assertTrue(
            failure.processed() != Processed.NOT_SENT || failure.code() == 503,
            () -> fault + ": " + failure.getMessage());
      }
    }
    server.misbehave(Fault.NONE);

    assertFalse(await(cluster.list()).isEmpty());
    assertEquals(0, counters.openCalls());
  }
}
