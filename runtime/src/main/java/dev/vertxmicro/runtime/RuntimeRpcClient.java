// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime;

import dev.vertxmicro.broker.PublishOption;
import dev.vertxmicro.broker.PublishOptions;
import dev.vertxmicro.errors.GrpcStatus;
import dev.vertxmicro.errors.RpcException;
import dev.vertxmicro.metadata.Metadata;
import dev.vertxmicro.metadata.ReservedHeaders;
import dev.vertxmicro.runtime.inbound.InboundCall;
import dev.vertxmicro.time.Deadline;
import dev.vertxmicro.time.Nanos;
import dev.vertxmicro.time.Timer;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.grpc.common.GrpcLocal;
import java.lang.ref.WeakReference;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;

/**
 * The innermost client: turns a request and its options into an {@link AttemptLoop} on the caller's
 * context.
 */
final class RuntimeRpcClient implements RpcClient {

  /** How long calls and connections that were told to end may take for it. */
  private static final long LAST_WORDS_NANOS = 1_000_000_000;

  private static final String VERTX_CLOSED = "the Vert.x instance is closed";

  private final Vertx vertx;
  private final ClientCore core;
  private final OwnParts own;
  private final HealthCheck health;
  private final Runnable forgetHook;
  private volatile CallPlan plan;
  private @Nullable Future<Void> closing;

  RuntimeRpcClient(Vertx vertx, ClientCore core, OwnParts own, HealthCheck health) {
    this.vertx = vertx;
    this.core = core;
    this.own = own;
    this.health = health;
    this.plan = planOf(core.options());
    this.forgetHook = Contexts.onClose(vertx, endingCalls(core.openCalls()));
  }

  /** Keeps nobody's client from being forgotten; running calls keep the list that they are in. */
  private static Runnable endingCalls(OpenCalls calls) {
    WeakReference<OpenCalls> open = new WeakReference<>(calls);
    return () -> {
      OpenCalls still = open.get();
      if (still != null) {
        still.closeAll();
      }
    };
  }

  @Override
  public <Q, R> RpcCall<R> start(Request<Q, R> request, CallOption... options) {
    CallPlan frozen = plan.with(options);
    Caller caller = caller();
    UnaryCall<R> call =
        new UnaryCall<>(
            core,
            frozen,
            withBody(request),
            metadata(request.metadata(), frozen, caller.inbound()),
            deadline(frozen, caller),
            caller);
    return begins(call) ? call : new RefusedCall<>(vertxClosed(request));
  }

  @Override
  public Future<Void> send(Request<?, ?> request, CallOption... options) {
    CallPlan frozen = plan.with(options);
    Caller caller = caller();
    OneWayCall call =
        new OneWayCall(
            core,
            frozen,
            withBody(request),
            metadata(request.metadata(), frozen, caller.inbound()),
            deadline(frozen, caller),
            caller);
    return begins(call) ? call.result().mapEmpty() : Future.failedFuture(vertxClosed(request));
  }

  @Override
  public <Q, R> Future<RpcStream<Q, R>> stream(Request<Q, R> request, CallOption... options) {
    CallPlan frozen = plan.with(options);
    Caller caller = caller();
    Deadline life = caller.inherited();
    if (frozen.streamTimeoutNanos() > 0) {
      life = life.min(Deadline.afterNanos(frozen.streamTimeoutNanos(), core.time()));
    }
    StreamCall<Q, R> call =
        new StreamCall<>(
            core,
            frozen,
            request,
            metadata(request.metadata(), frozen, caller.inbound()),
            deadline(frozen, caller).min(life),
            life,
            caller);
    return begins(call) ? call.result() : Future.failedFuture(vertxClosed(request));
  }

  private static <Q, R> Request<Q, R> withBody(Request<Q, R> request) {
    if (request.body() == null) {
      throw new IllegalArgumentException(
          "request: " + request + " without a body (expected: one made with Request.of)");
    }
    return request;
  }

  /** Tells whether the call runs or will run; not if the Vert.x instance has ended. */
  private static boolean begins(AttemptLoop<?> call) {
    return Contexts.run(call.context(), call::start);
  }

  private static RpcException vertxClosed(Request<?, ?> request) {
    return RpcException.client(GrpcStatus.UNAVAILABLE, VERTX_CLOSED)
        .target(request.service(), request.endpoint())
        .build();
  }

  private Caller caller() {
    Context context = Contexts.of(vertx);
    // The caller may be on the context, or in its executeBlocking: on another thread, but serving.
    boolean serving = context == Vertx.currentContext();
    InboundCall inbound = serving ? InboundCall.of(context) : null;
    Deadline inherited = serving ? inherited(inbound) : Deadline.NONE;
    return new Caller(context, inbound, inherited, core.time().nanoTime());
  }

  @Override
  public Future<Void> publish(Publication<?> publication, PublishOption... options) {
    CallPlan defaults = plan;
    PublishOptions own = new PublishOptions();
    for (PublishOption option : options) {
      option.apply(own);
    }
    own.setExchange(core.exchange(own.getExchange()));
    Caller caller = caller();
    PublishLoop loop =
        new PublishLoop(
            core,
            defaults,
            publication,
            own,
            metadata(publication.metadata(), defaults, caller.inbound()),
            Deadline.after(own.getTimeout(), core.time()).min(caller.inherited()),
            caller.context());
    return Contexts.run(caller.context(), loop::start)
        ? loop.done()
        : Future.failedFuture(
            RpcException.client(GrpcStatus.UNAVAILABLE, VERTX_CLOSED)
                .target(publication.topic(), "")
                .build());
  }

  @Override
  public Future<Integer> warmUp(String service, CallOption... options) {
    Context context = Contexts.of(vertx);
    WarmUp warmUp = new WarmUp(core, plan.with(options), service, context);
    return Contexts.run(context, warmUp::start)
        ? warmUp.done()
        : Future.failedFuture(
            RpcException.client(GrpcStatus.UNAVAILABLE, VERTX_CLOSED).target(service, "").build());
  }

  /**
   * A deadline inherited from the request being served replaces the client's default timeout, as in
   * go-micro; a timeout of the call's own combines with it by minimum.
   */
  private Deadline deadline(CallPlan frozen, Caller caller) {
    Deadline inherited = caller.inherited();
    if (!inherited.isNone() && !frozen.hasOwnTimeout()) {
      return inherited;
    }
    return Deadline.afterNanos(frozen.timeoutNanos(), caller.nanos(), core.time()).min(inherited);
  }

  private Deadline inherited(@Nullable InboundCall inbound) {
    if (inbound != null) {
      Deadline theirs = inbound.deadline();
      // The server may run on a clock of its own; what remains is what counts.
      return theirs.isNone() ? theirs : Deadline.afterNanos(theirs.remainingNanos(), core.time());
    }
    GrpcLocal served = GrpcLocal.current();
    if (served == null) {
      return Deadline.NONE;
    }
    // A caller without a deadline may have sent the longest there is, 11,400 years.
    Instant now = Instant.ofEpochMilli(core.time().epochMillis());
    return Deadline.after(Duration.between(now, served.deadline()), core.time());
  }

  private Metadata metadata(Metadata own, CallPlan frozen, @Nullable InboundCall inbound) {
    Metadata metadata = own.mergedOver(frozen.metadata());
    List<String> propagated = core.options().getPropagated();
    if (inbound == null || propagated.isEmpty()) {
      return metadata;
    }
    Metadata.Builder handedOn = Metadata.builder();
    inbound
        .metadata()
        .forEach(
            (name, value) -> {
              if (isPropagated(name, propagated)) {
                handedOn.add(name, value);
              }
            });
    return metadata.mergedOver(handedOn.build());
  }

  /** What transports write themselves belongs to one hop, whatever the list allows. */
  private static boolean isPropagated(String name, List<String> allowed) {
    if (ReservedHeaders.isReserved(name)) {
      return false;
    }
    for (String entry : allowed) {
      boolean matches =
          entry.endsWith("*")
              ? name.regionMatches(true, 0, entry, 0, entry.length() - 1)
              : name.equalsIgnoreCase(entry);
      if (matches) {
        return true;
      }
    }
    return false;
  }

  @Override
  public synchronized Future<Void> init(ClientOption... options) {
    if (core.isClosed()) {
      return Future.failedFuture(clientClosed());
    }
    RpcClientOptions changed = new RpcClientOptions(core.options());
    for (ClientOption option : options) {
      option.apply(changed);
    }
    core.transports().get(changed.getProtocol());
    CallPlan next = planOf(changed);
    core.setOptions(changed);
    plan = next;
    return Future.succeededFuture();
  }

  private CallPlan planOf(RpcClientOptions options) {
    return CallPlan.of(options.getCalls(), core.transports().spoken(options.getProtocol()));
  }

  @Override
  public Future<ClientHealth> health(String... services) {
    List<String> names = List.of(services);
    if (core.isClosed()) {
      return Future.failedFuture(clientClosed());
    }
    Context context = Contexts.of(vertx);
    Promise<ClientHealth> answer = Contexts.promise(context);
    return Contexts.run(context, () -> health.ask(context, names).onComplete(answer))
        ? answer.future()
        : Future.failedFuture(RpcException.client(GrpcStatus.UNAVAILABLE, VERTX_CLOSED).build());
  }

  private static RpcException clientClosed() {
    return RpcException.client(GrpcStatus.UNAVAILABLE, "the client is closed").build();
  }

  @Override
  public RpcClientOptions options() {
    return new RpcClientOptions(core.options());
  }

  @Override
  public synchronized Future<Void> close() {
    if (closing == null) {
      closing = drainAndClose();
    }
    return closing;
  }

  private Future<Void> drainAndClose() {
    Context context = Contexts.of(vertx);
    Promise<Void> closed = Contexts.promise(context);
    Future<Void> drained = core.openCalls().drain();
    try {
      context.runOnContext(
          here -> bounded(drained, context).eventually(this::closeParts).onComplete(closed));
    } catch (RejectedExecutionException gone) {
      // The Vert.x instance has ended, and with it all calls, timers and connections.
      return Future.succeededFuture();
    }
    return closed.future();
  }

  /**
   * Returns a future that completes when the running calls have ended: those that still run after
   * the drain timeout are failed, and the few whose context does not run any more are left behind.
   */
  private Future<Void> bounded(Future<Void> drained, Context context) {
    // Completes on the context, as the list of timers belongs to it.
    Promise<Void> enough = Contexts.promise(context);
    List<Timer> timers = new ArrayList<>(2);
    long drainNanos = Nanos.of(core.options().getDrainTimeout());
    timers.add(
        core.time()
            .timer(
                drainNanos,
                () -> {
                  core.openCalls().closeAll();
                  timers.add(core.time().timer(LAST_WORDS_NANOS, enough::tryComplete));
                }));
    drained.onComplete(done -> enough.tryComplete());
    return enough.future().onComplete(done -> timers.forEach(Timer::cancel));
  }

  private Future<Void> closeParts() {
    forgetHook.run();
    return own.close(Deadline.afterNanos(LAST_WORDS_NANOS, core.time()));
  }

  @Override
  public String toString() {
    return "RpcClient[" + core.options() + "]";
  }
}
