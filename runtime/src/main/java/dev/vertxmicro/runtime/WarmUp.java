// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime;

import dev.vertxmicro.errors.GrpcStatus;
import dev.vertxmicro.errors.RpcException;
import dev.vertxmicro.runtime.transport.Transport;
import dev.vertxmicro.selector.Next;
import dev.vertxmicro.selector.Outcome;
import dev.vertxmicro.selector.Pick;
import dev.vertxmicro.time.Timer;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.util.HashSet;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Looks a service up and connects to the nodes that its calls would go to, a few at a time. Takes
 * the nodes as a call does, so that filters, zones and subsets hold, and tells the selector of
 * those that cannot be reached.
 *
 * <p>Called by {@link RuntimeRpcClient}; runs on the context of the caller, whose event loop the
 * connections belong to.
 */
final class WarmUp {

  /** More nodes than that are connected to when calls need them. */
  static final int MOST_NODES = 100;

  private static final int AT_ONCE = 16;

  private final ClientCore core;
  private final CallPlan plan;
  private final String service;
  private final Context context;
  private final Promise<Integer> promise;
  private final Set<String> tried = new HashSet<>();

  private @Nullable Next next;
  private @Nullable Timer timer;
  private @Nullable RpcException failure;
  private int most;
  private int open;
  private int connected;
  private boolean starting;
  private boolean ended;

  WarmUp(ClientCore core, CallPlan plan, String service, Context context) {
    this.core = core;
    this.plan = plan;
    this.service = service;
    this.context = context;
    this.promise = Contexts.promise(context);
  }

  Future<Integer> done() {
    return promise.future();
  }

  /** Begins. Called once, on the context. */
  void start() {
    if (core.isClosed()) {
      fail(RpcException.client(GrpcStatus.UNAVAILABLE, "the client is closed").build());
      return;
    }
    timer = core.time().timer(plan.timeoutNanos(), this::expired);
    Future<Next> selection;
    try {
      selection = Objects.requireNonNull(core.select(service, plan), "select returned null");
    } catch (Throwable thrown) {
      fail(AttemptLoop.broken("selector", thrown));
      return;
    }
    Contexts.on(context, selection, this::selected, this::fail);
  }

  private void selected(Next found) {
    next = found;
    most = Math.min(found.size(), MOST_NODES);
    connectMore(found);
  }

  private void connectMore(Next choice) {
    if (starting) {
      return; // A connection that stood already: the loop below goes on.
    }
    starting = true;
    boolean more = true;
    while (more && !ended && open < AT_ONCE && tried.size() < most) {
      more = connectOne(choice);
    }
    starting = false;
    if (open == 0) {
      end();
    }
  }

  /** Returns whether there was a node that this has not tried. */
  private boolean connectOne(Next choice) {
    Pick pick;
    try {
      pick = Objects.requireNonNull(choice.next(), "next returned null");
    } catch (RpcException none) {
      failure = none;
      return false;
    } catch (Throwable thrown) {
      failure = AttemptLoop.broken("selector", thrown);
      return false;
    }
    Transport transport = core.transports().find(pick.node(), plan.protocol());
    if (!tried.add(pick.node().id()) || transport == null) {
      pick.done(Outcome.CANCELLED);
      return transport == null;
    }
    open++;
    Contexts.on(
        context,
        connection(transport, pick),
        stands -> {
          connected++;
          ended(pick, Outcome.CANCELLED);
        },
        thrown -> {
          failure = RpcException.from(thrown);
          ended(pick, Outcome.failed(failure));
        });
    return true;
  }

  private Future<Void> connection(Transport transport, Pick pick) {
    try {
      return Objects.requireNonNull(
          transport.connect(pick.node(), plan.sendOptions(0).dialTimeout()),
          "connect returned null");
    } catch (Throwable thrown) {
      return Future.failedFuture(AttemptLoop.broken("transport", thrown));
    }
  }

  private void ended(Pick pick, Outcome outcome) {
    open--;
    pick.done(outcome);
    connectMore(Objects.requireNonNull(next, "next"));
  }

  private void expired() {
    timer = null;
    if (failure == null) {
      failure =
          RpcException.client(GrpcStatus.DEADLINE_EXCEEDED, "no node was connected in time")
              .build();
    }
    end();
  }

  private void end() {
    if (connected == 0 && failure != null) {
      fail(failure);
    } else if (!ended) {
      finish();
      promise.complete(connected);
    }
  }

  private void fail(Throwable thrown) {
    if (!ended) {
      finish();
      promise.fail(RpcException.from(thrown).toBuilder().target(service, "").build());
    }
  }

  private void finish() {
    ended = true;
    if (timer != null) {
      timer.cancel();
      timer = null;
    }
  }

  @Override
  public String toString() {
    return "WarmUp[" + service + ", " + connected + " of " + tried.size() + "]";
  }
}
