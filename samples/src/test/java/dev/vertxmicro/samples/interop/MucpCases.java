// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.samples.interop;

import static dev.vertxmicro.samples.interop.Wired.SERVICE;
import static dev.vertxmicro.samples.interop.Wired.await;
import static dev.vertxmicro.samples.interop.Wired.until;
import static dev.vertxmicro.samples.interop.Wired.within;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.vertxmicro.errors.RpcException;
import dev.vertxmicro.greeter.ChatReply;
import dev.vertxmicro.greeter.ChatRequest;
import dev.vertxmicro.greeter.CountReply;
import dev.vertxmicro.greeter.CountRequest;
import dev.vertxmicro.greeter.FailRequest;
import dev.vertxmicro.greeter.HelloReply;
import dev.vertxmicro.greeter.HelloRequest;
import dev.vertxmicro.greeter.PanicRequest;
import dev.vertxmicro.greeter.PlainErrorRequest;
import dev.vertxmicro.greeter.SlowReply;
import dev.vertxmicro.greeter.SlowRequest;
import dev.vertxmicro.peers.GoPeer;
import dev.vertxmicro.runtime.CallOption;
import dev.vertxmicro.runtime.Reply;
import dev.vertxmicro.runtime.Request;
import dev.vertxmicro.runtime.RpcClient;
import dev.vertxmicro.runtime.RpcClientOptions;
import dev.vertxmicro.runtime.RpcStream;
import dev.vertxmicro.runtime.grpc.FlakyProxy.Direction;
import dev.vertxmicro.runtime.retry.Backoff;
import dev.vertxmicro.runtime.retry.RetryPolicy;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonObject;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** This runtime calls services of go-micro on mucp, their default protocol. */
abstract class MucpCases {

  private static final HelloRequest ADA = HelloRequest.newBuilder().setName("Ada").build();

  /** After which time servers since v4.10 close a connection on which nothing has come. */
  private static final long LONGER_THAN_IDLE_MILLIS = 5_500;

  /** One HTTP/1.1 request that was sent, its header names without case. */
  private record Post(String line, Map<String, String> headers, byte[] body) {
    String header(String name) {
      String value = headers.get(name);
      assertTrue(value != null, () -> name + " is not in " + headers);
      return value;
    }
  }

  /** Reads the requests that were sent on a connection; each says how long it is. */
  private static List<Post> posts(Wired wired, int connection) {
    Buffer sent = wired.tap().bytes(connection, Direction.TO_SERVER);
    String text = sent.toString(StandardCharsets.ISO_8859_1);
    List<Post> posts = new ArrayList<>();
    for (int at = 0; text.indexOf("\r\n\r\n", at) >= 0; ) {
      int end = text.indexOf("\r\n\r\n", at);
      String[] lines = text.substring(at, end).split("\r\n");
      Map<String, String> headers = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
      for (int i = 1; i < lines.length; i++) {
        int colon = lines[i].indexOf(':');
        headers.put(lines[i].substring(0, colon), lines[i].substring(colon + 1).strip());
      }
      int length = Integer.parseInt(headers.getOrDefault("Content-Length", "0"));
      at = end + 4 + length;
      posts.add(new Post(lines[0], headers, sent.getBytes(end + 4, at)));
    }
    return posts;
  }

  @InteropCase(
      number = "17",
      value =
          "J calls, JSON: `POST / HTTP/1.1` with `Micro-Service`, `-Method`, `-Endpoint`, `-Id`,"
              + " `Timeout` in ns, `Content-Type`, `Accept`; G's reply in many writes is read")
  void callsWithJson(String program) throws Exception {
    try (Wired wired = Wired.toMucp(program)) {
      HelloReply reply =
          wired
              .call(
                  "Greeter.Hello",
                  ADA,
                  HelloReply.class,
                  CallOption.contentType("application/json"),
                  CallOption.metadata("Foo-Bar", "baz"),
                  within(Duration.ofSeconds(20)))
              .body();

      assertEquals("Hello Ada", reply.getGreeting());
      assertEquals(wired.peer().address(), reply.getServedBy());
      Post post = posts(wired, 0).get(0);
      assertEquals("POST / HTTP/1.1", post.line());
      assertEquals(SERVICE, post.header("Micro-Service"));
      assertEquals("Greeter.Hello", post.header("Micro-Method"));
      assertEquals("Greeter.Hello", post.header("Micro-Endpoint"));
      assertTrue(post.header("Micro-Id").matches("\\d+"), post::toString);
      assertEquals("application/json", post.header("Content-Type"));
      assertEquals("application/json", post.header("Accept"));
      assertEquals("baz", post.header("Foo-Bar"));
      assertTrue(Long.parseLong(post.header("Timeout")) <= 20_000_000_000L, post::toString);
      assertEquals(
          "Ada", new JsonObject(Buffer.buffer(post.body())).getString("name"), post::toString);
      JsonObject called = wired.peer().nextEvent();
      assertEquals("baz", called.getJsonObject("metadata").getString("foo-bar"));
      assertTrue(called.getBoolean("deadline"), called::encode);
    }
  }

  @InteropCase(
      number = "18",
      value = "J calls, protobuf: the body is the bare message, without a frame")
  void callsWithProtobuf(String program) throws Exception {
    try (Wired wired = Wired.toMucp(program)) {
      for (int i = 0; i < 3; i++) {
        HelloReply reply =
            wired
                .call(
                    "Greeter.Hello",
                    ADA,
                    HelloReply.class,
                    CallOption.contentType("application/protobuf"))
                .body();
        assertEquals("Hello Ada", reply.getGreeting());
      }

      List<Post> posts = posts(wired, 0);
      assertEquals(3, posts.size(), "requests on one connection");
      assertArrayEquals(ADA.toByteArray(), posts.get(0).body());
      assertEquals("application/protobuf", posts.get(0).header("Content-Type"));
    }
  }

  @InteropCase(
      number = "19a",
      value = "G's errors, in `Micro-Error` of a 200: J has code, id and detail, or a plain text")
  void readsErrors(String program) throws Exception {
    try (Wired wired = Wired.toMucp(program)) {
      RpcException teapot =
          wired.failure(
              "Greeter.Fail",
              FailRequest.newBuilder()
                  .setCode(418)
                  .setId("my.id")
                  .setDetail("caf\u00e9 100 %")
                  .build());
      assertEquals(418, teapot.code());
      assertEquals("my.id", teapot.error().id());
      assertEquals("caf\u00e9 100 %", teapot.detail());

      RpcException plain =
          wired.failure("Greeter.PlainError", PlainErrorRequest.newBuilder().setText("no").build());
      assertEquals(500, plain.code());
      assertEquals("no", plain.detail());

      RpcException unknown = wired.failure("Greeter.Nope", ADA);
      assertTrue(unknown.detail().contains("can't find method"), unknown::detail);
      String replies = wired.tap().bytes(0, Direction.TO_CLIENT).toString(StandardCharsets.UTF_8);
      assertTrue(replies.startsWith("HTTP/1.1 200 OK"), replies);
      assertTrue(replies.contains("Micro-Error: "), replies);
    }
  }

  @InteropCase(
      number = "19b",
      value = "a content type that G does not know (200, text/plain): a failure in J, no reply")
  void anUnknownContentTypeFails(String program) throws Exception {
    try (Wired wired = Wired.toMucp(program)) {
      RpcException failure =
          wired.failure(
              "Greeter.Hello", Buffer.buffer("x"), CallOption.contentType("application/x-none"));

      assertTrue(failure.code() >= 400, failure::toString);
      assertEquals(List.of(), wired.peer().takeEvents());
    }
  }

  @InteropCase(
      number = "20",
      value =
          "a handler of G panics and nothing is answered: J's attempt times out, the connection is"
              + " given up, the next call is well")
  void aPanicIsNotAnswered(String program) throws Exception {
    try (Wired wired = Wired.toMucp(program)) {
      wired.call("Greeter.Hello", ADA, HelloReply.class);
      RpcException failure =
          wired.failure(
              "Greeter.Panic",
              PanicRequest.newBuilder().setText("boom").build(),
              CallOption.retries(0),
              within(Duration.ofMillis(500)));

      assertEquals(408, failure.code());
      wired.call("Greeter.Hello", ADA, HelloReply.class);
      assertEquals(2, wired.tap().connections());
      wired.tap().awaitEnd(0, Direction.TO_SERVER);
    }
  }

  @InteropCase(
      number = "21",
      value =
          "a connection on which nothing was sent: G closes it after 5 s since v4.10; the next call"
              + " of J is well")
  void anIdleConnectionIsClosedByGoMicro(String program) throws Exception {
    try (Wired wired = Wired.toMucp(program)) {
      await(wired.client().warmUp(SERVICE, CallOption.address(wired.address())));
      wired.tap().awaitConnection(0);
      RpcClient another =
          RpcClient.builder(wired.vertx()).with(new RpcClientOptions().setProtocol("mucp")).build();
      await(
          another.call(
              Request.of(
                  SERVICE,
                  "Greeter.Slow",
                  SlowRequest.newBuilder().setSleepMs(LONGER_THAN_IDLE_MILLIS).build(),
                  SlowReply.class),
              CallOption.address(wired.peer().address())));
      await(another.close());
      if (!program.equals(GoPeer.V4_9)) {
        wired.tap().awaitEnd(0, Direction.TO_CLIENT);
      }

      Reply<HelloReply> reply = wired.call("Greeter.Hello", ADA, HelloReply.class);

      assertEquals("Hello Ada", reply.body().getGreeting());
      assertEquals(1, reply.attempts());
    }
  }

  @InteropCase(
      number = "22a",
      value =
          "a stream both ways: each message a POST with one `Micro-Stream`; J's end is a POST"
              + " with `Micro-Error: EOS`, and G's handler ends")
  void streamsBothWays(String program) throws Exception {
    try (Wired wired = Wired.toMucp(program)) {
      RpcStream<ChatRequest, ChatReply> chat =
          wired.stream(Request.stream(SERVICE, "Greeter.Chat", ChatRequest.class, ChatReply.class));
      BlockingQueue<Object> seen = read(chat);
      for (String text : List.of("a", "b")) {
        await(chat.write(ChatRequest.newBuilder().setText(text).build()));
        assertEquals(ChatReply.newBuilder().setText(text).build(), take(seen));
      }

      await(chat.end());

      until(() -> wired.peer().takeEvents().stream().anyMatch(MucpCases::hasEnded), "its end");
      List<Post> posts = posts(wired, 0);
      String stream = posts.get(0).header("Micro-Stream");
      assertTrue(posts.stream().allMatch(post -> post.header("Micro-Stream").equals(stream)));
      assertEquals("EOS", posts.get(posts.size() - 1).header("Micro-Error"));
      chat.cancel("G says nothing more");
    }
  }

  private static boolean hasEnded(JsonObject event) {
    return "ended".equals(event.getString("event"));
  }

  private static BlockingQueue<Object> read(RpcStream<?, ?> stream) {
    BlockingQueue<Object> seen = new LinkedBlockingQueue<>();
    stream.handler(seen::add);
    stream.exceptionHandler(seen::add);
    stream.endHandler(end -> seen.add("end"));
    stream.resume();
    return seen;
  }

  private static Object take(BlockingQueue<Object> seen) throws InterruptedException {
    Object next = seen.poll(20, TimeUnit.SECONDS);
    assertTrue(next != null, "nothing in 20 s");
    return next;
  }

  @InteropCase(
      number = "22b",
      value = "a stream of G's server with pauses: in order, and `Micro-Error: EOS` is its end")
  void readsAServersStream(String program) throws Exception {
    try (Wired wired = Wired.toMucp(program)) {
      RpcStream<CountRequest, CountReply> count =
          wired.stream(
              Request.of(
                  SERVICE,
                  "Greeter.Count",
                  CountRequest.newBuilder().setTo(5).setPauseMs(20).build(),
                  CountReply.class));
      BlockingQueue<Object> seen = read(count);

      for (int i = 1; i <= 5; i++) {
        assertEquals(CountReply.newBuilder().setNumber(i).build(), take(seen));
      }
      assertEquals("end", take(seen));
    }
  }

  @InteropCase(
      number = "22c",
      value = "a handler of G fails in the middle of a stream: J has the same error as in calls")
  void aStreamFailsAsCallsDo(String program) throws Exception {
    try (Wired wired = Wired.toMucp(program)) {
      RpcStream<ChatRequest, ChatReply> chat =
          wired.stream(Request.stream(SERVICE, "Greeter.Chat", ChatRequest.class, ChatReply.class));
      BlockingQueue<Object> seen = read(chat);

      await(chat.write(ChatRequest.newBuilder().setText("enough").setFailCode(418).build()));

      RpcException failure = (RpcException) take(seen);
      assertEquals(418, failure.code());
      assertEquals("enough", failure.detail());
    }
  }

  @InteropCase(
      number = "38f",
      value = "J's mucp call times out in a backoff: no request of it afterwards")
  void nothingFollowsATimeoutInABackoff(String program) throws Exception {
    try (Wired wired = Wired.toMucp(program)) {
      wired.call("Greeter.Hello", ADA, HelloReply.class);
      RpcException failure =
          assertThrows(
              RpcException.class,
              () ->
                  wired.call(
                      "Greeter.Fail",
                      FailRequest.newBuilder().setCode(408).setId("busy").setDetail("x").build(),
                      Object.class,
                      CallOption.retries(5),
                      CallOption.retry(RetryPolicy.onError()),
                      CallOption.idempotent(),
                      CallOption.backoff(Backoff.fixed(Duration.ofSeconds(1))),
                      within(Duration.ofMillis(500))));

      assertEquals(408, failure.code());
      long sent = calls(wired, "Greeter.Fail");
      assertTrue(sent >= 1, () -> sent + " requests");
      wired.call(
          "Greeter.Slow", SlowRequest.newBuilder().setSleepMs(1_500).build(), SlowReply.class);
      assertEquals(sent, calls(wired, "Greeter.Fail"));
    }
  }

  private static long calls(Wired wired, String endpoint) {
    long sum = 0;
    for (int i = 0; i < wired.tap().connections(); i++) {
      sum +=
          posts(wired, i).stream()
              .filter(post -> post.header("Micro-Endpoint").equals(endpoint))
              .count();
    }
    return sum;
  }
}
