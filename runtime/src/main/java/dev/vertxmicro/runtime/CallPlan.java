// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime;

import dev.vertxmicro.metadata.Metadata;
import dev.vertxmicro.runtime.retry.Backoff;
import dev.vertxmicro.runtime.retry.Hedge;
import dev.vertxmicro.runtime.retry.RetryPolicy;
import dev.vertxmicro.runtime.transport.SendOptions;
import dev.vertxmicro.selector.SelectOptions;
import dev.vertxmicro.time.Nanos;
import io.vertx.core.Future;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * How one call is made, frozen. Calls without options of their own share the client's plan.
 *
 * <p>Called by {@link RuntimeRpcClient}; read by {@link AttemptLoop} and {@link Attempt}.
 */
final class CallPlan {

  private final CallOptions options;
  private final SpokenProtocols protocols;
  private final long timeoutNanos;
  private final long attemptTimeoutNanos;
  private final SendOptions sendOptions;
  private final SelectOptions selectOptions;
  private final @Nullable CallFunction wrapped;
  private final boolean hedges;

  private CallPlan(CallOptions options, SpokenProtocols protocols) {
    this.options = options;
    this.protocols = protocols;
    this.timeoutNanos = Nanos.of(options.getTimeout());
    this.attemptTimeoutNanos = Nanos.of(options.getAttemptTimeout());
    this.sendOptions =
        new SendOptions(
            options.getDialTimeout(), options.getMaxRequestBytes(), options.getMaxReplyBytes(), 0);
    this.selectOptions = new SelectOptions().addFilter(protocols);
    options.getSelectOptions().forEach(option -> option.apply(selectOptions));
    this.wrapped = fold(options.getCallWrappers());
    this.hedges = options.isIdempotent() && !(options.getHedge() instanceof Hedge.Off);
  }

  /** Returns the plan of calls without options of their own. */
  static CallPlan of(CallOptions defaults, SpokenProtocols protocols) {
    return new CallPlan(new CallOptions(defaults), protocols);
  }

  /**
   * Returns the plan of a call with its own options, applied in order to a copy of the defaults.
   */
  CallPlan with(CallOption... own) {
    if (own.length == 0) {
      return this;
    }
    if (own.length == 1 && own[0] instanceof OptionSet set) {
      return set.planOver(this);
    }
    return changedBy(own);
  }

  /** Returns the plan of calls with other options, worked out anew. */
  CallPlan changedBy(CallOption... own) {
    CallOptions copy = new CallOptions(options);
    for (CallOption option : own) {
      option.apply(copy);
    }
    return new CallPlan(copy, protocols);
  }

  /** First registered is outermost: folded from the inside out. */
  private static @Nullable CallFunction fold(List<CallWrapper> wrappers) {
    if (wrappers.isEmpty()) {
      return null;
    }
    CallFunction next = CallPlan::send;
    for (int i = wrappers.size() - 1; i >= 0; i--) {
      next = Objects.requireNonNull(wrappers.get(i).wrap(next), "a call wrapper wraps as null");
    }
    return next;
  }

  private static Future<Reply<?>> send(CallContext context) {
    return context.machinery().sendWith(context);
  }

  String protocol() {
    return protocols.byDefault();
  }

  long timeoutNanos() {
    return timeoutNanos;
  }

  /**
   * Tells whether the call itself set its timeout, so that an inherited deadline only tightens it.
   */
  boolean hasOwnTimeout() {
    return options.hasOwnTimeout();
  }

  /** Returns the attempt timeout; 0 means computed. */
  long attemptTimeoutNanos() {
    return attemptTimeoutNanos;
  }

  SendOptions sendOptions(int previousAttempts) {
    return sendOptions.withPreviousAttempts(previousAttempts);
  }

  int retries() {
    return options.getRetries();
  }

  RetryPolicy retryPolicy() {
    return options.getRetryPolicy();
  }

  Backoff backoff() {
    return options.getBackoff();
  }

  Hedge hedge() {
    return options.getHedge();
  }

  /** Tells whether this call hedges: then it does not retry. */
  boolean hedges() {
    return hedges;
  }

  boolean idempotent() {
    return options.isIdempotent();
  }

  boolean transparentRetries() {
    return options.isTransparentRetries();
  }

  boolean waitForReady() {
    return options.isWaitForReady();
  }

  List<String> addresses() {
    return options.getAddresses();
  }

  @Nullable String contentType() {
    return options.getContentType();
  }

  Metadata metadata() {
    return options.getMetadata();
  }

  /** Returns how long a stream may live; 0 means without bound. */
  long streamTimeoutNanos() {
    return Nanos.of(options.getStreamTimeout());
  }

  /** Returns how long a stream may be silent; 0 means without bound. */
  long idleTimeoutNanos() {
    return Nanos.of(options.getIdleTimeout());
  }

  int maxReplayBytes() {
    return options.getMaxReplayBytes();
  }

  int maxRequestBytes() {
    return options.getMaxRequestBytes();
  }

  /** Returns the select options, applied once and not to be changed. */
  SelectOptions selectOptions() {
    return selectOptions;
  }

  /** Returns the call wrappers around sending, or null if there are none. */
  @Nullable CallFunction wrapped() {
    return wrapped;
  }

  @Override
  public String toString() {
    return "CallPlan[" + options + "]";
  }
}
