// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.broker.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.vertxmicro.errors.GrpcStatus;
import dev.vertxmicro.errors.Processed;
import dev.vertxmicro.errors.RpcException;
import dev.vertxmicro.registry.Node;
import dev.vertxmicro.registry.Service;
import dev.vertxmicro.time.FakeTimeSource;
import io.vertx.core.Promise;
import io.vertx.core.buffer.Buffer;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What becomes of publishes, in virtual time and without a wire. */
class OutboxTest {

  private static final Duration FIRST_WAIT = Duration.ofMillis(10);

  private final FakeTimeSource time = new FakeTimeSource();
  private final ListedRegistry registry = new ListedRegistry();
  private final Deque<Post> posts = new ArrayDeque<>();
  private boolean atOnce;
  private Outbox outbox = outbox(new HttpBrokerOptions());
  private final List<Ended> publishes = new ArrayList<>();

  private Outbox outbox(HttpBrokerOptions options) {
    // Always the first of those that may be chosen.
    return new Outbox(Runnable::run, time, registry, this::post, bound -> 0, options);
  }

  /** A request, which the test answers. */
  private final class Post implements Poster.Sent {
    private final String id;
    private final String body;
    private final long timeoutNanos;
    private final Consumer<Answer> answered;
    private boolean over;

    Post(String id, String body, long timeoutNanos, Consumer<Answer> answered) {
      this.id = id;
      this.body = body;
      this.timeoutNanos = timeoutNanos;
      this.answered = answered;
    }

    void answer(Answer.Kind kind) {
      answer(OutboxTest.answer(kind, id));
    }

    private void answer(Answer answer) {
      assertFalse(over, "answered twice");
      over = true;
      answered.accept(answer);
    }

    @Override
    public void cancel(GrpcStatus status, String why) {
      if (!over) {
        answer(
            new Answer(
                Answer.Kind.UNKNOWN,
                RpcException.client(status, why).processed(Processed.UNKNOWN).build()));
      }
    }
  }

  private static Answer answer(Answer.Kind kind, String id) {
    return switch (kind) {
      case TAKEN -> Answer.TAKEN;
      case GONE -> Answer.GONE;
      case FULL -> answer(kind, GrpcStatus.UNAVAILABLE, Processed.REFUSED, id + " is full");
      case UNREACHED -> answer(kind, GrpcStatus.UNAVAILABLE, Processed.NOT_SENT, id + " is away");
      case REFUSED -> answer(kind, GrpcStatus.INVALID_ARGUMENT, Processed.YES, id + " refuses");
      case UNKNOWN -> answer(kind, GrpcStatus.UNAVAILABLE, Processed.UNKNOWN, id + " broke");
    };
  }

  private static Answer answer(
      Answer.Kind kind, GrpcStatus status, Processed processed, String detail) {
    return new Answer(kind, RpcException.client(status, detail).processed(processed).build());
  }

  private Poster.Sent post(Target target, Buffer body, long nanos, Consumer<Answer> answered) {
    Post post = new Post(target.id(), body.toString(), nanos, answered);
    if (atOnce) {
      post.answer(Answer.Kind.TAKEN);
    } else {
      posts.add(post);
    }
    return post;
  }

  /** How a publish has ended, if it has. */
  private static final class Ended {
    private boolean over;
    private RpcException failure;

    RpcException failure() {
      assertTrue(over, "still open");
      assertNotNull(failure, "succeeded");
      return failure;
    }

    void assertSuccess() {
      assertTrue(over, "still open");
      assertNull(failure);
    }

    void assertOpen() {
      assertFalse(over);
    }
  }

  private Ended publish(String body) {
    return publish(body, null, false);
  }

  private Ended publish(String body, String onlyQueue, boolean idempotent) {
    Ended ended = new Ended();
    publishes.add(ended);
    outbox.publish(
        "news",
        Buffer.buffer(body),
        onlyQueue,
        idempotent,
        time.nanoTime() + Duration.ofSeconds(10).toNanos(),
        failure -> {
          assertFalse(ended.over, "ended twice");
          ended.over = true;
          ended.failure = failure;
        });
    return ended;
  }

  private Post next(String id, String body) {
    Post next = posts.poll();
    assertNotNull(next, "nothing was sent");
    assertEquals(id + " " + body, next.id + " " + next.body);
    return next;
  }

  private void assertNothingSent() {
    assertTrue(posts.isEmpty(), () -> posts.size() + " were sent");
  }

  @AfterEach
  void leavesNothingBehind() {
    outbox.close();
    // What a lane waits for, at most.
    time.advance(Duration.ofSeconds(1));
    publishes.forEach(publish -> assertTrue(publish.over));
    assertEquals(0, time.armed());
    assertEquals(0, outbox.slots().used());
    assertEquals(0, outbox.reserved());
    assertTrue(outbox.idle().isComplete());
  }

  private void bufferOf(int bytes) {
    outbox = outbox(new HttpBrokerOptions().setBufferSize(bytes));
  }

  @Test
  void publishesToNobody() {
    registry.with("other", null, "a");

    publish("1").assertSuccess();
    assertNothingSent();
  }

  @Test
  void succeedsWhenEverySubscriptionAndOneMemberOfEachGroupHaveIt() {
    registry.with("news", null, "a").with("news", null, "b");
    registry.with("news", "red", "c").with("news", "red", "d").with("news", "blue", "e");
    Ended publish = publish("1");

    for (String id : List.of("a", "b", "c", "e")) {
      publish.assertOpen();
      next(id, "1").answer(Answer.Kind.TAKEN);
    }

    publish.assertSuccess();
    assertNothingSent();
  }

  @Test
  void passesOverNodesOfOthersAndThoseWithoutAnAddress() {
    registry.with(
        Service.builder(GoMicroNode.SERVICE)
            .version(GoMicroNode.BROADCAST)
            .node(Node.builder("x", "127.0.0.1:1").metadata("topic", "news").build())
            .node(broken("y", "nowhere"))
            .node(broken("z", "a b:1"))
            .build());

    publish("1").assertSuccess();
    assertNothingSent();
  }

  private static Node broken(String id, String address) {
    return Node.builder(id, address).metadata("broker", "http").metadata("topic", "news").build();
  }

  @Test
  void knowsItsOwnSubscriptionsBeforeTheRegistryTells() {
    Service own = GoMicroNode.service("news", null, "own", "127.0.0.1:9", false);
    registry.with("news", null, "a");
    publish("1");
    next("a", "1").answer(Answer.Kind.TAKEN);

    outbox.add(own);
    publish("2");
    next("a", "2").answer(Answer.Kind.TAKEN);
    next("own", "2").answer(Answer.Kind.TAKEN);
    registry.with(own);
    publish("3");
    next("a", "3").answer(Answer.Kind.TAKEN);
    next("own", "3").answer(Answer.Kind.TAKEN);
    assertNothingSent();
    registry.without("own");
    outbox.remove("own");
    publish("4");
    next("a", "4").answer(Answer.Kind.TAKEN);
    assertNothingSent();
  }

  @Test
  void sendsOneAfterTheOtherToASubscription() {
    registry.with("news", null, "a").with("news", null, "b");
    publish("1");
    publish("2");

    Post first = next("a", "1");
    next("b", "1").answer(Answer.Kind.TAKEN);
    next("b", "2").answer(Answer.Kind.TAKEN);
    assertNothingSent();
    first.answer(Answer.Kind.TAKEN);
    next("a", "2").answer(Answer.Kind.TAKEN);
  }

  @Test
  void sendsNoMoreAtATimeThanAllowed() {
    outbox = outbox(new HttpBrokerOptions().setMaxRequests(2));
    registry.with("news", null, "a").with("news", null, "b").with("news", null, "c");
    Ended publish = publish("1");

    Post a = next("a", "1");
    Post b = next("b", "1");
    assertNothingSent();
    b.answer(Answer.Kind.TAKEN);
    next("c", "1").answer(Answer.Kind.TAKEN);
    a.answer(Answer.Kind.TAKEN);

    publish.assertSuccess();
  }

  @Test
  void sendsNoMoreAtATimeToOneProcessThanAllowed() {
    outbox = outbox(new HttpBrokerOptions().setPoolSize(1));
    for (String id : List.of("a", "b")) {
      registry.with(GoMicroNode.service("news", null, id, "127.0.0.1:9", false));
    }
    registry.with("news", null, "elsewhere");
    Ended publish = publish("1");

    Post a = next("a", "1");
    next("elsewhere", "1").answer(Answer.Kind.TAKEN);
    assertNothingSent();
    a.answer(Answer.Kind.TAKEN);
    next("b", "1").answer(Answer.Kind.TAKEN);

    publish.assertSuccess();
  }

  @Test
  void namesWhoHasNotTakenIt() {
    registry.with("news", null, "a").with("news", null, "b").with("news", null, "c");
    Ended publish = publish("1");

    next("a", "1").answer(Answer.Kind.UNKNOWN);
    next("b", "1").answer(Answer.Kind.TAKEN);
    next("c", "1").answer(Answer.Kind.REFUSED);

    RpcException failure = publish.failure();
    assertEquals(Processed.UNKNOWN, failure.processed());
    assertEquals(503, failure.code());
    assertTrue(failure.detail().contains("2 of 3"), failure::detail);
    assertTrue(failure.getCause().getMessage().contains("a broke"), failure::toString);
    assertTrue(failure.getSuppressed()[0].getMessage().contains("c refuses"));
  }

  @Test
  void saysThatNobodyHasItOnlyIfNobodyHas() {
    bufferOf(0);
    registry.with("news", null, "a").with("news", null, "b");

    Ended none = publish("1");
    next("a", "1").answer(Answer.Kind.UNREACHED);
    next("b", "1").answer(Answer.Kind.UNREACHED);
    Ended refused = publish("2");
    next("a", "2").answer(Answer.Kind.UNREACHED);
    next("b", "2").answer(Answer.Kind.FULL);
    Ended one = publish("3");
    next("a", "3").answer(Answer.Kind.TAKEN);
    next("b", "3").answer(Answer.Kind.UNREACHED);

    assertEquals(Processed.NOT_SENT, none.failure().processed());
    assertEquals(Processed.REFUSED, refused.failure().processed());
    assertEquals(Processed.UNKNOWN, one.failure().processed());
  }

  @Test
  void doesNotWaitForWhoHasGone() {
    registry.with("news", null, "a").with("news", null, "b");
    Ended publish = publish("1");

    next("a", "1").answer(Answer.Kind.GONE);
    next("b", "1").answer(Answer.Kind.TAKEN);

    publish.assertSuccess();
  }

  @Test
  void keepsTheOrderWhileASubscriptionCannotBeReached() {
    registry.with("news", null, "a");
    Ended first = publish("1");
    Ended second = publish("2");

    next("a", "1").answer(Answer.Kind.UNREACHED);
    assertNothingSent();
    Ended third = publish("3");
    time.advance(FIRST_WAIT);
    next("a", "1").answer(Answer.Kind.TAKEN);
    next("a", "2").answer(Answer.Kind.TAKEN);
    next("a", "3").answer(Answer.Kind.TAKEN);

    List.of(first, second, third).forEach(Ended::assertSuccess);
  }

  @Test
  void waitsLongerEachTime() {
    registry.with("news", null, "a");
    publish("1");

    for (int millis = 10; millis < 500; millis *= 2) {
      next("a", "1").answer(Answer.Kind.FULL);
      time.advance(Duration.ofMillis(millis - 1));
      assertNothingSent();
      time.advance(Duration.ofMillis(1));
    }
    next("a", "1").answer(Answer.Kind.FULL);
    time.advance(Duration.ofMillis(500));
    next("a", "1").answer(Answer.Kind.TAKEN);
  }

  @Test
  void givesUpWhoCannotBeReachedForLongAndTakesItBack() {
    outbox = outbox(new HttpBrokerOptions().setReachTimeout(Duration.ofMillis(50)));
    registry.with("news", null, "a");
    Ended first = publish("1");
    Ended second = publish("2");
    for (int wait : List.of(10, 20, 40)) {
      next("a", "1").answer(Answer.Kind.UNREACHED);
      time.advance(Duration.ofMillis(wait));
    }
    next("a", "1").answer(Answer.Kind.UNREACHED); // 70 ms after the first.

    assertEquals(Processed.NOT_SENT, first.failure().processed());
    assertEquals(503, second.failure().code());
    assertEquals(503, publish("3").failure().code());
    assertNothingSent();
    time.advance(Duration.ofMillis(500));
    Ended probe = publish("4");
    Ended behind = publish("5");
    next("a", "4").answer(Answer.Kind.UNREACHED);
    assertEquals(503, probe.failure().code());
    assertEquals(503, behind.failure().code());
    time.advance(Duration.ofMillis(500));
    Ended back = publish("6");
    next("a", "6").answer(Answer.Kind.TAKEN);
    back.assertSuccess();
    Ended usual = publish("7");
    next("a", "7").answer(Answer.Kind.TAKEN);
    usual.assertSuccess();
  }

  @Test
  void waitsForNobodyToBeReachedIfToldSo() {
    outbox = outbox(new HttpBrokerOptions().setReachTimeout(Duration.ZERO));
    registry.with("news", null, "a");
    Ended publish = publish("1");

    next("a", "1").answer(Answer.Kind.UNREACHED);

    assertEquals(Processed.NOT_SENT, publish.failure().processed());
  }

  @Test
  void waitsForWhoIsFullUntilTheTimeout() {
    registry.with("news", null, "a");
    Ended publish = publish("1");

    while (!publish.over) {
      next("a", "1").answer(Answer.Kind.FULL);
      time.advance(Duration.ofMillis(500));
    }

    RpcException failure = publish.failure();
    assertEquals(408, failure.code());
    assertEquals(Processed.REFUSED, failure.processed());
    assertTrue(failure.detail().contains("a is full"), failure::detail);
  }

  @Test
  void keepsNoMoreWaitingThanTheBufferHolds() {
    bufferOf(2);
    registry.with("news", null, "a");
    Ended first = publish("1");
    Ended second = publish("2");
    Ended third = publish("3");

    next("a", "1").answer(Answer.Kind.FULL);
    assertEquals(503, third.failure().code());
    assertEquals(503, publish("4").failure().code());
    time.advance(FIRST_WAIT);
    next("a", "1").answer(Answer.Kind.TAKEN);
    next("a", "2").answer(Answer.Kind.TAKEN);

    first.assertSuccess();
    second.assertSuccess();
  }

  @Test
  void aSubscriptionThatRestsHoldsUpNobodyElse() {
    registry.with("news", null, "a").with("news", null, "b");
    publish("1");

    next("a", "1").answer(Answer.Kind.FULL);
    next("b", "1").answer(Answer.Kind.TAKEN);
    publish("2");
    next("b", "2").answer(Answer.Kind.TAKEN);
    assertNothingSent();
  }

  @Test
  void whoLeavesTheRegistryMeanwhileIsNotWaitedFor() {
    registry.with("news", null, "a").with("news", null, "b");
    Ended first = publish("1");
    Ended second = publish("2");
    next("a", "1").answer(Answer.Kind.UNREACHED);
    next("b", "1").answer(Answer.Kind.TAKEN);
    next("b", "2").answer(Answer.Kind.TAKEN);

    registry.without("a");
    time.advance(FIRST_WAIT);

    first.assertSuccess();
    second.assertSuccess();
    assertNothingSent();
  }

  @Test
  void followsWhoMovesMeanwhile() {
    registry.with("news", null, "a");
    Ended publish = publish("1");
    next("a", "1").answer(Answer.Kind.UNREACHED);

    registry.without("a").with(GoMicroNode.service("news", null, "a", "127.0.0.1:7", true));
    time.advance(FIRST_WAIT);
    next("a", "1").answer(Answer.Kind.TAKEN);

    publish.assertSuccess();
  }

  @Test
  void anotherMemberGetsWhatOneCannotHave() {
    registry.with("news", "red", "a").with("news", "red", "b").with("news", "red", "c");
    registry.with("news", "red", "d");
    Ended publish = publish("1");

    next("a", "1").answer(Answer.Kind.UNREACHED);
    next("b", "1").answer(Answer.Kind.FULL);
    next("c", "1").answer(Answer.Kind.GONE);
    next("d", "1").answer(Answer.Kind.TAKEN);

    publish.assertSuccess();
  }

  @Test
  void allMembersAreTriedAgainAfterAWait() {
    registry.with("news", "red", "a").with("news", "red", "b");
    Ended publish = publish("1");

    next("a", "1").answer(Answer.Kind.FULL);
    next("b", "1").answer(Answer.Kind.UNREACHED);
    assertNothingSent();
    registry.without("b").with("news", "red", "c");
    time.advance(FIRST_WAIT);
    next("a", "1").answer(Answer.Kind.FULL);
    next("c", "1").answer(Answer.Kind.TAKEN);

    publish.assertSuccess();
  }

  @Test
  void aGroupThatNobodyIsInAnyMoreIsNotWaitedFor() {
    registry.with("news", "red", "a");
    Ended gone = publish("1");
    next("a", "1").answer(Answer.Kind.GONE);
    gone.assertSuccess();

    Ended left = publish("2");
    next("a", "2").answer(Answer.Kind.UNREACHED);
    registry.without("a");
    time.advance(FIRST_WAIT);
    left.assertSuccess();
  }

  @Test
  void failsAtOnceIfAllMembersAreGivenUp() {
    outbox = outbox(new HttpBrokerOptions().setReachTimeout(Duration.ZERO));
    registry.with("news", "red", "a").with("news", "red", "b");
    Ended first = publish("1");
    next("a", "1").answer(Answer.Kind.UNREACHED);
    next("b", "1").answer(Answer.Kind.UNREACHED);
    Ended second = publish("2");

    assertEquals(Processed.NOT_SENT, first.failure().processed());
    assertEquals(Processed.NOT_SENT, second.failure().processed());
    assertNothingSent();
  }

  @Test
  void noOtherMemberGetsWhatOneMayHave() {
    registry.with("news", "red", "a").with("news", "red", "b");
    Ended publish = publish("1");

    next("a", "1").answer(Answer.Kind.UNKNOWN);

    assertEquals(Processed.UNKNOWN, publish.failure().processed());
    assertNothingSent();
  }

  @Test
  void anotherMemberGetsWhatMayComeTwice() {
    registry.with("news", "red", "a").with("news", "red", "b");
    Ended taken = publish("1", null, true);
    next("a", "1").answer(Answer.Kind.UNKNOWN);
    next("b", "1").answer(Answer.Kind.TAKEN);
    taken.assertSuccess();

    Ended refused = publish("2", null, true);
    next("a", "2").answer(Answer.Kind.UNKNOWN);
    next("b", "2").answer(Answer.Kind.REFUSED);
    assertTrue(refused.failure().processed().compareTo(Processed.UNKNOWN) >= 0);
  }

  @Test
  void anEventForAGroupDoesNotGoWhereAnotherWaits() {
    registry.with("news", "red", "a").with("news", "red", "b");
    Ended first = publish("1");
    Ended second = publish("2");

    // The second stands behind the first at a.
    next("a", "1").answer(Answer.Kind.UNREACHED);
    next("b", "1").answer(Answer.Kind.TAKEN);
    next("a", "2").answer(Answer.Kind.TAKEN);

    first.assertSuccess();
    second.assertSuccess();
  }

  @Test
  void aTimeoutEndsWhatIsUnderWay() {
    registry.with("news", null, "a");
    Ended first = publish("1");
    time.advance(Duration.ofSeconds(6));
    Ended second = publish("2");
    Post mute = next("a", "1");
    assertEquals(Duration.ofSeconds(5).toNanos(), mute.timeoutNanos);

    time.advance(Duration.ofSeconds(4));

    assertTrue(mute.over);
    assertEquals(408, first.failure().code());
    assertEquals(Processed.UNKNOWN, first.failure().processed());
    Post behind = next("a", "2");
    assertEquals(Duration.ofSeconds(5).toNanos(), behind.timeoutNanos);
    time.advance(Duration.ofSeconds(2));
    second.assertOpen();
    behind.answer(Answer.Kind.TAKEN);
    second.assertSuccess();
  }

  @Test
  void whatHasNotLeftInTimeSaysSo() {
    registry.with("news", null, "a");
    publish("1");
    Ended second = publish("2");
    next("a", "1");

    time.advance(Duration.ofSeconds(10));

    assertEquals(408, second.failure().code());
    assertEquals(Processed.NOT_SENT, second.failure().processed());
    assertNothingSent();
  }

  @Test
  void keepsTheOrderOfWhatComesWhileTheRegistryIsAsked() {
    registry.with("news", null, "a");
    Promise<List<Service>> asked = registry.hangs();
    Ended first = publish("1");
    Ended second = publish("2");
    assertNothingSent();

    asked.complete(registry.listed());

    next("a", "1").answer(Answer.Kind.TAKEN);
    next("a", "2").answer(Answer.Kind.TAKEN);
    first.assertSuccess();
    second.assertSuccess();
  }

  @Test
  void failsAtOnceIfTheRegistryDoes() {
    registry.fails(new IllegalStateException("broken"));

    RpcException failure = publish("1").failure();

    assertEquals(503, failure.code());
    assertEquals(Processed.NOT_SENT, failure.processed());
    assertTrue(failure.detail().contains("broken"), failure::detail);
  }

  @Test
  void aRegistryThatDoesNotAnswerEndsWithTheTimeout() {
    registry.with("news", null, "a");
    Promise<List<Service>> asked = registry.hangs();
    Ended publish = publish("1");

    time.advance(Duration.ofSeconds(10));

    assertEquals(408, publish.failure().code());
    assertEquals(Processed.NOT_SENT, publish.failure().processed());
    asked.complete(registry.listed());
    assertNothingSent();
  }

  @Test
  void aCloseEndsAllThatIsOpen() {
    registry.with("news", null, "a").with("news", null, "b").with("news", "red", "c");
    Ended publish = publish("1");
    Post underWay = next("a", "1");
    next("b", "1").answer(Answer.Kind.FULL);
    next("c", "1").answer(Answer.Kind.FULL);
    var idle = outbox.idle();
    assertFalse(idle.isComplete());

    outbox.close();

    assertTrue(underWay.over);
    assertEquals(503, publish.failure().code());
    assertEquals(Processed.UNKNOWN, publish.failure().processed());
    assertTrue(idle.isComplete());
    assertEquals(Processed.NOT_SENT, publish("2").failure().processed());
    assertNothingSent();
  }

  @Test
  void whatIsHandedOverMustBeTaken() {
    registry.with("news", null, "a").with("news", "red", "b").with("news", "blue", "c");
    Ended red = publish("1", "red", false);
    next("b", "1").answer(Answer.Kind.TAKEN);
    red.assertSuccess();
    assertNothingSent();

    Ended blue = publish("2", "blue", false);
    next("c", "2").answer(Answer.Kind.GONE);
    assertEquals(503, blue.failure().code());
    assertEquals(503, publish("3", "green", false).failure().code());
  }

  /** As a poster may, if it cannot even begin. */
  @Test
  void answersThatComeAtOnceNeedNoDeepStack() {
    registry.with("news", null, "a");
    Ended first = publish("first");
    for (int i = 0; i < 20_000; i++) {
      publish("" + i);
    }
    Post underWay = posts.remove();
    atOnce = true;

    underWay.answer(Answer.Kind.TAKEN);

    first.assertSuccess();
    publishes.forEach(Ended::assertSuccess);
  }
}
