// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.samples;

import dev.vertxmicro.errors.AttemptFailure;
import dev.vertxmicro.errors.GrpcStatus;
import dev.vertxmicro.errors.Phase;
import dev.vertxmicro.errors.RpcException;
import dev.vertxmicro.runtime.CallOption;
import dev.vertxmicro.runtime.Reply;
import io.vertx.core.AsyncResult;
import io.vertx.core.Future;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;

/** Makes every node slow; a call with a deadline ends in time and says where its time went. */
final class DeadlineScene implements Scene {

  private static final Duration PACE = Duration.ofSeconds(30);
  private static final Duration TIMEOUT = Duration.ofMillis(600);

  @Override
  public String title() {
    return "Every node is slow: the deadline ends the call, and it says where its time went";
  }

  @Override
  public Future<Void> play(Stage stage) {
    List<Greeter> alive = stage.alive();
    alive.forEach(greeter -> greeter.slowDown(PACE));
    return stage
        .hello(
            "nobody", CallOption.timeout(TIMEOUT), CallOption.idempotent(), CallOption.retries(1))
        .transform(ended -> Future.succeededFuture(failureOf(ended)))
        .map(failure -> explained(stage, failure))
        // The deadline travelled with the requests: the nodes gave up by themselves, or were told.
        .compose(said -> Future.all(alive.stream().map(Greeter::speedUp).toList()))
        .onSuccess(idle -> stage.say("The nodes have stopped working on it"))
        .mapEmpty();
  }

  private RpcException failureOf(AsyncResult<Reply<Greeting>> ended) {
    Check.that(ended.failed(), "a call that fails at its deadline", "a reply");
    return RpcException.from(ended.cause());
  }

  private Void explained(Stage stage, RpcException failure) {
    Check.that(
        failure.grpcStatus() == GrpcStatus.DEADLINE_EXCEEDED && failure.code() == 408,
        "code 408, DEADLINE_EXCEEDED",
        failure.getMessage());
    Check.that(!failure.attempts().isEmpty(), "the story of each attempt", "none");
    Duration waited = failure.times().in(Phase.WAIT);
    Check.that(
        Arrays.stream(Phase.values())
            .allMatch(phase -> failure.times().in(phase).compareTo(waited) <= 0),
        "most of the time spent waiting",
        failure.times());
    stage.say(
        "A call with %d ms for up to 2 attempts failed: %d %s, processed %s"
            .formatted(
                TIMEOUT.toMillis(), failure.code(), failure.grpcStatus(), failure.processed()));
    stage.say("Its time: %s".formatted(failure.times()));
    for (AttemptFailure attempt : failure.attempts()) {
      stage.say(
          "Attempt %d, %s: %s".formatted(attempt.number() + 1, attempt.nodeId(), attempt.times()));
    }
    return null;
  }
}
