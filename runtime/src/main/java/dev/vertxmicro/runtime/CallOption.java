// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime;

import dev.vertxmicro.runtime.retry.Backoff;
import dev.vertxmicro.runtime.retry.Hedge;
import dev.vertxmicro.runtime.retry.RetryPolicy;
import dev.vertxmicro.selector.SelectOption;
import java.time.Duration;

/** One setting of a call, applied to a copy of the client's defaults. */
@FunctionalInterface
public interface CallOption {

  /** Changes {@code options}. */
  void apply(CallOptions options);

  /**
   * Several options as one, applied in order. Made once and given to many calls of one client as
   * their only option, it costs them nothing: the options are worked out by the first call, and
   * anew after {@link RpcClient#init}. So they must not differ from call to call.
   */
  static CallOption of(CallOption... options) {
    return new OptionSet(options);
  }

  /** See {@link CallOptions#setTimeout}. */
  static CallOption timeout(Duration timeout) {
    return options -> options.setTimeout(timeout);
  }

  /** See {@link CallOptions#setAttemptTimeout}. */
  static CallOption attemptTimeout(Duration timeout) {
    return options -> options.setAttemptTimeout(timeout);
  }

  /** See {@link CallOptions#setDialTimeout}. */
  static CallOption dialTimeout(Duration timeout) {
    return options -> options.setDialTimeout(timeout);
  }

  /** See {@link CallOptions#setRetries}. */
  static CallOption retries(int retries) {
    return options -> options.setRetries(retries);
  }

  /** See {@link CallOptions#setRetryPolicy}. */
  static CallOption retry(RetryPolicy policy) {
    return options -> options.setRetryPolicy(policy);
  }

  /** See {@link CallOptions#setBackoff}. */
  static CallOption backoff(Backoff backoff) {
    return options -> options.setBackoff(backoff);
  }

  /** Hedges idempotent calls with one more attempt after {@code delay}. */
  static CallOption hedge(Duration delay) {
    return hedge(new Hedge.After(delay, 2));
  }

  /** See {@link CallOptions#setHedge}. */
  static CallOption hedge(Hedge hedge) {
    return options -> options.setHedge(hedge);
  }

  /** See {@link CallOptions#setIdempotent}: this call may be executed more than once. */
  static CallOption idempotent() {
    return options -> options.setIdempotent(true);
  }

  /** See {@link CallOptions#setTransparentRetries}: what no server saw is not sent again. */
  static CallOption noTransparentRetries() {
    return options -> options.setTransparentRetries(false);
  }

  /** See {@link CallOptions#setWaitForReady}: waits for a node instead of failing without one. */
  static CallOption waitForReady() {
    return options -> options.setWaitForReady(true);
  }

  /** See {@link CallOptions#setAddresses}. */
  static CallOption address(String... addresses) {
    return options -> options.setAddresses(addresses);
  }

  /** See {@link CallOptions#setContentType}. */
  static CallOption contentType(String contentType) {
    return options -> options.setContentType(contentType);
  }

  /** Adds one metadata entry; a value of the same name is replaced. */
  static CallOption metadata(String name, String value) {
    return options -> options.setMetadata(options.getMetadata().with(name, value));
  }

  /** Adds select options behind those that are there. */
  static CallOption select(SelectOption... more) {
    return options -> options.addSelectOptions(more);
  }

  /** Adds a call wrapper inside of those that are there. */
  static CallOption wrap(CallWrapper wrapper) {
    return options -> options.addCallWrapper(wrapper);
  }

  /** See {@link CallOptions#setMaxRequestBytes}. */
  static CallOption maxRequestBytes(int bytes) {
    return options -> options.setMaxRequestBytes(bytes);
  }

  /** See {@link CallOptions#setStreamTimeout}. */
  static CallOption streamTimeout(Duration timeout) {
    return options -> options.setStreamTimeout(timeout);
  }

  /** See {@link CallOptions#setIdleTimeout}. */
  static CallOption idleTimeout(Duration timeout) {
    return options -> options.setIdleTimeout(timeout);
  }

  /** See {@link CallOptions#setMaxReplayBytes}. */
  static CallOption maxReplayBytes(int bytes) {
    return options -> options.setMaxReplayBytes(bytes);
  }

  /** See {@link CallOptions#setMaxReplyBytes}. */
  static CallOption maxReplyBytes(int bytes) {
    return options -> options.setMaxReplyBytes(bytes);
  }
}
