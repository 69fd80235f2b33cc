// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime;

import dev.vertxmicro.metadata.Metadata;
import dev.vertxmicro.runtime.inbound.InboundCall;
import dev.vertxmicro.time.Deadline;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.grpc.common.GrpcLocal;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The innermost client: turns a request and its options into an {@link AttemptLoop} on the caller's
 * context.
 */
final class RuntimeRpcClient implements RpcClient {

  private final Vertx vertx;
  private final ClientCore core;
  private final boolean ownSelector;
  private final Transports ownTransports;
  private volatile CallPlan plan;
  private @Nullable Future<Void> closing;

  RuntimeRpcClient(Vertx vertx, ClientCore core, boolean ownSelector, Transports ownTransports) {
    this.vertx = vertx;
    this.core = core;
    this.ownSelector = ownSelector;
    this.ownTransports = ownTransports;
    this.plan = planOf(core.options());
  }

  @Override
  public <Q, R> RpcCall<R> start(Request<Q, R> request, CallOption... options) {
    CallPlan own = plan.with(options);
    Context context = Contexts.of(vertx);
    boolean here = context == Vertx.currentContext();
    InboundCall inbound = here ? InboundCall.of(context) : null;
    AttemptLoop<R> loop =
        new AttemptLoop<>(
            core,
            own,
            request,
            metadata(request, own, inbound),
            deadline(own, here, inbound),
            context);
    if (here) {
      loop.start();
    } else {
      context.runOnContext(there -> loop.start());
    }
    return loop;
  }

  /**
   * A deadline inherited from the request being served replaces the client's default timeout, as in
   * go-micro; a timeout of the call's own combines with it by minimum.
   */
  private Deadline deadline(CallPlan own, boolean here, @Nullable InboundCall inbound) {
    Deadline inherited = here ? inherited(inbound) : Deadline.NONE;
    if (!inherited.isNone() && !own.hasOwnTimeout()) {
      return inherited;
    }
    return Deadline.afterNanos(own.timeoutNanos(), core.time()).min(inherited);
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
    long leftMillis = served.deadline().toEpochMilli() - core.time().epochMillis();
    return Deadline.afterNanos(leftMillis * 1_000_000, core.time());
  }

  private Metadata metadata(Request<?, ?> request, CallPlan own, @Nullable InboundCall inbound) {
    Metadata metadata = request.metadata().mergedOver(own.metadata());
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

  private static boolean isPropagated(String name, List<String> allowed) {
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
    RpcClientOptions changed = new RpcClientOptions(core.options());
    for (ClientOption option : options) {
      option.apply(changed);
    }
    core.transports().get(changed.getProtocol());
    core.setOptions(changed);
    plan = planOf(changed);
    return Future.succeededFuture();
  }

  private static CallPlan planOf(RpcClientOptions options) {
    return CallPlan.of(options.getCalls(), options.getProtocol());
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
    Promise<Void> closed = Promise.promise();
    Contexts.of(vertx)
        .runOnContext(
            here -> {
              long drainNanos = core.options().getDrainTimeout().toNanos();
              Deadline grace = Deadline.afterNanos(drainNanos, core.time());
              Future<Void> drained = core.openCalls().drain();
              var timer = core.time().timer(drainNanos, () -> core.openCalls().closeAll());
              drained
                  .onComplete(done -> timer.cancel())
                  .eventually(() -> ownTransports.close(grace))
                  .eventually(
                      () -> ownSelector ? core.selector().close() : Future.succeededFuture())
                  .onComplete(closed);
            });
    return closed.future();
  }

  @Override
  public String toString() {
    return "RpcClient[" + core.options() + "]";
  }
}
