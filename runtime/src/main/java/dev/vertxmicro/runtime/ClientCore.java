// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime;

import dev.vertxmicro.broker.Broker;
import dev.vertxmicro.codec.Codecs;
import dev.vertxmicro.runtime.retry.Hedge;
import dev.vertxmicro.runtime.retry.RetryBudget;
import dev.vertxmicro.runtime.retry.TailHedge;
import dev.vertxmicro.selector.Next;
import dev.vertxmicro.selector.Selector;
import dev.vertxmicro.time.TimeSource;
import io.vertx.core.Future;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What all calls of one client share. Everything in it may be used from any thread.
 *
 * <p>Read by {@link AttemptLoop} and {@link Attempt}.
 */
final class ClientCore {

  /** Services and endpoints that have state of their own; the rest share one. */
  private static final int MOST_NAMES = 10_000;

  private final TimeSource time;
  private final Codecs codecs;
  private final Selector selector;
  private final Broker broker;
  private final Transports transports;
  private final RpcObserver observer;
  private final ProxyEnvironment environment;
  private final OpenCalls openCalls;
  private final ContentTypes contentTypes;
  private final AddressChoice addresses = new AddressChoice();
  private final Named<TailHedge> tailHedges = new Named<>(MOST_NAMES);
  private volatile Named<RetryBudget> budgets = new Named<>(MOST_NAMES);
  private volatile RpcClientOptions options;

  ClientCore(
      RpcClientBuilder parts,
      TimeSource time,
      RpcObserver observer,
      Selector selector,
      Broker broker,
      Transports transports,
      RpcClientOptions options) {
    this.time = time;
    this.codecs = parts.codecs();
    this.observer = observer;
    this.environment = parts.environment();
    this.selector = selector;
    this.broker = broker;
    this.transports = transports;
    this.options = options;
    this.openCalls = new OpenCalls(options.getMaxOpenCalls());
    this.contentTypes = new ContentTypes(codecs, transports);
  }

  TimeSource time() {
    return time;
  }

  Codecs codecs() {
    return codecs;
  }

  Selector selector() {
    return selector;
  }

  Broker broker() {
    return broker;
  }

  Transports transports() {
    return transports;
  }

  RpcObserver observer() {
    return observer;
  }

  OpenCalls openCalls() {
    return openCalls;
  }

  ContentTypes contentTypes() {
    return contentTypes;
  }

  /** Has {@code call} ring at its deadline. */
  void armDeadline(OpenCalls.Entry call, long atNanos) {
    observer.timerArmed();
    time.armAt(call, atNanos);
  }

  boolean isClosed() {
    return openCalls.isClosed();
  }

  /** Returns the options in force, not to be changed. */
  RpcClientOptions options() {
    return options;
  }

  void setOptions(RpcClientOptions options) {
    boolean otherBudgets =
        options.getRetryRatio() != this.options.getRetryRatio()
            || options.getMinRetriesPerSecond() != this.options.getMinRetriesPerSecond();
    this.options = options;
    if (otherBudgets) {
      budgets = new Named<>(MOST_NAMES);
    }
    openCalls.setMost(options.getMaxOpenCalls());
    transports.setPool(options.poolLimits());
  }

  /** Opens the choice of nodes for a call: its addresses, the proxy's, or the selector's. */
  Future<Next> select(AttemptLoop<?> call) {
    return select(call.service(), call.plan());
  }

  /** Opens the choice of nodes of a service for that plan. */
  Future<Next> select(String service, CallPlan plan) {
    String selected = service;
    List<String> own = plan.addresses();
    if (options.isProxyFromEnvironment()) {
      ProxyEnvironment.Target target = environment.apply(service, own);
      selected = target.service();
      own = target.addresses();
    }
    if (!own.isEmpty()) {
      return Future.succeededFuture(addresses.open(own, plan.protocol()));
    }
    return selector.select(selected, plan.selectOptions());
  }

  /** Returns the topic that the broker is given instead of an event's own, or null. */
  @Nullable String exchange(@Nullable String own) {
    return options.isProxyFromEnvironment() ? environment.exchange(own) : own;
  }

  /** Returns the retry budget of a service, or null if budgets are off. */
  @Nullable RetryBudget budget(String service) {
    RpcClientOptions now = options;
    if (!now.isRetryBudget()) {
      return null;
    }
    return budgets.get(
        service, () -> new RetryBudget(now.getRetryRatio(), now.getMinRetriesPerSecond(), time));
  }

  /** Returns what is known of the endpoint of a call, or null if its hedge needs nothing. */
  @Nullable TailHedge tailHedge(AttemptLoop<?> call, Hedge hedge) {
    if (!(hedge instanceof Hedge.Percentile percentile)) {
      return null;
    }
    return tailHedges.get(
        percentile.extraLoad() + " " + call.service() + " " + call.endpoint(),
        () -> new TailHedge(percentile, time));
  }
}
