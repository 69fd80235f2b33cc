// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime;

import dev.vertxmicro.broker.Broker;
import dev.vertxmicro.broker.PublishOption;
import dev.vertxmicro.broker.PublishOptions;
import dev.vertxmicro.codec.CodecException;
import dev.vertxmicro.codec.Message;
import dev.vertxmicro.errors.GrpcStatus;
import dev.vertxmicro.errors.Processed;
import dev.vertxmicro.errors.RpcException;
import dev.vertxmicro.metadata.Metadata;
import dev.vertxmicro.runtime.retry.CallInfo;
import dev.vertxmicro.runtime.retry.RetryPolicy;
import dev.vertxmicro.time.Deadline;
import dev.vertxmicro.time.Nanos;
import dev.vertxmicro.time.Timer;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.buffer.Buffer;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * One publish: encodes once, connects the broker if need be, hands it the event, and again after a
 * failure that allows it, until the broker has taken the event or the time is over.
 *
 * <p>The event has one id however often it is handed over, so that subscribers can tell a
 * duplicate. Once the publish has ended nothing more is handed to the broker; what the broker has
 * already cannot be taken back, and then the failure says UNKNOWN.
 *
 * <p>Called by {@link RuntimeRpcClient}; runs on the context of the caller.
 */
final class PublishLoop extends OpenCalls.Entry implements CallInfo {

  /** Tried in this order for a body whose publication names no content type. */
  private static final List<String> CONTENT_TYPES =
      List.of("application/protobuf", "application/octet-stream", "application/json");

  private final ClientCore core;
  private final CallPlan plan;
  private final Publication<?> publication;
  private final PublishOptions options;
  private final Metadata metadata;
  private final Deadline deadline;
  private final Context context;
  private final Promise<Void> promise;
  private final long startNanos;

  private @Nullable Message message;
  private @Nullable Timer pause;
  private Processed processed = Processed.NOT_SENT;
  private int attempts;
  private boolean ended;

  PublishLoop(
      ClientCore core,
      CallPlan plan,
      Publication<?> publication,
      PublishOptions options,
      Metadata metadata,
      Deadline deadline,
      Context context) {
    this.core = core;
    this.plan = plan;
    this.publication = publication;
    this.options = options;
    this.metadata = metadata;
    this.deadline = deadline;
    this.context = context;
    this.promise = Contexts.promise(context);
    this.startNanos = core.time().nanoTime();
  }

  // ---- what policies ask

  /** Returns the topic. */
  @Override
  public String service() {
    return publication.topic();
  }

  /** Returns nothing: a topic has no endpoints. */
  @Override
  public String endpoint() {
    return "";
  }

  @Override
  public boolean idempotent() {
    return options.isIdempotent();
  }

  @Override
  public Metadata metadata() {
    return metadata;
  }

  @Override
  public Deadline deadline() {
    return deadline;
  }

  Future<Void> done() {
    return promise.future();
  }

  // ---- the walk of a publish

  /** Begins. Called once, on the context. */
  void start() {
    core.observer().publishStarted(publication.topic());
    RpcException refused = core.openCalls().add(this);
    long now = core.time().nanoTime();
    long left = deadline.remainingNanos(now);
    if (refused != null || left <= 0) {
      fail(refused != null ? refused : expiredBeforeTaken());
      return;
    }
    core.armDeadline(this, now + left);
    try {
      message = encode();
    } catch (RpcException unfit) {
      fail(unfit);
      return;
    }
    attempt();
  }

  private Message encode() {
    try {
      String contentType = publication.contentType();
      if (contentType == null) {
        contentType = core.codecs().contentTypeFor(publication.body().getClass(), CONTENT_TYPES);
      }
      Buffer body = core.codecs().encode(contentType, publication.body());
      if (body.length() > plan.maxRequestBytes()) {
        throw CallBody.tooLarge(body.length(), plan.maxRequestBytes());
      }
      return Message.event(publication.topic())
          .id(UUID.randomUUID().toString())
          .headers(metadata)
          .contentType(contentType)
          .body(body)
          .build();
    } catch (RpcException known) {
      throw known;
    } catch (IllegalArgumentException | CodecException unfit) {
      throw RpcException.client(GrpcStatus.INTERNAL, "event " + unfit.getMessage())
          .cause(unfit)
          .build();
    } catch (Throwable thrown) {
      throw AttemptLoop.broken("codec", thrown);
    }
  }

  private void attempt() {
    pause = null;
    attempts++;
    Broker broker = core.broker();
    Future<Void> connected;
    try {
      connected = Objects.requireNonNull(broker.connect(), "connect returned null");
    } catch (Throwable thrown) {
      fail(AttemptLoop.broken("broker", thrown));
      return;
    }
    if (connected.succeeded()) {
      handOver(broker);
    } else {
      Contexts.on(context, connected, done -> handOver(broker), this::failed);
    }
  }

  private void handOver(Broker broker) {
    if (ended) {
      return;
    }
    Message event = Objects.requireNonNull(message, "message");
    Processed before = processed;
    processed = Processed.UNKNOWN;
    Future<Void> taken;
    try {
      taken =
          Objects.requireNonNull(
              broker.publish(publication.topic(), event, ownOptions()), "publish returned null");
    } catch (Throwable thrown) {
      processed = before;
      fail(AttemptLoop.broken("broker", thrown));
      return;
    }
    Contexts.on(
        context,
        taken,
        done -> succeed(),
        thrown -> {
          processed = before;
          failed(thrown);
        });
  }

  /** The broker need not know of retries, and has the time that is left. */
  private PublishOption ownOptions() {
    return own ->
        own.setExchange(options.getExchange())
            .setTimeout(Duration.ofNanos(Math.max(1, deadline.remainingNanos())));
  }

  private void succeed() {
    if (ended) {
      return;
    }
    end(null);
    promise.complete();
    core.openCalls().remove(this);
  }

  private void failed(Throwable thrown) {
    if (ended) {
      return;
    }
    RpcException failure = RpcException.from(thrown);
    processed = AttemptHistory.worse(processed, failure.processed());
    if (attempts <= options.getRetries() && RetryPolicy.safe().retry(this, attempts - 1, failure)) {
      again(failure);
    } else {
      fail(failure);
    }
  }

  private void again(RpcException failure) {
    long wait;
    try {
      wait = Nanos.of(plan.backoff().delay(this, attempts));
    } catch (Throwable thrown) {
      fail(AttemptLoop.broken("backoff", thrown));
      return;
    }
    if (ended) {
      return; // The backoff is the user's code, and may have closed the client.
    }
    if (wait >= deadline.remainingNanos()) {
      fail(failure);
    } else if (wait <= 0) {
      attempt();
    } else {
      pause = core.time().timer(wait, this::attempt);
    }
  }

  // ---- the ends

  /** The deadline has come, or does not matter any more. */
  @Override
  protected void disarmed() {
    core.observer().timerEnded();
  }

  /** The deadline has come. */
  @Override
  protected void ring() {
    fail(expiredBeforeTaken());
  }

  private static RpcException expiredBeforeTaken() {
    return RpcException.client(
            GrpcStatus.DEADLINE_EXCEEDED, "the broker did not take the event in time")
        .build();
  }

  @Override
  void closed() {
    context.runOnContext(
        here -> fail(RpcException.client(GrpcStatus.UNAVAILABLE, "the client was closed").build()));
  }

  private void fail(RpcException failure) {
    if (ended) {
      return;
    }
    RpcException told =
        failure.toBuilder()
            .target(publication.topic(), "")
            .processed(AttemptHistory.worse(processed, failure.processed()))
            .attempt(Math.max(1, attempts), options.getRetries() + 1)
            .elapsed(Duration.ofNanos(core.time().nanoTime() - startNanos))
            .build();
    end(told);
    promise.fail(told);
    core.openCalls().remove(this);
  }

  private void end(@Nullable RpcException failure) {
    ended = true;
    disarm();
    if (pause != null) {
      pause.cancel();
      pause = null;
    }
    core.openCalls().makeRoom(this);
    core.observer().publishEnded(publication.topic(), failure, attempts);
  }

  @Override
  public String toString() {
    return "PublishLoop[" + publication + ", attempts=" + attempts + "]";
  }
}
