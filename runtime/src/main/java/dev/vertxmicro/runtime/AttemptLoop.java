// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime;

import dev.vertxmicro.codec.Codec;
import dev.vertxmicro.codec.CodecException;
import dev.vertxmicro.codec.Message;
import dev.vertxmicro.errors.AttemptFailure;
import dev.vertxmicro.errors.GrpcStatus;
import dev.vertxmicro.errors.Phase;
import dev.vertxmicro.errors.PhaseTimes;
import dev.vertxmicro.errors.Processed;
import dev.vertxmicro.errors.RpcError;
import dev.vertxmicro.errors.RpcException;
import dev.vertxmicro.metadata.Metadata;
import dev.vertxmicro.registry.Node;
import dev.vertxmicro.runtime.retry.CallInfo;
import dev.vertxmicro.runtime.retry.LatencyWindow;
import dev.vertxmicro.runtime.retry.RetryBudget;
import dev.vertxmicro.selector.Next;
import dev.vertxmicro.time.Deadline;
import dev.vertxmicro.time.Timer;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One call: starts attempts, one after another (retries) or side by side (hedges), until one
 * succeeds, none is worth starting, the deadline comes or the caller cancels.
 *
 * <p>Attempts report to this one owner on the context of the call. What happens when one fails:
 *
 * <ol>
 *   <li>No server saw the request and there is a node the call has not tried: again at once
 *       (transparent retry), outside of retries and budget.
 *   <li>Hedging: the next hedge starts at once if the policy calls the failure retryable; the call
 *       fails only when no attempt is open any more. A fast failure never beats a hedge that may
 *       still succeed.
 *   <li>Retrying: if retries are left, the server did not forbid it (pushback below zero), the
 *       policy agrees and the budget pays, after the pushback or the backoff. A wait that would end
 *       behind the deadline is not begun.
 * </ol>
 *
 * Once the call has ended nothing of it is sent: attempts and timers are cancelled first, then the
 * caller is told.
 *
 * <p>Called by {@link RuntimeRpcClient}; calls the selector and {@link Attempt}.
 */
final class AttemptLoop<R> extends OpenCalls.Entry implements RpcCall<R>, CallInfo {

  private static final String PUSHBACK = "grpc-retry-pushback-ms";

  /** A pushback longer than any deadline is as good as none. */
  private static final int MOST_PUSHBACK_DIGITS = 9;

  // Set once; may be read from any thread.
  private final ClientCore core;
  private final CallPlan plan;
  private final Request<?, R> request;
  private final Metadata metadata;
  private final Deadline deadline;
  private final Context context;
  private final Promise<Reply<R>> promise;
  private final long startNanos;

  // Touched on the context of the call only.
  private @Nullable Message message;
  private @Nullable Codec codec;
  private @Nullable Next next;
  private @Nullable RetryBudget budget;
  private @Nullable LatencyWindow latencies;
  private @Nullable Timer deadlineTimer;
  private @Nullable Timer pause;
  private Phase pausePhase = Phase.BACKOFF;
  private long pausedSince;
  private PhaseTimes waited = PhaseTimes.NONE;
  private final List<Attempt> open = new ArrayList<>(1);
  private @Nullable List<AttemptFailure> failures;
  private @Nullable List<RpcException> earlier;
  private int started;
  private int retried;
  private int transparent;
  private boolean hedgesFrozen;
  private boolean selecting;
  private boolean starting;
  private boolean startAgain;
  private boolean ended;

  AttemptLoop(
      ClientCore core,
      CallPlan plan,
      Request<?, R> request,
      Metadata metadata,
      Deadline deadline,
      Context context) {
    this.core = core;
    this.plan = plan;
    this.request = request;
    this.metadata = metadata;
    this.deadline = deadline;
    this.context = context;
    this.promise = Contexts.promise(context);
    this.startNanos = core.time().nanoTime();
  }

  // ---- what wrappers, policies and attempts ask

  ClientCore core() {
    return core;
  }

  CallPlan plan() {
    return plan;
  }

  Request<?, R> request() {
    return request;
  }

  Message message() {
    return Objects.requireNonNull(message, "message");
  }

  @Override
  public String service() {
    return request.service();
  }

  @Override
  public String endpoint() {
    return request.endpoint();
  }

  @Override
  public boolean idempotent() {
    return plan.idempotent();
  }

  @Override
  public Metadata metadata() {
    return metadata;
  }

  @Override
  public Deadline deadline() {
    return deadline;
  }

  /** Returns how many attempts before {@code attempt} may have reached a server. */
  int sentBefore(Attempt attempt) {
    int sent = 0;
    if (failures != null) {
      for (AttemptFailure failure : failures) {
        sent += failure.processed().isSafeToResend() ? 0 : 1;
      }
    }
    for (Attempt other : open) {
      sent += other != attempt && other.isSent() ? 1 : 0;
    }
    return sent;
  }

  @Override
  public Future<R> reply() {
    return promise.future().map(Reply::body);
  }

  @Override
  public Future<Reply<R>> response() {
    return promise.future();
  }

  // ---- the walk of the call

  /** Begins the call. Called once, on its context. */
  void start() {
    core.observer().callStarted(this);
    RpcException refused = core.openCalls().add(this);
    if (refused != null) {
      fail(refused);
      return;
    }
    if (deadline.isExpired()) {
      fail(deadlineExceeded());
      return;
    }
    try {
      message = encode();
    } catch (RpcException unfit) {
      fail(unfit);
      return;
    }
    budget = core.budget(request.service());
    if (budget != null) {
      budget.deposit();
    }
    if (!deadline.isNone()) {
      deadlineTimer = core.time().timer(deadline.remainingNanos(), this::expired);
    }
    guarded(
        () ->
            pauseThen(Phase.BACKOFF, plan.backoff().delay(this, 0).toNanos(), this::startAttempt));
  }

  private Message encode() {
    String contentType = plan.contentType();
    try {
      if (contentType == null) {
        contentType = core.contentTypes().of(plan.protocol(), request.body().getClass());
      }
      Codec found = core.codecs().find(contentType);
      if (found == null) {
        throw RpcException.client(
                GrpcStatus.INTERNAL,
                "unsupported Content-Type: "
                    + contentType
                    + " (known: "
                    + core.codecs().contentTypes()
                    + ")")
            .build();
      }
      codec = found;
      Message encoded =
          Message.request(request.service(), request.endpoint())
              .headers(metadata)
              .contentType(contentType)
              .body(found.encode(request.body()))
              .build();
      if (encoded.body().length() > plan.maxRequestBytes()) {
        throw RpcException.client(
                GrpcStatus.RESOURCE_EXHAUSTED,
                "request body: "
                    + encoded.body().length()
                    + " bytes (expected: at most "
                    + plan.maxRequestBytes()
                    + ")")
            .build();
      }
      return encoded;
    } catch (IllegalArgumentException | CodecException unfit) {
      throw RpcException.client(GrpcStatus.INTERNAL, "request " + unfit.getMessage())
          .cause(unfit)
          .build();
    }
  }

  /** Reads a reply; fails as the server's doing, since it has acted. */
  Reply<R> decode(Message reply, Node node) {
    try {
      Codec reads = Objects.requireNonNull(codec, "codec");
      R body = reads.decode(reply.body(), request.replyType());
      return Reply.of(body, reply.headers(), reply.trailers(), node);
    } catch (CodecException unfit) {
      throw unreadable(unfit);
    }
  }

  static RpcException unreadable(CodecException unfit) {
    return RpcException.client(GrpcStatus.INTERNAL, "reply " + unfit.getMessage())
        .processed(Processed.YES)
        .cause(unfit)
        .build();
  }

  /** Starts the next attempt, selecting first if this is the first. */
  private void startAttempt() {
    // An attempt may fail before start() returns: a loop instead of recursion over all nodes.
    if (starting) {
      startAgain = true;
      return;
    }
    starting = true;
    do {
      startAgain = false;
      if (ended || selecting) {
        break;
      }
      if (next == null) {
        select();
      } else {
        startOn(next);
      }
    } while (startAgain);
    starting = false;
  }

  private void select() {
    selecting = true;
    pausedSince = core.time().nanoTime();
    Future<Next> selection = core.select(this);
    if (selection.succeeded()) {
      selected(selection.result());
    } else {
      onContext(selection, this::selected, failure -> selectFailed(RpcException.from(failure)));
    }
  }

  private void selected(Next found) {
    selecting = false;
    if (ended) {
      return;
    }
    spent(Phase.SELECT);
    next = found;
    startOn(found);
  }

  private void selectFailed(RpcException failure) {
    selecting = false;
    if (ended) {
      return;
    }
    spent(Phase.SELECT);
    if (waitsFor(failure)) {
      pauseThen(Phase.BACKOFF, waitForReadyNanos(), this::startAttempt);
    } else {
      fail(failure);
    }
  }

  private void startOn(Next choice) {
    int number = started++;
    Deadline attemptDeadline = attemptDeadline();
    Attempt attempt = new Attempt(this, number, attemptDeadline);
    open.add(attempt);
    attempt.start(choice, attemptDeadline != deadline);
    if (!ended && !startAgain && plan.hedges()) {
      armHedge();
    }
  }

  private Deadline attemptDeadline() {
    long own = plan.attemptTimeoutNanos();
    if (own == 0) {
      int left = plan.retries() - retried;
      if (!plan.idempotent() || plan.hedges() || left <= 0 || deadline.isNone()) {
        return deadline;
      }
      own = deadline.remainingNanos() / (left + 1);
    }
    return own < deadline.remainingNanos() ? Deadline.afterNanos(own, core.time()) : deadline;
  }

  // ---- attempts report

  void succeeded(Attempt attempt, Reply<?> reply) {
    open.remove(attempt);
    if (ended) {
      return;
    }
    recordLatency();
    end();
    @SuppressWarnings("unchecked") // decoded as R, or made by a wrapper that answers for its type
    Reply<R> typed = (Reply<R>) reply;
    core.observer().callEnded(this, null, started);
    promise.complete(typed.withAttempts(started));
    core.openCalls().remove(this);
  }

  /** There is no node to try: not a matter for policies, unless the caller waits for one. */
  void foundNoNode(Attempt attempt, RpcException failure) {
    open.remove(attempt);
    remember(attempt, failure);
    if (waitsFor(failure)) {
      pauseThen(Phase.BACKOFF, waitForReadyNanos(), this::startAttempt);
    } else if (open.isEmpty()) {
      fail(failure);
    }
  }

  void failed(Attempt attempt, RpcException failure) {
    open.remove(attempt);
    if (ended) {
      return;
    }
    remember(attempt, failure);
    if (isTransparent(failure)) {
      transparent++;
      startAttempt();
    } else if (plan.hedges()) {
      guarded(() -> hedgeFailed(attempt, failure));
    } else {
      guarded(() -> retryOrFail(attempt, failure));
    }
  }

  private boolean isTransparent(RpcException failure) {
    return plan.transparentRetries()
        && failure.processed().isSafeToResend()
        && isNodesFault(failure)
        && next != null
        && transparent + 1 < next.size();
  }

  private static boolean isNodesFault(RpcException failure) {
    return failure.grpcStatus() == GrpcStatus.UNAVAILABLE
        || failure.grpcStatus() == GrpcStatus.RESOURCE_EXHAUSTED;
  }

  private void retryOrFail(Attempt attempt, RpcException failure) {
    if (waitsFor(failure)) {
      pauseThen(Phase.BACKOFF, waitForReadyNanos(), this::startAttempt);
      return;
    }
    long pushback = pushbackNanos(failure);
    if (retried >= plan.retries()
        || pushback < 0
        || !plan.retryPolicy().retry(this, attempt.number(), failure)
        || !pays()) {
      fail(failure);
      return;
    }
    retried++;
    long delay = pushback > 0 ? pushback : plan.backoff().delay(this, retried).toNanos();
    if (delay >= deadline.remainingNanos()) {
      fail(failure);
      return;
    }
    pauseThen(Phase.BACKOFF, delay, this::startAttempt);
  }

  private void hedgeFailed(Attempt attempt, RpcException failure) {
    long pushback = pushbackNanos(failure);
    boolean retryable = plan.retryPolicy().retry(this, attempt.number(), failure);
    if (!retryable) {
      fail(failure);
      return;
    }
    if (pushback < 0) {
      hedgesFrozen = true;
      disarmPause();
    }
    boolean more = !hedgesFrozen && attemptsCounted() < plan.hedge().maxAttempts();
    if (more && pushback > 0 && pushback < deadline.remainingNanos()) {
      disarmPause();
      pauseThen(Phase.BACKOFF, pushback, this::startHedge);
    } else if (more && pays()) {
      disarmPause();
      startAttempt();
    } else if (open.isEmpty()) {
      fail(failure);
    }
  }

  private void armHedge() {
    if (hedgesFrozen || pause != null || attemptsCounted() >= plan.hedge().maxAttempts()) {
      return;
    }
    long delay = plan.hedgeDelayNanos(latencies());
    if (delay >= 0 && delay < deadline.remainingNanos()) {
      pause = core.time().timer(delay, this::startHedge);
    }
  }

  private void startHedge() {
    pause = null;
    if (pays()) {
      startAttempt();
    } else if (open.isEmpty()) {
      fail(lastFailure());
    }
  }

  /** Returns the attempts that count against the most: not those that no server saw. */
  private int attemptsCounted() {
    return started - transparent;
  }

  private boolean pays() {
    if (budget == null || budget.withdraw()) {
      return true;
    }
    core.observer().limitReached("retry-budget");
    return false;
  }

  /** Returns the server's wish in nanoseconds, 0 if there is none, -1 if it wants no retry. */
  private static long pushbackNanos(RpcException failure) {
    String text = failure.metadata().get(PUSHBACK);
    if (text == null) {
      return 0;
    }
    if (text.isEmpty() || text.length() > MOST_PUSHBACK_DIGITS) {
      return -1;
    }
    for (int i = 0; i < text.length(); i++) {
      if (text.charAt(i) < '0' || text.charAt(i) > '9') {
        return -1;
      }
    }
    return Math.max(1, Long.parseLong(text) * 1_000_000);
  }

  private boolean waitsFor(RpcException failure) {
    return plan.waitForReady()
        && failure.processed() == Processed.NOT_SENT
        && (isNodesFault(failure) || failure.grpcStatus() == GrpcStatus.NOT_FOUND)
        && !core.isClosed();
  }

  private long waitForReadyNanos() {
    long delay = CallOptions.DEFAULT_BACKOFF.delay(this, Math.max(1, started)).toNanos();
    return Math.max(1_000_000, delay);
  }

  // ---- the ends of a call

  @Override
  public void cancel(String reason) {
    if (Vertx.currentContext() == context) {
      cancelNow(reason);
    } else {
      context.runOnContext(here -> cancelNow(reason));
    }
  }

  private void cancelNow(String reason) {
    if (!ended) {
      RpcError error = new RpcError(RpcError.CLIENT_ID, 499, reason, "Client Closed Request");
      fail(RpcException.of(error, GrpcStatus.CANCELLED).processed(processedSoFar()).build());
    }
  }

  /** Fails the call because its client closes. May be called from any thread. */
  @Override
  void closed() {
    context.runOnContext(
        here -> {
          if (!ended) {
            fail(
                RpcException.client(GrpcStatus.UNAVAILABLE, "the client was closed")
                    .processed(processedSoFar())
                    .build());
          }
        });
  }

  private void expired() {
    deadlineTimer = null;
    if (!ended) {
      recordLatency();
      fail(deadlineExceeded());
    }
  }

  private RpcException deadlineExceeded() {
    return RpcException.client(GrpcStatus.DEADLINE_EXCEEDED, "deadline exceeded")
        .processed(processedSoFar())
        .build();
  }

  private Processed processedSoFar() {
    Processed worst = Processed.NOT_SENT;
    if (failures != null) {
      for (AttemptFailure failure : failures) {
        worst = failure.processed().compareTo(worst) > 0 ? failure.processed() : worst;
      }
    }
    for (Attempt attempt : open) {
      worst = attempt.isSent() && worst != Processed.YES ? Processed.UNKNOWN : worst;
    }
    return worst;
  }

  /** Ends the call with a failure, told what only the call knows. */
  private void fail(RpcException failure) {
    PhaseTimes times = timesSoFar();
    List<AttemptFailure> all = failures == null ? new ArrayList<>() : failures;
    boolean late = failure.grpcStatus() == GrpcStatus.DEADLINE_EXCEEDED;
    for (Attempt attempt : open) {
      all.add(attempt.describe(late ? attempt.tooLate() : failure));
    }
    AttemptFailure last = all.isEmpty() ? null : all.get(all.size() - 1);
    RpcException told =
        failure.toBuilder()
            .target(request.service(), request.endpoint())
            .node(last == null ? null : last.nodeId())
            .attempt(Math.max(1, started), Math.max(started, plan.retries() + 1))
            .elapsed(Duration.ofNanos(core.time().nanoTime() - startNanos))
            .times(times)
            .attempts(all)
            .suppressed(earlierThan(failure))
            .build();
    if (late) {
      for (Attempt attempt : List.copyOf(open)) {
        attempt.expire();
      }
    }
    end();
    core.observer().callEnded(this, told, started);
    promise.fail(told);
    core.openCalls().remove(this);
  }

  private List<RpcException> earlierThan(RpcException failure) {
    if (earlier == null) {
      return List.of();
    }
    List<RpcException> before = new ArrayList<>(earlier);
    before.remove(failure);
    return before;
  }

  private PhaseTimes timesSoFar() {
    PhaseTimes times = waited;
    if (selecting || (pause != null && open.isEmpty())) {
      times =
          times.plus(selecting ? Phase.SELECT : pausePhase, core.time().nanoTime() - pausedSince);
    }
    if (failures != null) {
      for (AttemptFailure failure : failures) {
        times = times.plus(failure.times());
      }
    }
    for (Attempt attempt : open) {
      times = times.plus(attempt.times());
    }
    return times;
  }

  /** Cancels everything that could still send. The caller is told after that, then the client. */
  private void end() {
    ended = true;
    if (deadlineTimer != null) {
      deadlineTimer.cancel();
      deadlineTimer = null;
    }
    disarmPause();
    for (int i = open.size() - 1; i >= 0; i--) {
      open.get(i).cancel();
    }
    open.clear();
  }

  // ---- small parts

  private void remember(Attempt attempt, RpcException failure) {
    if (failures == null) {
      failures = new ArrayList<>(2);
      earlier = new ArrayList<>(2);
    }
    failures.add(attempt.describe(failure));
    Objects.requireNonNull(earlier, "earlier").add(failure);
  }

  private RpcException lastFailure() {
    List<RpcException> all = Objects.requireNonNull(earlier, "earlier");
    return all.get(all.size() - 1);
  }

  private void pauseThen(Phase phase, long nanos, Runnable then) {
    if (nanos <= 0) {
      then.run();
      return;
    }
    pausePhase = phase;
    pausedSince = core.time().nanoTime();
    pause =
        core.time()
            .timer(
                nanos,
                () -> {
                  pause = null;
                  spent(phase);
                  then.run();
                });
  }

  private void disarmPause() {
    if (pause != null) {
      pause.cancel();
      pause = null;
    }
  }

  private void spent(Phase phase) {
    waited = waited.plus(phase, core.time().nanoTime() - pausedSince);
  }

  /** Policies are the user's code: one that throws ends the call instead of leaving it open. */
  private void guarded(Runnable step) {
    try {
      step.run();
    } catch (RuntimeException broken) {
      if (ended) {
        throw broken;
      }
      fail(
          RpcException.client(GrpcStatus.INTERNAL, "backoff or retry policy failed: " + broken)
              .processed(processedSoFar())
              .cause(broken)
              .build());
    }
  }

  private @Nullable LatencyWindow latencies() {
    if (latencies == null) {
      latencies = core.latencies(this, plan.hedge());
    }
    return latencies;
  }

  private void recordLatency() {
    if (latencies != null) {
      latencies.record(core.time().nanoTime() - startNanos);
    }
  }

  /** Brings the outcome of a future that may complete anywhere to the context of the call. */
  <T> void onContext(Future<T> future, Consumer<? super T> success, Consumer<Throwable> failure) {
    future.onComplete(
        done -> {
          if (Vertx.currentContext() == context) {
            accept(future, success, failure);
          } else {
            context.runOnContext(here -> accept(future, success, failure));
          }
        });
  }

  private static <T> void accept(
      Future<T> future, Consumer<? super T> success, Consumer<Throwable> failure) {
    if (future.succeeded()) {
      success.accept(future.result());
    } else {
      failure.accept(future.cause());
    }
  }

  @Override
  public String toString() {
    return "AttemptLoop[" + request + ", started=" + started + ", open=" + open + "]";
  }
}
