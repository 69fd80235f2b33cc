// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime;

import dev.vertxmicro.codec.Message;
import dev.vertxmicro.errors.GrpcStatus;
import dev.vertxmicro.errors.Phase;
import dev.vertxmicro.errors.PhaseTimes;
import dev.vertxmicro.errors.Processed;
import dev.vertxmicro.errors.RpcException;
import dev.vertxmicro.metadata.Metadata;
import dev.vertxmicro.registry.Node;
import dev.vertxmicro.runtime.retry.CallInfo;
import dev.vertxmicro.runtime.retry.RetryBudget;
import dev.vertxmicro.runtime.transport.Exchange;
import dev.vertxmicro.runtime.transport.SendOptions;
import dev.vertxmicro.runtime.transport.Transport;
import dev.vertxmicro.selector.Next;
import dev.vertxmicro.time.Deadline;
import dev.vertxmicro.time.Nanos;
import dev.vertxmicro.time.Timer;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.util.Objects;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One call or stream: starts attempts, one after another (retries) or side by side (hedges), until
 * one succeeds, none is worth starting, the deadline comes or the caller cancels. What an attempt
 * sends and what its success means is up to the subclass: {@link UnaryCall}, {@link OneWayCall},
 * {@link StreamCall}.
 *
 * <p>Attempts report to this one owner on the context of the call. What happens when one fails:
 *
 * <ol>
 *   <li>No server saw the request and there is a node the call has not tried: again at once
 *       (transparent retry), outside of retries and budget.
 *   <li>The call waits for a node and found none that takes it: again after a pause, until its
 *       deadline.
 *   <li>Else {@link Hedging} or {@link Retrying} decides: fail, wait for the other attempts, or
 *       start another. A fast failure never beats a hedge that may still succeed.
 * </ol>
 *
 * Once the call has ended nothing of it is sent: attempts and timers are given up first, then the
 * caller is told. Code of the user (policies, selectors, codecs, observers, handlers in memory) may
 * throw, or cancel the very call that runs it: whatever follows such code asks first whether the
 * call has {@link #ended}.
 *
 * <p>Called by {@link RuntimeRpcClient}; calls the selector and {@link Attempt}.
 *
 * @param <T> what the caller gets
 */
abstract class AttemptLoop<T> extends OpenCalls.Entry implements CallInfo {

  private static final long LEAST_WAIT_FOR_NODE_NANOS = 1_000_000;

  // Set once; may be read from any thread.
  private final ClientCore core;
  private final CallPlan plan;
  private final Request<?, ?> request;
  private final Metadata metadata;
  private final Context context;
  private final Promise<T> promise;
  private final long startNanos;

  // Touched on the context of the call only, once it has started.
  private Deadline deadline;
  private @Nullable Message message;
  private @Nullable RetryBudget budget;
  private @Nullable Next next;
  private @Nullable Hedging hedging;
  private @Nullable Retrying retrying;
  private @Nullable AttemptHistory history;
  private @Nullable Attempt open;
  private @Nullable Timer hedgeTimer;
  private @Nullable Timer pause;
  private long pausedSince;
  private long selectingSince;
  private PhaseTimes waited = PhaseTimes.NONE;
  private int started;
  private int transparent;
  private int waits;
  private boolean selecting;
  private boolean starting;
  private boolean startAgain;
  private boolean ended;

  AttemptLoop(
      ClientCore core,
      CallPlan plan,
      Request<?, ?> request,
      Metadata metadata,
      Deadline deadline,
      Caller caller) {
    this.core = core;
    this.plan = plan;
    this.request = request;
    this.metadata = metadata;
    this.deadline = deadline;
    this.context = caller.context();
    this.promise = Contexts.promise(context);
    this.startNanos = caller.nanos();
  }

  // ---- what wrappers, policies and attempts ask

  ClientCore core() {
    return core;
  }

  CallPlan plan() {
    return plan;
  }

  Context context() {
    return context;
  }

  Request<?, ?> request() {
    return request;
  }

  /** Returns what the caller waits for. */
  final Future<T> result() {
    return promise.future();
  }

  // ---- what kinds of calls differ in

  /**
   * Makes the message that attempts send, once per call.
   *
   * @throws RpcException if the request cannot be sent
   */
  abstract Message encode();

  /** Sends {@code message} for an attempt that has its node. */
  abstract Exchange send(Attempt attempt, Transport by, Message message, SendOptions options);

  /**
   * Reads what an exchange was answered with.
   *
   * @throws RpcException if that fails
   */
  abstract Reply<?> read(Message answer, Node node);

  /**
   * Returns why {@code answer}, which may be a call wrapper's own, is no success; null if it is.
   */
  @Nullable RpcException misfit(Attempt attempt, Reply<?> answer) {
    return null;
  }

  /** An attempt has succeeded; the others are given up. */
  abstract void committed(Attempt attempt, Reply<?> answer);

  /** Tells whether the exchange goes on after the attempt has been answered. */
  boolean isStream() {
    return false;
  }

  /** Tells whether another attempt could send what this one has sent. */
  boolean isReplayable() {
    return true;
  }

  /** Tells whether several attempts may run side by side. */
  boolean hedges() {
    return plan.hedges();
  }

  /** Tells the caller that there will be no success. */
  void tellFailure(RpcException told) {
    promise.fail(told);
  }

  Message message() {
    return Objects.requireNonNull(message, "message");
  }

  /**
   * Returns {@code message} as the transport of a node carries it. The bytes of a call are made
   * before its node is known, and are the same for all attempts; what its protocol calls them
   * follows the node, unless the call itself has named it.
   *
   * @throws RpcException if the protocol carries nothing that its codec writes
   */
  final Message carriedBy(Transport speaks, Message message) {
    return plan.contentType() != null || speaks.protocol().equals(plan.protocol())
        ? message
        : CallBody.carried(core, speaks, request, message);
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
    int sent = history == null ? 0 : history.sent();
    for (Attempt other = open; other != null; other = other.older()) {
      sent += other != attempt && other.isSent() ? 1 : 0;
    }
    return sent;
  }

  // ---- the walk of the call

  /** Begins the call. Called once, on its context. */
  void start() {
    core.observer().callStarted(this);
    if (ended) {
      return;
    }
    RpcException refused = core.openCalls().add(this);
    long now = core.time().nanoTime();
    long left = deadline.remainingNanos(now);
    if (refused != null || left <= 0) {
      fail(refused != null ? refused : deadlineExceeded());
      return;
    }
    if (!deadline.isNone()) {
      core.armDeadline(this, now + left);
    }
    try {
      message = encode();
      countTheCall(now);
      startAfter(backoffNanos(0));
    } catch (RpcException unfit) {
      fail(unfit);
    }
  }

  private void countTheCall(long now) {
    budget = core.budget(request.service());
    if (budget != null) {
      budget.deposit(now);
    }
    if (hedges()) {
      hedging = new Hedging(this, plan.hedge(), core.tailHedge(this, plan.hedge()));
    }
  }

  /** Starts the next attempt after a wait, instead of what the call waited for before. */
  private void startAfter(long nanos) {
    disarmPause();
    if (ended) {
      return;
    }
    if (nanos <= 0) {
      startAttempt();
      return;
    }
    pausedSince = core.time().nanoTime();
    pause = core.time().timer(nanos, this::pauseEnded);
  }

  private void pauseEnded() {
    pause = null;
    waited = waited.plus(Phase.BACKOFF, core.time().nanoTime() - pausedSince);
    startAttempt();
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
    Future<Next> selection;
    try {
      selection = Objects.requireNonNull(core.select(this), "select returned null");
    } catch (Throwable thrown) {
      fail(broken("selector", thrown));
      return;
    }
    if (selection.succeeded()) {
      selected(selection.result());
    } else {
      selecting = true;
      selectingSince = core.time().nanoTime();
      onContext(selection, this::selected, this::selectFailed);
    }
  }

  private void selected(@Nullable Next found) {
    endSelecting();
    if (ended) {
      return;
    }
    if (found == null) {
      fail(broken("selector", new NullPointerException("select completed with null")));
      return;
    }
    next = found;
    startOn(found);
  }

  private void selectFailed(Throwable thrown) {
    endSelecting();
    if (ended) {
      return;
    }
    RpcException failure = thrown instanceof RpcException rpc ? rpc : broken("selector", thrown);
    if (waitsFor(failure)) {
      waitForNode();
    } else {
      fail(failure);
    }
  }

  private void endSelecting() {
    if (selecting) {
      selecting = false;
      waited = waited.plus(Phase.SELECT, core.time().nanoTime() - selectingSince);
    }
  }

  private void startOn(Next choice) {
    Attempt attempt = new Attempt(this, started++, attemptDeadline(), open);
    open = attempt;
    attempt.start(choice);
    if (hedging != null && !ended && !startAgain) {
      armHedge(hedging);
    }
  }

  /** Divides the time that remains by the attempts that are left, if there may be several. */
  Deadline attemptDeadline() {
    long own = plan.attemptTimeoutNanos();
    if (own == 0) {
      int left = retrying == null ? plan.retries() : retrying.left();
      if (!plan.idempotent() || hedging != null || left <= 0 || deadline.isNone()) {
        return deadline;
      }
      own = deadline.remainingNanos() / (left + 1);
    }
    return own < deadline.remainingNanos() ? Deadline.afterNanos(own, core.time()) : deadline;
  }

  private void armHedge(Hedging hedges) {
    if (hedgeTimer != null || pause != null || open == null) {
      return;
    }
    long delay = hedges.delayNanos();
    if (delay >= 0 && delay < deadline.remainingNanos()) {
      hedgeTimer = core.time().timer(delay, this::hedgeDue);
    }
  }

  private void hedgeDue() {
    hedgeTimer = null;
    if (hedging != null && hedging.pays()) {
      startAttempt();
    }
  }

  // ---- attempts report

  void succeeded(Attempt attempt, Reply<?> answer) {
    leave(attempt);
    if (ended) {
      return;
    }
    recordLatency();
    ended = true;
    release(false);
    committed(attempt, answer.withAttempts(started));
  }

  /** Ends the call well. */
  final void complete(T result) {
    core.openCalls().makeRoom(this);
    core.observer().callEnded(this, null, started);
    promise.complete(result);
    core.openCalls().remove(this);
  }

  /** Tells the caller what there is, while the call goes on. */
  final void tellSuccess(T result) {
    promise.complete(result);
  }

  final boolean isEnded() {
    return ended;
  }

  /** There is no node to try: not a matter for policies, unless the caller waits for one. */
  void foundNoNode(Attempt attempt, RpcException failure) {
    leave(attempt);
    if (ended) {
      return;
    }
    remember(attempt, failure);
    if (open != null) {
      return;
    }
    if (waitsFor(failure)) {
      waitForNode();
    } else {
      fail(failure);
    }
  }

  void failed(Attempt attempt, RpcException failure) {
    leave(attempt);
    if (ended) {
      return;
    }
    remember(attempt, failure);
    if (!isReplayable()) {
      fail(failure);
    } else if (isTransparent(failure)) {
      transparent++;
      startAttempt();
    } else if (waitsFor(failure)) {
      if (open == null) {
        waitForNode();
      }
    } else {
      goOnOrFail(attempt.number(), failure);
    }
  }

  /** Attempts go to nodes that the call has not tried while there is one. */
  private boolean isTransparent(RpcException failure) {
    return plan.transparentRetries()
        && failure.processed().isSafeToResend()
        && isNodesFault(failure)
        && next != null
        && started < next.size();
  }

  private static boolean isNodesFault(RpcException failure) {
    return failure.grpcStatus() == GrpcStatus.UNAVAILABLE
        || failure.grpcStatus() == GrpcStatus.RESOURCE_EXHAUSTED;
  }

  private boolean waitsFor(RpcException failure) {
    return plan.waitForReady()
        && failure.processed() == Processed.NOT_SENT
        && (isNodesFault(failure) || failure.grpcStatus() == GrpcStatus.NOT_FOUND)
        && !core.isClosed();
  }

  /** Pauses longer and longer, so that calls that wait for hours do not keep the machine busy. */
  private void waitForNode() {
    disarmHedge();
    long nanos = CallOptions.DEFAULT_BACKOFF.delay(this, ++waits).toNanos();
    startAfter(Math.max(LEAST_WAIT_FOR_NODE_NANOS, nanos));
  }

  private void goOnOrFail(int number, RpcException failure) {
    Decision decision;
    try {
      decision = hedging != null ? hedging.after(number, failure) : retry(number, failure);
    } catch (RpcException broken) {
      fail(broken);
      return;
    }
    if (hedging != null && hedging.isFrozen()) {
      disarmHedge();
      disarmPause();
    }
    switch (decision.kind()) {
      case FAIL -> fail(failure);
      case AWAIT_OTHERS -> {
        if (open == null && pause == null) {
          fail(failure);
        }
      }
      case AGAIN -> {
        disarmHedge();
        startAfter(decision.delayNanos());
      }
    }
  }

  private Decision retry(int number, RpcException failure) {
    if (retrying == null) {
      retrying = new Retrying(this);
    }
    return retrying.after(number, failure);
  }

  // ---- what errors tell

  int started() {
    return started;
  }

  long startNanos() {
    return startNanos;
  }

  /** Returns the attempts that are open, the latest first. */
  @Nullable Attempt open() {
    return open;
  }

  @Nullable AttemptHistory history() {
    return history;
  }

  /** Returns the most attempts that the plan allows. */
  int mostAttempts() {
    return hedging != null ? plan.hedge().maxAttempts() : plan.retries() + 1;
  }

  // ---- what retries and hedges ask

  /** Returns the attempts that count against the most: not those that no server saw. */
  int attemptsCounted() {
    return started - transparent;
  }

  /** Takes the price of one retry or hedge from the budget of the service, if it is there. */
  boolean pays() {
    if (budget == null || budget.withdraw()) {
      return true;
    }
    core.observer().limitReached("retry-budget");
    return false;
  }

  /**
   * Asks the policy.
   *
   * @throws RpcException if it throws
   */
  boolean isWorthRetrying(int number, RpcException failure) {
    try {
      return plan.retryPolicy().retry(this, number, failure);
    } catch (Throwable thrown) {
      throw broken("retry policy", thrown);
    }
  }

  /**
   * Asks the backoff.
   *
   * @throws RpcException if it throws
   */
  long backoffNanos(int attempt) {
    try {
      return Nanos.of(plan.backoff().delay(this, attempt));
    } catch (Throwable thrown) {
      throw broken("backoff", thrown);
    }
  }

  /** Returns the failure of a call whose user's code threw: it ends instead of staying open. */
  static RpcException broken(String part, Throwable thrown) {
    return RpcException.client(GrpcStatus.INTERNAL, part + " failed: " + thrown)
        .cause(thrown)
        .build();
  }

  // ---- the ends of a call

  /** Gives the call up, from any thread. */
  public void cancel(String reason) {
    Objects.requireNonNull(reason, "reason");
    if (Contexts.isHere(context)) {
      giveUp(RpcException.cancelled(reason).build());
    } else {
      context.runOnContext(here -> giveUp(RpcException.cancelled(reason).build()));
    }
  }

  /** The caller, or the client that closes, wants no more of the call. */
  void giveUp(RpcException why) {
    fail(why);
  }

  /**
   * Bounds the call by another deadline from now on.
   *
   * @param later behind the one that there was
   */
  final void extend(Deadline later) {
    deadline = later;
    disarm();
    if (!later.isNone()) {
      long now = core.time().nanoTime();
      core.armDeadline(this, now + later.remainingNanos(now));
    }
  }

  /** Fails the call because its client closes. May be called from any thread. */
  @Override
  void closed() {
    context.runOnContext(
        here ->
            giveUp(RpcException.client(GrpcStatus.UNAVAILABLE, "the client was closed").build()));
  }

  /** The deadline has come, or does not matter any more. */
  @Override
  protected final void disarmed() {
    core.observer().timerEnded();
  }

  /** The deadline has come. */
  @Override
  protected final void ring() {
    recordLatency();
    end(deadlineExceeded(), true);
  }

  static RpcException deadlineExceeded() {
    return RpcException.client(GrpcStatus.DEADLINE_EXCEEDED, "deadline exceeded").build();
  }

  final void fail(RpcException failure) {
    end(failure, false);
  }

  /** Ends the call with a failure, once. {@code late}: what still runs took too long. */
  private void end(RpcException failure, boolean late) {
    if (ended) {
      return;
    }
    ended = true;
    RpcException told = CallFailure.of(this, failure, late);
    release(late);
    core.openCalls().makeRoom(this);
    core.observer().callEnded(this, told, started);
    tellFailure(told);
    core.openCalls().remove(this);
  }

  /** Returns where the time has gone that no attempt took. */
  PhaseTimes waited() {
    long now = core.time().nanoTime();
    PhaseTimes times = waited;
    if (selecting) {
      times = times.plus(Phase.SELECT, now - selectingSince);
    }
    if (pause != null && open == null) {
      times = times.plus(Phase.BACKOFF, now - pausedSince);
    }
    return times;
  }

  /** Gives up everything that could still send; {@link #ended} is set before. */
  private void release(boolean late) {
    disarm();
    disarmHedge();
    disarmPause();
    for (Attempt attempt = open; attempt != null; attempt = attempt.older()) {
      if (late) {
        attempt.expire();
      } else {
        attempt.cancel();
      }
    }
    open = null;
  }

  // ---- small parts

  /** Takes an attempt that has ended out of those that are open. */
  private void leave(Attempt gone) {
    open = open == null ? null : open.without(gone);
  }

  final void remember(Attempt attempt, RpcException failure) {
    if (history == null) {
      history = new AttemptHistory();
    }
    history.add(attempt.describe(failure), failure);
  }

  private void disarmHedge() {
    if (hedgeTimer != null) {
      hedgeTimer.cancel();
      hedgeTimer = null;
    }
  }

  private void disarmPause() {
    if (pause != null) {
      pause.cancel();
      pause = null;
    }
  }

  private void recordLatency() {
    if (hedging != null && !ended) {
      hedging.ended(core.time().nanoTime() - startNanos);
    }
  }

  /** Brings the outcome of a future that may complete anywhere to the context of the call. */
  <A> void onContext(Future<A> future, Consumer<? super A> success, Consumer<Throwable> failure) {
    Contexts.on(context, future, success, failure);
  }

  @Override
  public String toString() {
    return getClass().getSimpleName()
        + "["
        + request
        + ", started="
        + started
        + ", open="
        + open
        + "]";
  }
}
