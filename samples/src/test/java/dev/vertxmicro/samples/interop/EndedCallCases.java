// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.samples.interop;

import static dev.vertxmicro.samples.interop.Wired.SERVICE;
import static dev.vertxmicro.samples.interop.Wired.await;
import static dev.vertxmicro.samples.interop.Wired.until;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.vertxmicro.errors.RpcException;
import dev.vertxmicro.greeter.FailReply;
import dev.vertxmicro.greeter.FailRequest;
import dev.vertxmicro.greeter.HelloReply;
import dev.vertxmicro.greeter.HelloRequest;
import dev.vertxmicro.greeter.SlowReply;
import dev.vertxmicro.greeter.SlowRequest;
import dev.vertxmicro.peers.GoPeer;
import dev.vertxmicro.runtime.CallOption;
import dev.vertxmicro.runtime.Request;
import dev.vertxmicro.runtime.RpcCall;
import dev.vertxmicro.runtime.RpcClient;
import dev.vertxmicro.runtime.RpcClientOptions;
import dev.vertxmicro.runtime.grpc.FlakyProxy;
import dev.vertxmicro.runtime.grpc.FlakyProxy.Direction;
import dev.vertxmicro.runtime.grpc.FrameType;
import dev.vertxmicro.runtime.retry.Backoff;
import dev.vertxmicro.runtime.retry.RetryPolicy;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonObject;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

/**
 * What leaves a client after a call has ended: nothing of ours, be it a timeout, a cancel, a hedge
 * that lost or a close. go-micro's own client sends on.
 *
 * <p>That nothing comes is shown by waiting for longer than the next attempt would: a call that
 * goes around the proxy and takes that long at the server.
 */
abstract class EndedCallCases {

  /** Far from the end of a call on either side: what left before it has been recorded by then. */
  private static final Duration BACKOFF = Duration.ofSeconds(1);

  private static final Duration WITHIN_BACKOFF = Duration.ofMillis(500);
  private static final long LONGER_THAN_BACKOFF = 1_500;

  /** An answer that is worth another try: go-micro's, and with that policy ours, takes 408 so. */
  private static final FailRequest TRY_AGAIN =
      FailRequest.newBuilder().setCode(408).setId("busy").setDetail("later").build();

  private static final HelloRequest HELLO = HelloRequest.getDefaultInstance();

  private static final CallOption[] RETRYING = {
    CallOption.retries(5),
    CallOption.retry(RetryPolicy.onError()),
    CallOption.idempotent(),
    CallOption.backoff(Backoff.fixed(BACKOFF))
  };

  private Vertx vertx;
  private RpcClient client;

  @BeforeEach
  void open() {
    vertx = Vertx.vertx();
    client =
        RpcClient.builder(vertx)
            .with(new RpcClientOptions().setDrainTimeout(Duration.ofMillis(100)))
            .build();
  }

  @AfterEach
  void close() {
    await(client.close());
    await(vertx.close());
  }

  private <Q, R> RpcCall<R> start(
      FlakyProxy proxy, String endpoint, Q body, Class<R> reply, CallOption... options) {
    CallOption[] all = new CallOption[options.length + 1];
    System.arraycopy(options, 0, all, 0, options.length);
    all[options.length] = CallOption.address("127.0.0.1:" + proxy.port());
    return client.start(Request.of(SERVICE, endpoint, body, reply), all);
  }

  private static CallOption[] retryingWith(CallOption... more) {
    CallOption[] all = new CallOption[RETRYING.length + more.length];
    System.arraycopy(RETRYING, 0, all, 0, RETRYING.length);
    System.arraycopy(more, 0, all, RETRYING.length, more.length);
    return all;
  }

  /** Counts the frames of requests that clients have sent. */
  private static long requestFrames(FlakyProxy proxy) {
    long sum = 0;
    for (int i = 0; i < proxy.tap().connections(); i++) {
      sum +=
          proxy.tap().frames(i, Direction.TO_SERVER).stream()
              .filter(frame -> frame.is(FrameType.HEADERS) || frame.is(FrameType.DATA))
              .count();
    }
    return sum;
  }

  /** Makes a proxy that the client is connected to. */
  private FlakyProxy proxyTo(GoPeer peer) {
    FlakyProxy proxy = FlakyProxy.to(Wired.port(peer.address()));
    await(start(proxy, "Greeter.Hello", HELLO, HelloReply.class).reply());
    peer.takeEvents();
    return proxy;
  }

  /** Lets the time of a backoff pass, at the server, and checks that nothing was sent meanwhile. */
  private void assertSilence(GoPeer peer, FlakyProxy proxy, long sent) {
    RpcClient another = RpcClient.create(vertx);
    await(
        another.call(
            Request.of(
                SERVICE,
                "Greeter.Slow",
                SlowRequest.newBuilder().setSleepMs(LONGER_THAN_BACKOFF).build(),
                SlowReply.class),
            CallOption.address(peer.address())));
    await(another.close());
    assertEquals(sent, requestFrames(proxy));
  }

  private static int failureOf(RpcCall<?> call) {
    return assertThrows(RpcException.class, () -> await(call.reply())).code();
  }

  @InteropCase(
      number = "38a",
      value = "J's call times out in a backoff: no HEADERS or DATA of it afterwards")
  void nothingFollowsATimeoutInABackoff(String program) throws Exception {
    try (GoPeer peer = GoPeer.start(program, SERVICE);
        FlakyProxy proxy = proxyTo(peer)) {
      long before = requestFrames(proxy);
      RpcCall<FailReply> call =
          start(
              proxy,
              "Greeter.Fail",
              TRY_AGAIN,
              FailReply.class,
              retryingWith(CallOption.timeout(WITHIN_BACKOFF)));

      assertEquals(408, failureOf(call));
      long sent = requestFrames(proxy);
      assertTrue(sent > before, () -> sent + " frames");
      assertSilence(peer, proxy, sent);
    }
  }

  @InteropCase(
      number = "38b",
      value = "J's call is cancelled in a backoff: no HEADERS or DATA of it afterwards")
  void nothingFollowsACancelInABackoff(String program) throws Exception {
    try (GoPeer peer = GoPeer.start(program, SERVICE);
        FlakyProxy proxy = proxyTo(peer)) {
      RpcCall<FailReply> call = start(proxy, "Greeter.Fail", TRY_AGAIN, FailReply.class, RETRYING);
      awaitAnswers(proxy, 2);

      call.cancel("enough");

      assertEquals(499, failureOf(call));
      assertSilence(peer, proxy, requestFrames(proxy));
    }
  }

  /** Waits until so many streams have been ended by the server. */
  private static void awaitAnswers(FlakyProxy proxy, int count) {
    until(
        () ->
            proxy.tap().connections() > 0
                && proxy.tap().frames(0, Direction.TO_CLIENT).stream()
                        .filter(frame -> frame.is(FrameType.HEADERS) && frame.endsStream())
                        .count()
                    >= count,
        count + " answers");
  }

  @InteropCase(
      number = "38c",
      value = "J's call times out, or is cancelled, while G works: RST_STREAM, then nothing")
  void nothingFollowsTheEndOfAWait(String program) throws Exception {
    try (GoPeer peer = GoPeer.start(program, SERVICE);
        FlakyProxy proxy = proxyTo(peer)) {
      SlowRequest slow = SlowRequest.newBuilder().setSleepMs(30_000).build();
      RpcCall<SlowReply> late =
          start(
              proxy,
              "Greeter.Slow",
              slow,
              SlowReply.class,
              retryingWith(CallOption.timeout(Duration.ofMillis(200)), CallOption.retries(0)));
      // Also where G's own end of the deadline is first: it answers "context canceled" then.
      assertEquals(408, failureOf(late));
      peer.nextEvent();
      RpcCall<SlowReply> cancelled = start(proxy, "Greeter.Slow", slow, SlowReply.class, RETRYING);
      while (!peer.nextEvent().getString("event").equals("call")) {
        // the end of the first
      }

      cancelled.cancel("enough");

      assertEquals(499, failureOf(cancelled));
      assertSilence(peer, proxy, requestFrames(proxy));
      assertTrue(
          proxy.tap().frames(0, Direction.TO_SERVER).stream()
              .anyMatch(frame -> frame.is(FrameType.RST_STREAM)));
    }
  }

  @InteropCase(
      number = "38d",
      value = "a hedge of J answers first: the other attempt is reset, and nothing of it follows")
  void nothingFollowsOfAHedgeThatLost(String program) throws Exception {
    try (GoPeer slow = GoPeer.start(program, SERVICE);
        GoPeer fast = GoPeer.start(program, SERVICE);
        FlakyProxy toSlow = proxyTo(slow);
        FlakyProxy toFast = proxyTo(fast)) {
      toSlow.stall(Direction.TO_CLIENT);
      long before = requestFrames(toSlow);
      // The addresses are called in turn: the first or the second call begins with the slow one.
      for (int i = 0; i < 2; i++) {
        HelloReply reply =
            await(
                client.call(
                    Request.of(SERVICE, "Greeter.Hello", HELLO, HelloReply.class),
                    CallOption.idempotent(),
                    CallOption.hedge(Duration.ofMillis(100)),
                    CallOption.address(
                        "127.0.0.1:" + toSlow.port(), "127.0.0.1:" + toFast.port())));
        assertEquals(fast.address(), reply.getServedBy());
      }
      long sent = requestFrames(toSlow);
      assertTrue(sent > before, "the slow node was never asked");
      toSlow.resume(Direction.TO_CLIENT);
      assertSilence(slow, toSlow, sent);
    }
  }

  @InteropCase(
      number = "38e",
      value = "J's client is closed while a call is in a backoff: no HEADERS or DATA afterwards")
  void nothingFollowsTheCloseOfAClient(String program) throws Exception {
    try (GoPeer peer = GoPeer.start(program, SERVICE);
        FlakyProxy proxy = proxyTo(peer)) {
      RpcCall<FailReply> call = start(proxy, "Greeter.Fail", TRY_AGAIN, FailReply.class, RETRYING);
      awaitAnswers(proxy, 2);

      await(client.close());

      assertEquals(503, failureOf(call));
      assertSilence(peer, proxy, requestFrames(proxy));
    }
  }

  // go-micro's client: attempts at 0, 0.1, 0.7 and 2.6 s, of which the last comes after the timeout

  private static final long LAST_ATTEMPT_MILLIS = 2_600;
  private static final long GO_MICRO_TIMEOUT_MILLIS = 1_600;

  private static JsonObject callOfGoMicro(String program, FlakyProxy proxy, String protocol)
      throws InterruptedException {
    JsonObject outcome =
        GoPeer.call(
            program,
            "127.0.0.1:" + proxy.port(),
            "Greeter.Fail",
            new JsonObject().put("code", 408).put("id", "busy").put("detail", "later"),
            "-name",
            SERVICE,
            "-client",
            protocol,
            "-retries",
            "5",
            "-timeout",
            GO_MICRO_TIMEOUT_MILLIS + "ms",
            "-linger",
            "3s");
    long took = outcome.getLong("tookMs");
    assertTrue(took < LAST_ATTEMPT_MILLIS, outcome::encode);
    return outcome;
  }

  @InteropCase(
      number = "39a",
      value =
          "for comparison, G's mucp client with a timeout of 1.6 s: from v4.10 on it sends a fourth"
              + " request at 2.6 s")
  void goMicrosMucpClientSendsOn(String program) throws Exception {
    try (GoPeer peer = GoPeer.start(program, SERVICE, "-server", "mucp");
        FlakyProxy proxy = FlakyProxy.to(Wired.port(peer.address()))) {
      callOfGoMicro(program, proxy, "mucp");

      int requests = 0;
      for (int i = 0; i < proxy.tap().connections(); i++) {
        String sent =
            proxy.tap().bytes(i, Direction.TO_SERVER).toString(StandardCharsets.ISO_8859_1);
        requests += sent.split("POST / HTTP/1.1\r\n", -1).length - 1;
      }
      int least = program.equals(GoPeer.V4_9) ? 3 : 4;
      assertTrue(requests >= least, "requests: " + requests);
    }
  }

  @InteropCase(
      number = "39b",
      value =
          "for comparison, G's gRPC client: 3 requests, its fourth attempt fails before it sends")
  void goMicrosGrpcClientDoesNot(String program) throws Exception {
    try (GoPeer peer = GoPeer.start(program, SERVICE);
        FlakyProxy proxy = FlakyProxy.to(Wired.port(peer.address()))) {
      callOfGoMicro(program, proxy, "grpc");

      assertEquals(6, requestFrames(proxy), "HEADERS and DATA of three requests");
    }
  }
}
