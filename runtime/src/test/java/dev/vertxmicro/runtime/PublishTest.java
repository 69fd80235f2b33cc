// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime;

import static dev.vertxmicro.runtime.Bench.await;
import static dev.vertxmicro.runtime.Bench.cause;
import static dev.vertxmicro.runtime.Bench.failure;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.StringValue;
import dev.vertxmicro.broker.Broker;
import dev.vertxmicro.broker.Event;
import dev.vertxmicro.broker.MemoryBroker;
import dev.vertxmicro.broker.PublishOption;
import dev.vertxmicro.codec.Message;
import dev.vertxmicro.errors.GrpcStatus;
import dev.vertxmicro.errors.Processed;
import dev.vertxmicro.errors.RpcException;
import dev.vertxmicro.metadata.Metadata;
import dev.vertxmicro.runtime.inbound.InboundCall;
import dev.vertxmicro.runtime.retry.Backoff;
import dev.vertxmicro.time.Deadline;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.internal.ContextInternal;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class PublishTest {

  private static final Publication<String> HELLO = Publication.of("greetings", "Ada");

  private final ScriptedBroker broker = new ScriptedBroker();

  private Bench bench(ClientOption... options) {
    return new Bench(builder -> builder.withBroker(broker).with(options));
  }

  private static ClientOption backoff(long millis) {
    return ClientOption.calls(CallOption.backoff(Backoff.fixed(Duration.ofMillis(millis))));
  }

  private Message only() {
    assertEquals(1, broker.taken.size(), "events that reached the broker");
    return broker.taken.get(0).message();
  }

  @Test
  void anEventHasAnIdItsTopicItsContentTypeAndItsMetadata() {
    try (Bench bench =
        bench(
            ClientOption.calls(
                CallOption.metadata("Tenant", "t"), CallOption.metadata("A", "1")))) {
      bench.run(
          () -> {
            Future<Void> published = bench.client().publish(HELLO.withMetadata("a", "2"));

            assertTrue(published.succeeded());
            Message event = only();
            assertEquals(Message.Kind.EVENT, event.kind());
            assertEquals("greetings", event.target());
            assertEquals("application/json", event.contentType());
            assertEquals("\"Ada\"", event.body().toString());
            assertEquals("2", event.headers().get("A"));
            assertEquals(event.id(), UUID.fromString(event.id()).toString());
            Metadata wire = event.wireHeaders();
            assertEquals(event.id(), wire.get("Micro-Id"));
            assertEquals("greetings", wire.get("Micro-Topic"));
            assertEquals("application/json", wire.get("Content-Type"));
            assertEquals("t", wire.get("Tenant"));
          });
    }
  }

  @Test
  void theBodyDecidesTheContentTypeThatEverySubscriberReads() {
    try (Bench bench = bench()) {
      bench.run(
          () -> {
            for (Object body :
                List.of(StringValue.of("x"), Buffer.buffer("x"), new byte[] {1}, Map.of("a", 1))) {
              bench.client().publish(Publication.of("t", body));
            }
            assertEquals(
                List.of(
                    "application/protobuf",
                    "application/octet-stream",
                    "application/octet-stream",
                    "application/json"),
                broker.taken.stream().map(taken -> taken.message().contentType()).toList());
          });
    }
  }

  @Test
  void theGrpcContentTypesHaveNoFrame() {
    try (Bench bench = bench()) {
      bench.run(
          () -> {
            StringValue body = StringValue.of("x");
            bench
                .client()
                .publish(Publication.of("t", body).withContentType("application/grpc+proto"));

            assertEquals("application/grpc+proto", only().contentType());
            assertEquals(Buffer.buffer(body.toByteArray()), only().body());
          });
    }
  }

  @Test
  void encodedBytesPassUnderAnyContentType() {
    try (Bench bench = bench()) {
      bench.run(
          () -> {
            bench
                .client()
                .publish(Publication.of("t", Buffer.buffer("raw")).withContentType("x/y"));

            assertEquals("x/y", only().contentType());
            assertEquals("raw", only().body().toString());
          });
    }
  }

  @Test
  void eachPublishOfOnePublicationIsAnEventOfItsOwn() {
    try (Bench bench = bench()) {
      bench.run(
          () -> {
            bench.client().publish(HELLO);
            bench.client().publish(HELLO);

            assertNotEquals(broker.taken.get(0).message().id(), broker.taken.get(1).message().id());
          });
    }
  }

  @Test
  void theBrokerIsGivenTheExchangeAndTheTimeThatIsLeft() {
    try (Bench bench = bench()) {
      bench.run(
          () -> {
            bench
                .client()
                .publish(
                    HELLO,
                    PublishOption.exchange("other"),
                    PublishOption.timeout(Duration.ofSeconds(3)));

            assertEquals("greetings", broker.taken.get(0).topic());
            assertEquals("greetings", only().target());
            assertEquals("other", broker.taken.get(0).options().getExchange());
            assertEquals(Duration.ofSeconds(3), broker.taken.get(0).options().getTimeout());
          });
    }
  }

  @Test
  void theProxyIsTheExchangeIfTheClientObeysTheEnvironment() {
    ProxyEnvironment proxied =
        new ProxyEnvironment(new ProxyEnvironment.Variables(Map.of("MICRO_PROXY", "proxy")::get));
    for (boolean on : new boolean[] {true, false}) {
      broker.taken.clear();
      try (Bench bench =
          new Bench(
              builder ->
                  builder
                      .withBroker(broker)
                      .withEnvironment(proxied)
                      .with(options -> options.setProxyFromEnvironment(on)))) {
        bench.run(
            () -> {
              bench.client().publish(HELLO, PublishOption.exchange("own"));

              assertEquals(on ? "proxy" : "own", broker.taken.get(0).options().getExchange());
              assertEquals("greetings", only().target());
            });
      }
    }
  }

  @Test
  void theFirstPublishConnectsAndNothingIsHandedOverBefore() {
    Promise<Void> connection = Promise.promise();
    broker.connects.add(connection::future);
    try (Bench bench = bench()) {
      assertEquals(0, broker.connected);
      bench.run(
          () -> {
            Future<Void> published = bench.client().publish(HELLO);
            assertEquals(1, broker.connected);
            assertEquals(List.of(), broker.taken);

            connection.complete();

            assertTrue(published.succeeded());
            only();
          });
    }
    assertFalse(broker.closed, "the client closed a broker that it was given");
  }

  @Test
  void whatTheBrokerDidNotGetIsTriedAgainAfterTheBackoffWithTheSameId() {
    for (int i = 0; i < 2; i++) {
      broker.publishes.add(() -> unavailable(Processed.NOT_SENT));
    }
    try (Bench bench = bench(backoff(10))) {
      bench.run(
          () -> {
            Future<Void> published = bench.client().publish(HELLO);
            assertEquals(1, broker.taken.size());
            bench.advance(9);
            assertEquals(1, broker.taken.size());
            bench.advance(1);
            assertEquals(2, broker.taken.size());
            bench.advance(10);

            assertTrue(published.succeeded());
            assertEquals(
                1, broker.taken.stream().map(taken -> taken.message().id()).distinct().count());
          });
    }
  }

  @Test
  void retriesEnd() {
    for (int i = 0; i < 9; i++) {
      broker.connects.add(() -> unavailable(Processed.NOT_SENT));
    }
    try (Bench bench = bench(backoff(0))) {
      bench.run(
          () -> {
            RpcException failure = cause(bench.client().publish(HELLO, PublishOption.retries(3)));

            assertEquals(503, failure.code());
            assertEquals(Processed.NOT_SENT, failure.processed());
            assertEquals(4, broker.connected);
            assertEquals(List.of(), broker.taken);
            assertTrue(
                failure.getMessage().startsWith("greetings, attempt 4/4"), failure::toString);
            assertEquals(1, bench.counters.failedPublishes());
          });
    }
  }

  @Test
  void whatTheBrokerMayHaveIsNotTriedAgain() {
    broker.publishes.add(() -> unavailable(Processed.UNKNOWN));
    try (Bench bench = bench(backoff(0))) {
      bench.run(
          () -> {
            RpcException failure = cause(bench.client().publish(HELLO));

            assertEquals(Processed.UNKNOWN, failure.processed());
            only();
          });
    }
  }

  @Test
  void whatTheBrokerMayHaveIsTriedAgainIfSubscribersBearIt() {
    broker.publishes.add(() -> unavailable(Processed.UNKNOWN));
    try (Bench bench = bench(backoff(0))) {
      bench.run(
          () -> {
            assertTrue(bench.client().publish(HELLO, PublishOption.idempotent()).succeeded());
            assertEquals(2, broker.taken.size());
          });
    }
  }

  @Test
  void oneDoubtfulTryMakesTheWholePublishDoubtful() {
    broker.publishes.add(() -> unavailable(Processed.UNKNOWN));
    broker.publishes.add(() -> unavailable(Processed.NOT_SENT));
    try (Bench bench = bench(backoff(0))) {
      bench.run(
          () -> {
            RpcException failure =
                cause(
                    bench
                        .client()
                        .publish(HELLO, PublishOption.idempotent(), PublishOption.retries(1)));

            assertEquals(Processed.UNKNOWN, failure.processed());
          });
    }
  }

  @Test
  void aBrokerThatIsNeverReadyEndsAtTheTimeoutAndGetsNothingLater() {
    Promise<Void> connection = Promise.promise();
    broker.connects.add(connection::future);
    try (Bench bench = bench()) {
      bench.run(
          () -> {
            Future<Void> published =
                bench.client().publish(HELLO, PublishOption.timeout(Duration.ofMillis(500)));
            bench.advance(499);
            assertFalse(published.isComplete());
            bench.advance(1);

            assertEquals(408, cause(published).code());
            assertEquals(Processed.NOT_SENT, cause(published).processed());
            connection.complete();
            assertEquals(List.of(), broker.taken);
          });
    }
  }

  @Test
  void aBrokerThatNeverSaysItHasTheEventLeavesItInDoubt() {
    Promise<Void> answer = Promise.promise();
    broker.publishes.add(answer::future);
    try (Bench bench = bench()) {
      bench.run(
          () -> {
            Future<Void> published = bench.client().publish(HELLO);
            bench.advance(10_000);

            assertEquals(408, cause(published).code());
            assertEquals(Processed.UNKNOWN, cause(published).processed());
            answer.complete();
            assertEquals(408, cause(published).code());
          });
    }
  }

  @Test
  void noRetryStartsThatCouldNotEndInTime() {
    broker.publishes.add(() -> unavailable(Processed.NOT_SENT));
    try (Bench bench = bench(backoff(500))) {
      bench.run(
          () -> {
            Future<Void> published =
                bench.client().publish(HELLO, PublishOption.timeout(Duration.ofMillis(500)));

            assertEquals(503, cause(published).code());
          });
    }
  }

  @Test
  void theDeadlineOfTheRequestBeingServedTightensTheTimeout() {
    broker.publishes.add(() -> Promise.<Void>promise().future());
    try (Bench bench = bench()) {
      bench.run(
          () -> {
            ContextInternal request = ((ContextInternal) Vertx.currentContext()).duplicate();
            Deadline deadline = Deadline.after(Duration.ofMillis(40), bench.time);
            new InboundCall(deadline, Metadata.empty()).attachTo(request);
            List<Future<Void>> published = new ArrayList<>();
            request.dispatch(none -> published.add(bench.client().publish(HELLO)));
            assertEquals(Duration.ofMillis(40), broker.taken.get(0).options().getTimeout());
            bench.advance(40);

            assertEquals(408, cause(published.get(0)).code());
          });
    }
  }

  @Test
  void aClientWrapperSeesPublishes() {
    List<String> seen = new ArrayList<>();
    ClientWrapper noting =
        next ->
            new ForwardingRpcClient() {
              @Override
              protected RpcClient delegate() {
                return next;
              }

              @Override
              public Future<Void> publish(Publication<?> publication, PublishOption... options) {
                seen.add(publication.topic());
                return super.publish(publication.withMetadata("by", "wrapper"), options);
              }
            };
    try (Bench bench = new Bench(builder -> builder.withBroker(broker).wrap(noting))) {
      bench.run(
          () -> {
            bench.client().publish(HELLO);

            assertEquals(List.of("greetings"), seen);
            assertEquals("wrapper", only().headers().get("by"));
          });
    }
  }

  @Test
  void aPublishThatIsStillOpenWhenTheClientHasDrainedFails() {
    broker.publishes.add(() -> Promise.<Void>promise().future());
    List<Future<Void>> published = new ArrayList<>();
    try (Bench bench = bench()) {
      bench.run(
          () -> {
            published.add(
                bench.client().publish(HELLO, PublishOption.timeout(Duration.ofHours(1))));
            bench.client().close();
            assertEquals(503, cause(bench.client().publish(HELLO)).code());
          });
      bench.run(() -> bench.advance(10_000));
      bench.run(() -> assertEquals(503, cause(published.get(0)).code()));
      assertEquals(0, bench.counters.openPublishes());
    }
  }

  @Test
  void whatCannotBeEncodedIsNotHandedOver() {
    try (Bench bench = bench(ClientOption.calls(options -> options.setMaxRequestBytes(10)))) {
      bench.run(
          () -> {
            RpcException tooLarge =
                cause(bench.client().publish(Publication.of("t", "0123456789")));
            assertEquals(GrpcStatus.RESOURCE_EXHAUSTED, tooLarge.grpcStatus());
            RpcException unknown = cause(bench.client().publish(HELLO.withContentType("no/such")));
            assertEquals(500, unknown.code());
            assertTrue(unknown.getMessage().contains("no/such"), unknown::getMessage);
            for (RpcException failure : List.of(tooLarge, unknown)) {
              assertEquals(Processed.NOT_SENT, failure.processed());
            }
            assertEquals(List.of(), broker.taken);
            assertEquals(0, broker.connected);
          });
    }
  }

  @Test
  void aBrokerThatThrowsOrReturnsNothingFailsThePublish() {
    broker.connects.add(
        () -> {
          throw new IllegalStateException("no connect");
        });
    broker.publishes.add(
        () -> {
          throw new IllegalStateException("no publish");
        });
    broker.publishes.add(() -> null);
    try (Bench bench = bench()) {
      bench.run(
          () -> {
            assertTrue(cause(bench.client().publish(HELLO)).getMessage().contains("no connect"));
            assertTrue(cause(bench.client().publish(HELLO)).getMessage().contains("no publish"));
            assertEquals(500, cause(bench.client().publish(HELLO)).code());
          });
    }
  }

  @Test
  void topicsAndMetadataAreCheckedWhereTheyAreSet() {
    assertThrows(IllegalArgumentException.class, () -> Publication.of(" ", "x"));
    assertThrows(IllegalArgumentException.class, () -> HELLO.withMetadata("Content-Type", "x"));
    assertNull(HELLO.contentType());
  }

  @Test
  void withoutABrokerEventsGoToTheOneInMemoryThatAllShare() {
    Vertx vertx = Vertx.vertx();
    RpcClient client = RpcClient.create(vertx);
    Broker subscriber = MemoryBroker.shared(vertx);
    Promise<Event> got = Promise.promise();
    await(subscriber.connect());
    await(
        subscriber.subscribe(
            "greetings",
            event -> {
              got.complete(event);
              return Future.succeededFuture();
            }));

    await(client.publish(HELLO));

    assertEquals("Ada", await(got.future()).body(String.class));
    await(client.close());
    Future<Void> late = client.publish(HELLO);
    await(late.transform(done -> Future.succeededFuture()));
    assertEquals(503, cause(late).code());
    await(vertx.close());
  }

  private static Future<Void> unavailable(Processed processed) {
    return Future.failedFuture(failure(GrpcStatus.UNAVAILABLE, processed));
  }
}
