// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.broker.http;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.vertxmicro.broker.Event;
import dev.vertxmicro.broker.GoMicroPayload;
import dev.vertxmicro.broker.PublishOption;
import dev.vertxmicro.broker.SubscribeOption;
import dev.vertxmicro.broker.Subscription;
import dev.vertxmicro.codec.Message;
import dev.vertxmicro.errors.Processed;
import dev.vertxmicro.errors.RpcError;
import dev.vertxmicro.errors.RpcException;
import dev.vertxmicro.peers.FreePorts;
import dev.vertxmicro.registry.MemoryRegistry;
import dev.vertxmicro.registry.Node;
import dev.vertxmicro.registry.RegisterOptions;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.VerticleBase;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Peers that misbehave, on both sides. */
class HttpFaultsIT {

  /** For what never comes; what does come must come sooner on a busy machine, too. */
  private static final Duration SHORT = Duration.ofSeconds(2);

  private final Vertx vertx = Vertx.vertx();
  private final List<AutoCloseable> open = new ArrayList<>();
  private MemoryRegistry registry;

  @BeforeEach
  void start() {
    registry = MemoryRegistry.create(vertx);
  }

  @AfterEach
  void stop() throws Exception {
    for (int i = open.size() - 1; i >= 0; i--) {
      open.get(i).close();
    }
    vertx.close().await();
  }

  private <T extends AutoCloseable> T closing(T resource) {
    open.add(resource);
    return resource;
  }

  private HttpBroker broker(HttpBrokerOptions options) {
    HttpBroker broker = HttpBroker.builder(vertx, registry).withOptions(options).build();
    closing(() -> broker.close().await());
    broker.connect().await();
    return broker;
  }

  private HttpBroker broker() {
    return broker(new HttpBrokerOptions());
  }

  private static HttpBrokerOptions impatient() {
    return new HttpBrokerOptions().setRequestTimeout(SHORT).setReachTimeout(Duration.ZERO);
  }

  private RawPeer listed(RawPeer peer, String id) {
    listed(peer.address(), id);
    return closing(peer);
  }

  private void listed(String address, String id) {
    registry
        .register(GoMicroNode.service("news", null, id, address, false), RegisterOptions.FOR_EVER)
        .await();
  }

  private static Message event(String body) {
    return Message.event("news").id("7").body(Buffer.buffer(body)).build();
  }

  private static RpcException failureOf(Future<?> future) {
    return assertThrows(RpcException.class, future::await);
  }

  private static <T> T next(BlockingQueue<T> queue) throws InterruptedException {
    T next = queue.poll(20, TimeUnit.SECONDS);
    assertNotNull(next, "nothing came in time");
    return next;
  }

  /** A subscriber that keeps what it gets. */
  private final class Inbox {
    private final BlockingQueue<Event> events = new LinkedBlockingQueue<>();
    private final BlockingQueue<Event> losses = new LinkedBlockingQueue<>();
    private final Subscription subscription;

    Inbox(HttpBroker broker, SubscribeOption... options) {
      List<SubscribeOption> all = new ArrayList<>(List.of(options));
      all.add(SubscribeOption.onLoss(losses::add));
      subscription =
          broker
              .subscribe(
                  "news",
                  event -> {
                    events.add(event);
                    return Future.succeededFuture();
                  },
                  all.toArray(SubscribeOption[]::new))
              .await();
    }

    String next() throws InterruptedException {
      return HttpFaultsIT.next(events).message().body().toString();
    }
  }

  // ---- Subscriptions that misbehave

  @Test
  void aPeerThatNeverAnswersFailsThePublishAndNotTheOthers() throws Exception {
    listed(new RawPeer((request, to) -> {}), "mute");
    HttpBroker broker = broker(impatient());
    Inbox inbox = new Inbox(broker);

    RpcException failure = failureOf(broker.publish("news", event("1")));

    assertEquals(408, failure.code());
    assertEquals(Processed.UNKNOWN, failure.processed());
    assertTrue(failure.detail().contains("mute at 127.0.0.1:"), failure::detail);
    assertTrue(failure.detail().contains("1 of 2"), failure::detail);
    assertEquals("1", inbox.next());
  }

  @Test
  void aPeerThatNeverAnswersHoldsUpWhatIsBehindOnlyForAWhile() throws Exception {
    RawPeer peer =
        listed(
            new RawPeer(
                (request, to) -> {
                  if (!request.text().contains("Zmlyc3Q=")) { // "first"
                    RawPeer.write(to, RawPeer.OK);
                  }
                }),
            "mute");
    HttpBroker broker = broker(impatient());

    Future<Void> first = broker.publish("news", event("first"));
    Future<Void> second = broker.publish("news", event("second"));

    assertEquals(408, failureOf(first).code());
    second.await();
    peer.next();
    assertTrue(peer.next().text().contains("c2Vjb25k"));
  }

  @Test
  void aPeerThatResetsMayHaveTheEvent() throws Exception {
    listed(new RawPeer((request, to) -> RawPeer.reset(to)), "rude");

    RpcException failure = failureOf(broker(impatient()).publish("news", event("1")));

    assertEquals(503, failure.code());
    assertEquals(Processed.UNKNOWN, failure.processed());
  }

  @ParameterizedTest
  @CsvSource({"500,500,UNKNOWN", "400,400,YES", "413,400,YES", "302,400,YES", "503,503,REFUSED"})
  void whatAPeerAnswersIsInTheFailure(int status, int code, Processed processed) {
    String text = RpcError.of("go.micro.broker", status, "not today").toJson();
    listed(
        new RawPeer(
            (request, to) ->
                RawPeer.write(
                    to,
                    "HTTP/1.1 %d x\r\nContent-Length: %d\r\n\r\n%s"
                        .formatted(status, text.length(), text))),
        "a");
    HttpBroker broker = broker(impatient().setBufferSize(0));

    RpcException failure = failureOf(broker.publish("news", event("1")));

    assertEquals(code, failure.code());
    assertEquals(processed, failure.processed());
    assertTrue(failure.detail().contains(status + ": not today"), failure::detail);
  }

  @ParameterizedTest
  @ValueSource(ints = {404, 410})
  void whoSaysThatItIsGoneIsNotWaitedFor(int status) {
    listed(RawPeer.answering(status), "gone");

    broker(impatient()).publish("news", event("1")).await();
  }

  @Test
  void garbageInsteadOfAnAnswerEndsWithTheTimeout() {
    listed(new RawPeer((request, to) -> RawPeer.write(to, "220 smtp ready\r\n\r\n")), "smtp");

    RpcException failure = failureOf(broker(impatient()).publish("news", event("1")));

    assertEquals(Processed.UNKNOWN, failure.processed());
  }

  @Test
  void anAnswerWithoutAnEndCountsByItsStatus() {
    listed(
        new RawPeer(
            (request, to) -> {
              RawPeer.write(to, "HTTP/1.1 200 OK\r\nContent-Length: 100000000\r\n\r\n");
              String chunk = "x".repeat(10_000);
              for (int i = 0; i < 1_000; i++) {
                RawPeer.write(to, chunk);
              }
            }),
        "verbose");

    broker(impatient()).publish("news", event("1")).await();
  }

  @Test
  void anAnswerThatStopsCountsByItsStatus() {
    listed(
        new RawPeer(
            (request, to) ->
                RawPeer.write(to, "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf")),
        "slow");

    broker(impatient()).publish("news", event("1")).await();
  }

  @Test
  void whereNobodyListensNothingHasLeft() {
    listed("127.0.0.1:" + FreePorts.one(), "dead");

    RpcException failure = failureOf(broker(impatient()).publish("news", event("1")));

    assertEquals(503, failure.code());
    assertEquals(Processed.NOT_SENT, failure.processed());
  }

  @Test
  void keepsConnections() throws Exception {
    BlockingQueue<Socket> connections = new LinkedBlockingQueue<>();
    listed(
        new RawPeer(
            (request, to) -> {
              connections.add(to);
              RawPeer.write(to, RawPeer.OK);
            }),
        "a");
    HttpBroker broker = broker();

    for (int i = 0; i < 10; i++) {
      broker.publish("news", event("" + i)).await();
    }

    assertEquals(1, connections.stream().distinct().count());
  }

  @Test
  void refusesMorePublishesThanMayBeUnfinished() {
    listed(new RawPeer((request, to) -> {}), "mute");
    HttpBroker broker = broker(impatient().setMaxInFlight(2));
    Future<Void> first = broker.publish("news", event("1"));
    Future<Void> second = broker.publish("news", event("2"));

    RpcException third = failureOf(broker.publish("news", event("3")));

    assertEquals(503, third.code());
    assertEquals(Processed.NOT_SENT, third.processed());
    failureOf(first);
    failureOf(second);
  }

  // ---- Publishers that misbehave

  private Target target() {
    Node node = registry.get(GoMicroNode.SERVICE).await().get(0).nodes().get(0);
    return Target.of(node);
  }

  /** Sends a request of which nothing is checked; returns the status and the rest of the answer. */
  private static String raw(Target target, String request) throws IOException {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), target.port())) {
      socket.setSoTimeout(20_000);
      socket.getOutputStream().write(request.getBytes(ISO_8859_1));
      return head(socket.getInputStream());
    }
  }

  /** Reads one answer: its head and, as far as it says how long it is, its body. */
  private static String head(InputStream in) throws IOException {
    StringBuilder head = new StringBuilder();
    while (head.indexOf("\r\n\r\n") < 0) {
      int b = in.read();
      if (b < 0) {
        return head.toString();
      }
      head.append((char) b);
    }
    String lower = head.toString().toLowerCase(Locale.ROOT);
    int at = lower.indexOf("content-length:");
    int length =
        at < 0 ? 0 : Integer.parseInt(lower.substring(at + 15, lower.indexOf('\r', at)).strip());
    return head + new String(in.readNBytes(length), UTF_8);
  }

  private static String post(String uri, String body) {
    int length = body.getBytes(UTF_8).length;
    return "POST %s HTTP/1.1\r\nHost: a\r\nContent-Length: %d\r\n\r\n%s"
        .formatted(uri, length, body);
  }

  private static String payload(Message event) {
    return new String(GoMicroPayload.encode(event), UTF_8);
  }

  @Test
  void saysWhatIsWrongWithARequestAndGoesOn() throws Exception {
    HttpBroker broker = broker(new HttpBrokerOptions().setMaxBodyBytes(2_000));
    Inbox inbox = new Inbox(broker);
    Target target = target();
    String uri = GoMicroNode.uri(target.id());
    String fine = payload(event("fine"));

    assertAnswer(
        "405", "Method not allowed", target, "GET " + uri + " HTTP/1.1\r\nHost: a\r\n\r\n");
    assertAnswer("404", "no such path", target, post("/events" + uri, fine));
    assertAnswer("400", "no id", target, post("/", fine));
    assertAnswer("404", "no such subscription", target, post("/?id=another", fine));
    assertAnswer("400", "unreadable", target, post(uri, "garbage"));
    assertAnswer("400", "unreadable", target, post(uri, ""));
    assertAnswer("400", "Topic not found", target, post(uri, "{\"Header\":{},\"Body\":null}"));
    assertAnswer(
        "400", "Micro-Topic: old", target, post(uri, payload(Message.event("old").build())));
    assertAnswer("413", "2000 bytes", target, post(uri, "x".repeat(3_000)));
    assertAnswer(
        "413",
        "2000 bytes",
        target,
        "POST "
            + uri
            + " HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nbb8\r\n"
            + "x".repeat(3_000)
            + "\r\n0\r\n\r\n");
    raw(target, "not even HTTP\r\n\r\n");
    raw(target, post("/?id=" + "x".repeat(100_000), fine));
    assertTrue(raw(target, post(uri, fine)).startsWith("HTTP/1.1 200 "));

    assertEquals("fine", inbox.next());
    assertEquals(6, inbox.subscription.lost());
    for (int i = 0; i < 6; i++) {
      assertEquals(400, next(inbox.losses).error().code());
    }
    broker.publish("news", event("still there")).await();
    assertEquals("still there", inbox.next());
  }

  private static void assertAnswer(String status, String detail, Target target, String request)
      throws IOException {
    String answer = raw(target, request);
    assertTrue(answer.startsWith("HTTP/1.1 " + status + " "), answer);
    assertTrue(answer.contains("\"id\":\"go.micro.broker\""), answer);
    assertTrue(answer.contains(detail), answer);
  }

  @Test
  void anEventThatIsMuchTooLargeIsRefusedInTheSightOfThePublisher() throws Exception {
    HttpBroker broker = broker(new HttpBrokerOptions().setMaxBodyBytes(100_000));
    Inbox inbox = new Inbox(broker);

    RpcException failure = failureOf(broker.publish("news", event("x".repeat(100_000))));

    assertEquals(400, failure.code());
    assertTrue(failure.detail().contains("answered 413"), failure::detail);
    assertEquals(400, next(inbox.losses).error().code());
    broker.publish("news", event("small")).await();
    assertEquals("small", inbox.next());
  }

  @Test
  void doesNotWaitForeverForTheRestOfARequest() throws Exception {
    HttpBroker broker = broker(impatient());
    Inbox inbox = new Inbox(broker);
    Target target = target();

    String answer =
        raw(
            target,
            "POST "
                + GoMicroNode.uri(target.id())
                + " HTTP/1.1\r\nHost: a\r\n"
                + "Content-Length: 1000\r\n\r\n{\"Header\"");

    assertTrue(answer.startsWith("HTTP/1.1 408 "), answer);
    assertEquals(400, next(inbox.losses).error().code());
  }

  @Test
  void publishersThatHangUpInTheMiddleLeaveNothing() throws Exception {
    HttpBroker broker = broker();
    Inbox inbox = new Inbox(broker);
    Target target = target();
    for (int i = 0; i < 100; i++) {
      try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), target.port())) {
        socket
            .getOutputStream()
            .write(
                ("POST "
                        + GoMicroNode.uri(target.id())
                        + " HTTP/1.1\r\nHost: a\r\nContent-Length: 1000\r\n\r\nhalf")
                    .getBytes(ISO_8859_1));
        RawPeer.reset(socket);
      }
    }

    broker.publish("news", event("whole")).await();

    assertEquals("whole", inbox.next());
    assertEquals(0, inbox.subscription.lost());
  }

  @Test
  void closesConnectionsBeyondTheMost() throws Exception {
    HttpBroker broker = broker(new HttpBrokerOptions().setMaxConnections(1));
    Inbox inbox = new Inbox(broker);
    Target target = target();
    String request = post(GoMicroNode.uri(target.id()), payload(event("1")));
    try (Socket first = new Socket(InetAddress.getLoopbackAddress(), target.port())) {
      first.getOutputStream().write(request.getBytes(ISO_8859_1));
      assertTrue(head(first.getInputStream()).startsWith("HTTP/1.1 200 "));

      assertEquals(-1, answerOrEnd(target, request));
    }
    while (answerOrEnd(target, request) < 0) {
      Thread.onSpinWait(); // Until the end of the first has been seen.
    }
  }

  /** Returns a byte of the answer, or -1 if there is none. */
  private static int answerOrEnd(Target target, String request) throws IOException {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), target.port())) {
      socket.setSoTimeout(20_000);
      socket.getOutputStream().write(request.getBytes(ISO_8859_1));
      return socket.getInputStream().read();
    } catch (SocketException reset) {
      return -1;
    }
  }

  // ---- Subscribers that misbehave, and closes

  @Test
  void aPublishWaitsForASubscriptionThatIsFull() throws Exception {
    HttpBroker broker = broker();
    BlockingQueue<Promise<Void>> running = new LinkedBlockingQueue<>();
    broker
        .subscribe(
            "news",
            event -> {
              Promise<Void> promise = Promise.promise();
              running.add(promise);
              return promise.future();
            },
            SubscribeOption.prefetch(1))
        .await();
    broker.publish("news", event("1")).await();
    Promise<Void> first = next(running);

    Future<Void> second = broker.publish("news", event("2"));
    RpcException third =
        failureOf(broker.publish("news", event("3"), PublishOption.timeout(SHORT)));

    assertEquals(Processed.NOT_SENT, third.processed()); // Behind the second.
    assertTrue(!second.isComplete());
    first.complete();
    second.await();
    next(running).complete();
  }

  @Test
  void aGoMicroPublisherIsToldThatASubscriptionIsFull() throws Exception {
    HttpBroker broker = broker();
    Promise<Void> never = Promise.promise();
    broker.subscribe("news", event -> never.future(), SubscribeOption.prefetch(1)).await();
    Target target = target();
    broker.publish("news", event("1")).await();

    String answer = raw(target, post(GoMicroNode.uri(target.id()), payload(event("2"))));

    assertTrue(answer.startsWith("HTTP/1.1 503 "), answer);
    never.complete();
  }

  @Test
  void anotherMemberTakesOverWhatAClosedOneHeld() throws Exception {
    HttpBroker closing = broker();
    Promise<Void> stuck = Promise.promise();
    BlockingQueue<Event> started = new LinkedBlockingQueue<>();
    closing
        .subscribe(
            "news",
            event -> {
              started.add(event);
              return stuck.future();
            },
            SubscribeOption.queue("red"))
        .await();
    HttpBroker publisher = broker();
    for (int i = 0; i < 3; i++) {
      publisher.publish("news", event("" + i)).await();
    }
    next(started);
    Inbox heir = new Inbox(broker(), SubscribeOption.queue("red"));

    Future<Void> closed = closing.close();
    stuck.complete();
    closed.await();

    assertEquals(List.of("1", "2"), List.of(heir.next(), heir.next()).stream().sorted().toList());
  }

  @Test
  void everyPublishEndsWhenTheBrokerIsClosedMeanwhile() throws Exception {
    HttpBroker publisher = broker(new HttpBrokerOptions().setCloseTimeout(Duration.ofMillis(100)));
    listed(new RawPeer((request, to) -> {}), "mute");
    Inbox inbox = new Inbox(broker());
    List<Future<Void>> published = new ArrayList<>();
    for (int i = 0; i < 200; i++) {
      published.add(publisher.publish("news", event("" + i)));
    }
    assertEquals("0", inbox.next());

    publisher.close().await();

    List<String> certainlyNot = new ArrayList<>();
    for (int i = 0; i < 200; i++) {
      RpcException failure = failureOf(published.get(i));
      assertEquals(503, failure.code());
      if (failure.processed() == Processed.NOT_SENT) {
        certainlyNot.add("" + i);
      }
    }
    inbox.subscription.close().await();
    for (Event had : inbox.events) {
      assertFalse(certainlyNot.contains(had.message().body().toString()));
    }
  }

  @Test
  void outlivesTheVerticleThatMadeIt() throws Exception {
    Promise<HttpBroker> made = Promise.promise();
    String verticle =
        vertx
            .deployVerticle(
                new VerticleBase() {
                  @Override
                  public Future<?> start() {
                    HttpBroker broker = HttpBroker.create(vertx, registry);
                    made.complete(broker);
                    return broker.connect();
                  }
                })
            .await();
    HttpBroker broker = made.future().await();
    closing(() -> broker.close().await());
    Inbox inbox = new Inbox(broker);

    vertx.undeploy(verticle).await();
    broker().publish("news", event("1")).await();

    assertEquals("1", inbox.next());
  }

  @Test
  void saysThatItCannotListen() throws Exception {
    ServerSocket taken = closing(new ServerSocket(0, 1, InetAddress.getLoopbackAddress()));
    int port = taken.getLocalPort();
    HttpBroker broker = broker(new HttpBrokerOptions().setPort(port));

    RpcException failure = failureOf(broker.subscribe("news", event -> Future.succeededFuture()));

    assertEquals(503, failure.code());
    assertTrue(failure.detail().contains("127.0.0.1:" + port), failure::detail);
    taken.close();
    new Inbox(broker); // Tries again.
  }

  /** Vert.x would have both listen, and give each every other connection. */
  @Test
  void twoBrokersDoNotShareAPort() {
    HttpBroker first = broker();
    new Inbox(first);
    HttpBroker second = broker(new HttpBrokerOptions().setPort(target().port()));

    assertEquals(503, failureOf(second.subscribe("news", e -> Future.succeededFuture())).code());
    first.close().await();

    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
    // The JDK gives the port back when its selector comes round.
    Future<Subscription> subscribed = second.subscribe("news", e -> Future.succeededFuture());
    while (!subscribed.map(true).otherwise(false).await()) {
      assertTrue(System.nanoTime() < end);
      subscribed = second.subscribe("news", e -> Future.succeededFuture());
    }
  }
}
