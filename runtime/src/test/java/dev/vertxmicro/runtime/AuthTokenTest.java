// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime;

import static dev.vertxmicro.runtime.Bench.cause;
import static dev.vertxmicro.runtime.Bench.fail;
import static dev.vertxmicro.runtime.Bench.ok;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.vertxmicro.errors.GrpcStatus;
import dev.vertxmicro.errors.Processed;
import dev.vertxmicro.runtime.retry.Backoff;
import dev.vertxmicro.runtime.wrapper.AuthToken;
import dev.vertxmicro.runtime.wrapper.AuthToken.Token;
import dev.vertxmicro.runtime.wrapper.FromService;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** The wrappers that say who calls. */
class AuthTokenTest {

  private final List<Promise<Token>> fetches = new ArrayList<>();

  private Future<Token> fetch() {
    Promise<Token> promise = Promise.promise();
    fetches.add(promise);
    return promise.future();
  }

  private static Token token(String value) {
    return new Token(value, Duration.ofSeconds(100));
  }

  private static String sent(Bench bench, int arrival, String header) {
    return bench.arrivals.get(arrival).request().message().headers().get(header);
  }

  private static String authorization(Bench bench, int arrival) {
    return sent(bench, arrival, "Authorization");
  }

  @Test
  void sendsTheTokenUnlessTheCallHasOne() {
    try (Bench bench = new Bench().node("n", ok("x"), ok("x"))) {
      CallOption auth = CallOption.wrap(AuthToken.of("t"));
      bench.run(
          () -> {
            assertTrue(bench.call(auth).succeeded());
            assertTrue(
                bench.call(auth, CallOption.metadata("authorization", "Basic y")).succeeded());

            assertEquals("Bearer t", authorization(bench, 0));
            assertEquals("Basic y", authorization(bench, 1));
          });
    }
  }

  @Test
  void sendsTheTokenWithStreams() {
    try (Bench bench = new Bench().streamNode("n", stream -> stream.head().end())) {
      bench.run(
          () -> {
            bench.serverStream(CallOption.wrap(AuthToken.of("t")));

            assertEquals(
                "Bearer t", bench.streams.get(0).incoming.head().headers().get("Authorization"));
          });
    }
  }

  @Test
  void asksTheSupplierAtEachAttempt() {
    AtomicInteger asked = new AtomicInteger();
    CallOption auth = CallOption.wrap(AuthToken.from(() -> "t" + asked.incrementAndGet()));
    try (Bench bench =
        new Bench().node("n", fail(GrpcStatus.UNAVAILABLE, Processed.YES)).node("m", ok("x"))) {
      bench.run(
          () -> {
            bench.call(auth, CallOption.idempotent(), CallOption.backoff(Backoff.none()));

            assertEquals("Bearer t1", authorization(bench, 0));
            assertEquals("Bearer t2", authorization(bench, 1));
          });
    }
  }

  @Test
  void failsWithoutATokenAndSendsNothing() {
    CallOption auth =
        CallOption.wrap(
            AuthToken.from(
                () -> {
                  throw new IllegalStateException("no vault");
                }));
    try (Bench bench = new Bench().node("n", ok("x"))) {
      bench.run(
          () -> {
            Future<String> reply = bench.call(auth);

            assertEquals(401, cause(reply).code());
            assertEquals(Processed.NOT_SENT, cause(reply).processed());
            assertTrue(cause(reply).detail().contains("no vault"), cause(reply).detail());
            assertEquals(List.of(), bench.reached());
          });
    }
  }

  @Test
  void fetchesOnceForAllWhoWait() {
    try (Bench bench = new Bench().node("n", ok("x"), ok("x"), ok("x"))) {
      CallOption auth = CallOption.wrap(AuthToken.refreshed(this::fetch, bench.time));
      bench.run(
          () -> {
            Future<String> one = bench.call(auth);
            Future<String> two = bench.call(auth);
            assertEquals(1, fetches.size());
            assertEquals(List.of(), bench.reached());

            fetches.get(0).complete(token("t"));
            assertTrue(one.succeeded() && two.succeeded());
            assertTrue(bench.call(auth).succeeded());

            assertEquals(1, fetches.size());
            for (int i = 0; i < 3; i++) {
              assertEquals("Bearer t", authorization(bench, i));
            }
          });
    }
  }

  @Test
  void refreshesBeforeTheTokenExpiresWithoutWaiting() {
    try (Bench bench = new Bench().node("n", ok("x"), ok("x"), ok("x"), ok("x"))) {
      CallOption auth = CallOption.wrap(AuthToken.refreshed(this::fetch, bench.time));
      bench.run(
          () -> {
            bench.call(auth);
            fetches.get(0).complete(token("old"));
            bench.advance(79_999);
            bench.call(auth);
            assertEquals(1, fetches.size());

            bench.advance(1);
            assertTrue(bench.call(auth).succeeded());
            assertEquals("Bearer old", authorization(bench, 2));
            assertEquals(2, fetches.size());
            fetches.get(1).complete(token("new"));
            bench.call(auth);

            assertEquals("Bearer new", authorization(bench, 3));
          });
    }
  }

  @Test
  void goesOnWithTheOldTokenWhileTheSourceFailsAndWaitsOnceItHasExpired() {
    try (Bench bench = new Bench().node("n", ok("x"), ok("x"), ok("x"), ok("x"))) {
      CallOption auth = CallOption.wrap(AuthToken.refreshed(this::fetch, bench.time));
      bench.run(
          () -> {
            bench.call(auth);
            fetches.get(0).complete(token("old"));
            bench.advance(80_000);
            bench.call(auth);
            fetches.get(1).fail(new IllegalStateException("down"));
            bench.call(auth);
            assertEquals(2, fetches.size(), "no fetch within a second of a failure");
            assertEquals("Bearer old", authorization(bench, 2));

            bench.advance(20_000);
            Future<String> waits = bench.call(auth);
            assertFalse(waits.isComplete());
            fetches.get(2).complete(token("new"));

            assertTrue(waits.succeeded());
            assertEquals("Bearer new", authorization(bench, 3));
          });
    }
  }

  @Test
  void aSourceThatFailsIsLeftAloneForASecond() {
    try (Bench bench = new Bench().node("n", ok("x"))) {
      CallOption auth = CallOption.wrap(AuthToken.refreshed(this::fetch, bench.time));
      bench.run(
          () -> {
            Future<String> first = bench.call(auth, CallOption.noTransparentRetries());
            fetches.get(0).fail(new IllegalStateException("down"));
            assertEquals(401, cause(first).code());
            assertEquals(401, cause(bench.call(auth, CallOption.noTransparentRetries())).code());
            assertEquals(1, fetches.size());

            bench.advance(1_000);
            Future<String> later = bench.call(auth);
            fetches.get(1).complete(token("t"));

            assertTrue(later.succeeded());
          });
    }
  }

  @Test
  void aTokenThatIsRefusedIsFetchedAnewButNotForEver() {
    try (Bench bench =
        new Bench()
            .node(
                "n",
                ok("x"),
                fail(GrpcStatus.UNAUTHENTICATED, Processed.YES),
                fail(GrpcStatus.UNAUTHENTICATED, Processed.YES),
                ok("x"))) {
      CallOption auth = CallOption.wrap(AuthToken.refreshed(this::fetch, bench.time));
      bench.run(
          () -> {
            bench.call(auth);
            fetches.get(0).complete(token("revoked"));
            bench.advance(5_000);
            assertEquals(401, cause(bench.call(auth)).code());
            Future<String> second = bench.call(auth);
            fetches.get(1).complete(token("also revoked"));
            assertEquals(401, cause(second).code());
            assertEquals("Bearer also revoked", authorization(bench, 2));

            assertEquals(401, cause(bench.call(auth)).code());
            assertEquals(3, bench.reached().size());
            assertEquals(2, fetches.size());
            bench.advance(1_000);
            Future<String> fourth = bench.call(auth);
            fetches.get(2).complete(token("good"));

            assertTrue(fourth.succeeded());
          });
    }
  }

  @Test
  void nothingIsSentForACallThatEndsWhileItWaitsForTheToken() {
    try (Bench bench = new Bench().node("n", ok("x"))) {
      CallOption auth = CallOption.wrap(AuthToken.refreshed(this::fetch, bench.time));
      bench.run(
          () -> {
            Future<String> late = bench.call(auth, CallOption.timeout(Duration.ofMillis(10)));
            bench.advance(10);
            assertEquals(408, cause(late).code());

            fetches.get(0).complete(token("t"));

            assertEquals(List.of(), bench.reached());
          });
    }
  }

  @Test
  void tellsNoToken() {
    assertFalse(AuthToken.of("hidden").toString().contains("hidden"));
    assertFalse(token("hidden").toString().contains("hidden"));
    assertThrows(IllegalArgumentException.class, () -> AuthToken.of(" "));
    assertThrows(IllegalArgumentException.class, () -> new Token("t", Duration.ZERO));
  }

  @Test
  void saysWhichServiceCallsUnlessTheCallDoes() {
    try (Bench bench = new Bench().node("n", ok("x"), ok("x"), ok("x"))) {
      CallOption from = CallOption.wrap(new FromService("shop"));
      bench.run(
          () -> {
            bench.call();
            bench.call(from);
            bench.call(from, CallOption.metadata("micro-from-service", "other"));

            assertNull(sent(bench, 0, "Micro-From-Service"));
            assertEquals("shop", sent(bench, 1, "Micro-From-Service"));
            assertEquals("other", sent(bench, 2, "Micro-From-Service"));
          });
    }
    assertThrows(IllegalArgumentException.class, () -> new FromService(""));
  }
}
