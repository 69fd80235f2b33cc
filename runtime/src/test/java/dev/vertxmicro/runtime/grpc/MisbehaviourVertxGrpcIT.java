// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.grpc;

import static dev.vertxmicro.runtime.grpc.GrpcCaller.await;
import static java.util.Map.entry;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.vertxmicro.codec.Message;
import dev.vertxmicro.errors.Processed;
import dev.vertxmicro.errors.RpcException;
import dev.vertxmicro.registry.Node;
import dev.vertxmicro.runtime.grpc.Misbehaviour.Caller;
import dev.vertxmicro.runtime.grpc.Outcome.EndedBy;
import dev.vertxmicro.runtime.transport.CountingObserver;
import dev.vertxmicro.runtime.transport.Exchange;
import dev.vertxmicro.runtime.transport.SendOptions;
import dev.vertxmicro.runtime.transport.SteppedTime;
import dev.vertxmicro.time.Deadline;
import io.vertx.core.Context;
import io.vertx.core.Vertx;
import io.vertx.core.internal.VertxInternal;
import io.vertx.core.net.ClientSSLOptions;
import io.vertx.core.net.PemTrustOptions;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What the thin engine makes of the misbehaviours. Where it cannot say what the catalogue wants,
 * {@link #DIFFERS} has what it says instead, {@link #SILENT} what it never says, and the run prints
 * both.
 */
class MisbehaviourVertxGrpcIT {

  private static final Map<String, String> DIFFERS =
      Map.ofEntries(
          // GOAWAY looks like a lost connection: safe, but not sent elsewhere by itself.
          entry("GOAWAY_BELOW_THE_CALL", "UNAVAILABLE UNKNOWN"),
          entry("GOAWAY_BELOW_THE_CALL_WITH_ERROR", "UNAVAILABLE UNKNOWN"),
          entry("GOAWAY_BELOW_THE_CALL_IN_TWO_STEPS", "UNAVAILABLE UNKNOWN"),
          entry("GOAWAY_BELOW_THE_CALL_AND_FIN", "UNAVAILABLE UNKNOWN"),
          // How far the message has been written is not known.
          entry("NEVER_TAKES_THE_BODY", "CANCELLED UNKNOWN"),
          entry("GOAWAY_BELOW_A_CALL_WHOSE_BODY_WAITS", "INTERNAL UNKNOWN"),
          // Codes of RST_STREAM are folded into few.
          entry("RST_STREAM_CONNECT_ERROR", "CANCELLED UNKNOWN"),
          // The HTTP status is out of reach.
          entry("STATUS_NEGATIVE", "UNKNOWN UNKNOWN"),
          entry("STATUS_GARBAGE_IN_TRAILERS_ONLY", "UNKNOWN UNKNOWN"),
          entry("STATUS_MISSING", "UNKNOWN UNKNOWN"),
          entry("STATUS_MISSING_IN_TRAILERS_ONLY", "UNKNOWN UNKNOWN"),
          entry("TRAILERS_MISSING", "UNKNOWN UNKNOWN"),
          entry("HTTP_400", "UNKNOWN UNKNOWN"),
          entry("HTTP_401", "UNKNOWN UNKNOWN"),
          entry("HTTP_403", "UNKNOWN UNKNOWN"),
          entry("HTTP_404", "UNKNOWN UNKNOWN"),
          entry("HTTP_429", "UNKNOWN UNKNOWN"),
          entry("HTTP_502", "UNKNOWN UNKNOWN"),
          entry("HTTP_503", "UNKNOWN UNKNOWN"),
          entry("HTTP_504", "UNKNOWN UNKNOWN"),
          // Content types are compared to the letter.
          entry("CONTENT_TYPE_WITH_PARAMETER", "UNKNOWN UNKNOWN"),
          // The flags of messages, and what follows the first message, are out of reach.
          entry("CUT_SECOND_MESSAGE", "OK"),
          entry("COMPRESSED_WITH_IDENTITY", "OK"),
          entry("RESERVED_FLAG", "OK"));

  /** Vert.x throws where nobody hears it; the deadline of the call ends it. */
  private static final Set<String> SILENT =
      Set.of("STATUS_GARBAGE", "STATUS_EMPTY", "COMPRESSED_WITHOUT_ENCODING");

  private final SteppedTime time = new SteppedTime();
  private final CountingObserver observer = new CountingObserver();
  private final Vertx vertx = Vertx.vertx();
  private final Context loop = ((VertxInternal) vertx).createEventLoopContext();
  private final CompletableFuture<Exchange> exchange = new CompletableFuture<>();
  private final CompletableFuture<Message> reply = new CompletableFuture<>();

  @AfterEach
  void stop() {
    await(vertx.close());
  }

  @ParameterizedTest
  @MethodSource("dev.vertxmicro.runtime.grpc.Misbehaviour#all")
  void endsEveryCallAndSaysWhatItCan(Misbehaviour misbehaviour) {
    VertxGrpcTransport transport =
        VertxGrpcTransport.create(vertx, time, observer, options(misbehaviour.caller()));
    try (ScriptedHttp2Server server = misbehaviour.start()) {
      send(transport, misbehaviour.caller(), server.port());

      String end = end(server, misbehaviour);

      assertEquals(expected(misbehaviour), end);
      if (end.equals("OK") && !DIFFERS.containsKey(misbehaviour.name())) {
        assertEquals(misbehaviour.outcome().detail(), await(reply).body().toString());
      }
    }
    await(transport.close(Deadline.NONE));
    assertEquals("connections=0, streams=0, queued=0", observer.toString());
    assertEquals(0, time.armed(), "timers");
  }

  private void send(VertxGrpcTransport transport, Caller caller, int port) {
    String scheme = caller == Caller.CLEAR_TEXT ? "" : "https://";
    Node node = Node.of("node", scheme + "127.0.0.1:" + port);
    Message request = GrpcCaller.request("first");
    loop.runOnContext(
        on -> {
          Exchange sent = transport.send(node, request, Deadline.NONE, SendOptions.DEFAULT);
          sent.reply().onComplete(reply::complete, reply::completeExceptionally);
          exchange.complete(sent);
        });
    await(exchange);
  }

  /** Returns how the call ended, helped by what the test does where nothing else ends it. */
  private String end(ScriptedHttp2Server server, Misbehaviour misbehaviour) {
    EndedBy endedBy = misbehaviour.outcome().endedBy();
    if (endedBy == EndedBy.DIAL_TIMEOUT) {
      server.journal().await("a connection", f -> f.is(FrameType.OPENED));
      time.advance(SendOptions.DEFAULT.dialTimeout());
    } else if (endedBy != EndedBy.SERVER || SILENT.contains(misbehaviour.name())) {
      server.journal().await("SETTINGS acknowledged", SeenFrame::isAck);
      if (!misbehaviour.outcome().processed().equals(Optional.of(Processed.NOT_SENT))) {
        server.request(0);
      }
      server.connection(0).barrier();
      assertFalse(reply.isDone());
      loop.runOnContext(on -> await(exchange).cancel());
    }
    return await(reply.handle((message, failure) -> failure == null ? "OK" : text(failure)));
  }

  private static String text(Throwable failure) {
    RpcException typed = (RpcException) failure;
    return typed.grpcStatus() + " " + typed.processed();
  }

  private static String expected(Misbehaviour misbehaviour) {
    Outcome outcome = misbehaviour.outcome();
    String name = misbehaviour.name();
    if (SILENT.contains(name)) {
      System.out.println("thin engine, left to the deadline: " + name);
      return "CANCELLED UNKNOWN";
    }
    String wanted =
        outcome.processed().map(processed -> outcome.status() + " " + processed).orElse("OK");
    if (DIFFERS.containsKey(name)) {
      System.out.printf("thin engine, %s: %s, not %s%n", name, DIFFERS.get(name), wanted);
      return DIFFERS.get(name);
    }
    return switch (outcome.endedBy()) {
      case SERVER, DIAL_TIMEOUT -> wanted;
      // It has no keepalive: that, too, ends at the deadline.
      case KEEPALIVE -> "CANCELLED UNKNOWN";
      case DEADLINE -> "CANCELLED " + outcome.processed().orElseThrow();
    };
  }

  @Test
  void givesUpACallWithoutDeadlineAfterALongSilence() {
    VertxGrpcTransport transport =
        VertxGrpcTransport.create(vertx, time, observer, new GrpcOptions());
    try (ScriptedHttp2Server server = ScriptedHttp2Server.start().answer()) {
      send(transport, Caller.CLEAR_TEXT, server.port());
      server.request(0);

      time.advance(SendOptions.DEFAULT.dialTimeout());
      CompletableFuture<Integer> armed = new CompletableFuture<>();
      loop.runOnContext(on -> armed.complete(time.armed()));
      assertEquals(1, await(armed));
      time.advance(Duration.ofMinutes(VertxGrpcTransport.MOST_SILENCE_MINUTES).minusNanos(1));
      server.connection(0).barrier();
      assertFalse(reply.isDone());
      time.advance(Duration.ofNanos(1));

      String end = await(reply.handle((message, failure) -> text(failure)));
      assertEquals("UNAVAILABLE UNKNOWN", end);
    }
    await(transport.close(Deadline.NONE));
  }

  @Test
  void everyDifferenceIsOne() {
    Set<String> names =
        Misbehaviour.all().stream().map(Misbehaviour::name).collect(Collectors.toSet());

    assertTrue(names.containsAll(DIFFERS.keySet()), DIFFERS::toString);
    assertTrue(names.containsAll(SILENT), SILENT::toString);
    Misbehaviour.all().stream()
        .filter(m -> DIFFERS.containsKey(m.name()))
        .forEach(
            m -> {
              Outcome outcome = m.outcome();
              String wanted = outcome.status() + outcome.processed().map(p -> " " + p).orElse("");
              assertFalse(wanted.equals(DIFFERS.get(m.name())), m.name());
            });
  }

  private static GrpcOptions options(Caller caller) {
    GrpcOptions options = new GrpcOptions();
    if (caller == Caller.TLS) {
      options.setSsl(
          new ClientSSLOptions()
              .setTrustOptions(
                  new PemTrustOptions()
                      .addCertValue(ConnectMisbehaviours.certificate().certificatePem())
                      .addCertValue(ConnectMisbehaviours.otherHostCertificate().certificatePem())));
    }
    return options;
  }
}
