// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.vertxmicro.registry.CachingOptions;
import dev.vertxmicro.registry.Node;
import dev.vertxmicro.registry.RegisterOptions;
import dev.vertxmicro.registry.Registration;
import dev.vertxmicro.registry.Registry;
import dev.vertxmicro.registry.RegistryEvent;
import dev.vertxmicro.registry.Service;
import dev.vertxmicro.registry.Watch;
import io.vertx.core.Future;
import io.vertx.core.Handler;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** A client asks its registry at each call, and so puts a cache before one that is far away. */
class RegistryCacheTest {

  @Test
  void aRegistryThatIsFarAwayIsAskedOnceForManyCalls() {
    Counting far = new Counting(false);

    callThreeTimes(far);

    assertEquals(1, far.asked);
    assertEquals(1, far.watched);
    assertEquals(0, far.watching);
  }

  @Test
  void aRegistryThatAnswersFromMemoryIsAskedItself() {
    Counting near = new Counting(true);

    callThreeTimes(near);

    assertTrue(near.asked >= 3, near.asked + " times");
    assertEquals(0, near.watched);
  }

  @Test
  void cacheWithOptionsIsPutBeforeWhateverRegistry() {
    Counting near = new Counting(true);
    RpcCounters counters = new RpcCounters();
    CachingOptions options = new CachingOptions().setTtl(Duration.ofSeconds(10));
    CompletableFuture<Void> closed = new CompletableFuture<>();
    try (Bench bench =
        new Bench().node("a", Bench.ok("1"), Bench.ok("2"), Bench.ok("3"), Bench.ok("4"))) {
      bench.run(
          () -> {
            RpcClient client =
                RpcClient.builder(bench.vertx)
                    .withRegistry(near, options)
                    .withTransport(bench.transport)
                    .withTimeSource(bench.time)
                    .withObserver(counters)
                    .build();
            assertEquals("1", client.call(bench.hello()).result());
            assertEquals("2", client.call(bench.hello()).result());
            assertEquals(1, near.asked);

            near.failure = new IllegalStateException("registry is down");
            bench.time.advance(Duration.ofSeconds(10));
            assertEquals("3", client.call(bench.hello()).result());
            assertTrue(counters.failedLookUps() >= 1, counters.toString());
            assertEquals(1, counters.staleServices());

            near.failure = null;
            bench.time.advance(Duration.ofSeconds(10));
            assertEquals("4", client.call(bench.hello()).result());
            assertEquals(0, counters.staleServices());

            near.services = List.of(Service.builder("greeter").node(Node.of("b", "b")).build());
            bench.time.advance(Duration.ofSeconds(10));
            assertEquals(1, counters.unconfirmedNodes());
            near.failure = new IllegalStateException("registry is down");
            bench.time.advance(Duration.ofSeconds(10));
            assertEquals(1, counters.staleServices());
            client.close().onComplete(end -> closed.complete(null));
          });
      Bench.await(closed);
      assertEquals(0, counters.staleServices());
      assertEquals(0, counters.unconfirmedNodes());
    }
  }

  private static void callThreeTimes(Registry registry) {
    try (Bench bench = new Bench().node("a", Bench.ok("1"), Bench.ok("2"), Bench.ok("3"))) {
      bench.run(
          () -> {
            RpcClient client =
                RpcClient.builder(bench.vertx)
                    .withRegistry(registry)
                    .withTransport(bench.transport)
                    .withTimeSource(bench.time)
                    .build();
            for (String expected : List.of("1", "2", "3")) {
              assertEquals(expected, client.call(bench.hello()).result());
            }
            client.close();
          });
    }
  }

  /** Knows one service, and counts who asks for it. */
  private static final class Counting implements Registry {

    private List<Service> services =
        List.of(Service.builder("greeter").node(Node.of("a", "a")).build());
    private final boolean near;
    private Throwable failure;
    private int asked;
    private int watched;
    private int watching;

    Counting(boolean near) {
      this.near = near;
    }

    @Override
    public Future<List<Service>> get(String service) {
      asked++;
      return failure == null ? Future.succeededFuture(services) : Future.failedFuture(failure);
    }

    @Override
    public boolean answersFromMemory() {
      return near;
    }

    @Override
    public Future<List<String>> list() {
      return Future.succeededFuture(List.of("greeter"));
    }

    @Override
    public Future<Registration> register(Service service, RegisterOptions options) {
      return Future.failedFuture(new UnsupportedOperationException("register"));
    }

    @Override
    public Watch watch(String service, Handler<RegistryEvent> handler) {
      watched++;
      watching++;
      return new Watch() {
        @Override
        public Future<Void> ready() {
          return Future.succeededFuture();
        }

        @Override
        public void close() {
          watching--;
        }
      };
    }

    @Override
    public Future<Void> close() {
      return Future.succeededFuture();
    }
  }
}
