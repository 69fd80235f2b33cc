// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime;

import dev.vertxmicro.codec.JsonFields;
import dev.vertxmicro.runtime.retry.RetryBudget;
import dev.vertxmicro.runtime.transport.PoolLimits;
import dev.vertxmicro.time.Nanos;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * How a client works. Not thread-safe: a client copies what it is given, and hands out copies.
 *
 * <p>JSON has the settings that are plain data, durations in milliseconds.
 */
public final class RpcClientOptions {

  /** 100 connections per node. */
  public static final int DEFAULT_POOL_SIZE = PoolLimits.DEFAULT.size();

  /** 30 min. */
  public static final Duration DEFAULT_POOL_TTL = PoolLimits.DEFAULT.ttl();

  /** 10 s. */
  public static final Duration DEFAULT_DRAIN_TIMEOUT = Duration.ofSeconds(10);

  /** 100,000 open calls per event loop. */
  public static final int DEFAULT_MAX_OPEN_CALLS = 100_000;

  /** The protocol of nodes that name none. */
  public static final String DEFAULT_PROTOCOL = "grpc";

  private static final int MOST_RETRIES_PER_SECOND = 1_000_000;

  private int poolSize = DEFAULT_POOL_SIZE;
  private Duration poolTtl = DEFAULT_POOL_TTL;
  private Duration drainTimeout = DEFAULT_DRAIN_TIMEOUT;
  private int maxOpenCalls = DEFAULT_MAX_OPEN_CALLS;
  private String protocol = DEFAULT_PROTOCOL;
  private List<String> propagated = List.of();
  private boolean proxyFromEnvironment;
  private boolean retryBudget = true;
  private double retryRatio = RetryBudget.DEFAULT_RATIO;
  private int minRetriesPerSecond = RetryBudget.DEFAULT_MIN_PER_SECOND;
  private CallOptions calls = new CallOptions();

  /** Makes options with all defaults, the {@link Preset#SAFE} preset. */
  public RpcClientOptions() {}

  /** Makes a copy. */
  public RpcClientOptions(RpcClientOptions other) {
    setAll(other);
  }

  /**
   * Makes options from JSON; what is absent keeps its default.
   *
   * @throws IllegalArgumentException if a value is out of its range or of a wrong type
   */
  public RpcClientOptions(JsonObject json) {
    JsonFields fields = new JsonFields(json);
    fields.integer("poolSize", this::setPoolSize);
    fields.duration("poolTtl", this::setPoolTtl);
    fields.duration("drainTimeout", this::setDrainTimeout);
    fields.integer("maxOpenCalls", this::setMaxOpenCalls);
    fields.string("protocol", this::setProtocol);
    fields.strings("propagated", list -> setPropagated(list.toArray(new String[0])));
    fields.bool("proxyFromEnvironment", this::setProxyFromEnvironment);
    fields.bool("retryBudget", this::setRetryBudget);
    fields.decimal("retryRatio", this::setRetryRatio);
    fields.integer("minRetriesPerSecond", this::setMinRetriesPerSecond);
    fields.object("calls", object -> this.calls = new CallOptions(object));
  }

  /** Returns the settings that are plain data. */
  public JsonObject toJson() {
    return new JsonObject()
        .put("poolSize", poolSize)
        .put("poolTtl", Nanos.millis(poolTtl))
        .put("drainTimeout", Nanos.millis(drainTimeout))
        .put("maxOpenCalls", maxOpenCalls)
        .put("protocol", protocol)
        .put("propagated", new JsonArray(propagated))
        .put("proxyFromEnvironment", proxyFromEnvironment)
        .put("retryBudget", retryBudget)
        .put("retryRatio", retryRatio)
        .put("minRetriesPerSecond", minRetriesPerSecond)
        .put("calls", calls.toJson());
  }

  void setAll(RpcClientOptions other) {
    poolSize = other.poolSize;
    poolTtl = other.poolTtl;
    drainTimeout = other.drainTimeout;
    maxOpenCalls = other.maxOpenCalls;
    protocol = other.protocol;
    propagated = other.propagated;
    proxyFromEnvironment = other.proxyFromEnvironment;
    retryBudget = other.retryBudget;
    retryRatio = other.retryRatio;
    minRetriesPerSecond = other.minRetriesPerSecond;
    calls = new CallOptions(other.calls);
  }

  /** Returns the most connections per node. */
  public int getPoolSize() {
    return poolSize;
  }

  /**
   * Sets the most connections to one node, over all event loops. Default 100. May be changed while
   * calls run.
   *
   * @param size at least 1
   */
  public RpcClientOptions setPoolSize(int size) {
    if (size < 1) {
      throw new IllegalArgumentException("poolSize: " + size + " (expected: >= 1)");
    }
    this.poolSize = size;
    return this;
  }

  /** Returns the most age of a connection. */
  public Duration getPoolTtl() {
    return poolTtl;
  }

  /**
   * Sets the age at which a connection gets no new work. Default 30 min. May be changed while calls
   * run.
   *
   * @param ttl zero for no bound, or more
   */
  public RpcClientOptions setPoolTtl(Duration ttl) {
    this.poolTtl = notNegative("poolTtl", ttl);
    return this;
  }

  /** Returns how long {@code close} waits for calls. */
  public Duration getDrainTimeout() {
    return drainTimeout;
  }

  /**
   * Sets how long {@code close} waits for running calls. Default 10 s.
   *
   * @param timeout zero to fail them at once, or more
   */
  public RpcClientOptions setDrainTimeout(Duration timeout) {
    this.drainTimeout = notNegative("drainTimeout", timeout);
    return this;
  }

  /** Returns the most open calls per event loop. */
  public int getMaxOpenCalls() {
    return maxOpenCalls;
  }

  /**
   * Bounds the calls that are open on one event loop; more fail at once with RESOURCE_EXHAUSTED.
   * Default 100,000.
   *
   * @param calls at least 1
   */
  public RpcClientOptions setMaxOpenCalls(int calls) {
    if (calls < 1) {
      throw new IllegalArgumentException("maxOpenCalls: " + calls + " (expected: >= 1)");
    }
    this.maxOpenCalls = calls;
    return this;
  }

  /** Returns the protocol of nodes that name none. */
  public String getProtocol() {
    return protocol;
  }

  /**
   * Sets the protocol of nodes whose metadata names none, and of addresses. Default grpc. With
   * mucp, nodes that name none (but not addresses) are spoken to as go-micro speaks to its first
   * versions, see {@link dev.vertxmicro.runtime.mucp.MucpTransport}.
   */
  public RpcClientOptions setProtocol(String protocol) {
    this.protocol = Objects.requireNonNull(protocol, "protocol");
    return this;
  }

  /** Returns the names of metadata that is handed on. */
  public List<String> getPropagated() {
    return propagated;
  }

  /**
   * Names the metadata that calls take over from the request being served on their context; a name
   * that ends with {@code *} stands for all that begin like it. Default none: nothing received is
   * handed on blindly. What belongs to one hop ({@link dev.vertxmicro.metadata.ReservedHeaders}) is
   * never handed on.
   */
  public RpcClientOptions setPropagated(String... names) {
    this.propagated = List.of(names);
    return this;
  }

  /** Tells whether the proxy variables of go-micro are obeyed. */
  public boolean isProxyFromEnvironment() {
    return proxyFromEnvironment;
  }

  /**
   * Sets whether {@code MICRO_PROXY}, {@code MICRO_NETWORK} and {@code MICRO_NETWORK_ADDRESS}
   * decide which node is called, as in go-micro. Default false.
   */
  public RpcClientOptions setProxyFromEnvironment(boolean on) {
    this.proxyFromEnvironment = on;
    return this;
  }

  /** Tells whether retries and hedges are bounded over all calls to a service. */
  public boolean isRetryBudget() {
    return retryBudget;
  }

  /** Sets whether retries and hedges are bounded over all calls to a service. Default true. */
  public RpcClientOptions setRetryBudget(boolean on) {
    this.retryBudget = on;
    return this;
  }

  /** Returns the share of calls that may be retried or hedged. */
  public double getRetryRatio() {
    return retryRatio;
  }

  /**
   * Sets the share of the calls to a service in the last 10 s that may be retried or hedged.
   * Default 0.2.
   *
   * @param ratio 0 to 1
   */
  public RpcClientOptions setRetryRatio(double ratio) {
    if (!(ratio >= 0 && ratio <= 1)) {
      throw new IllegalArgumentException("retryRatio: " + ratio + " (expected: 0 to 1)");
    }
    this.retryRatio = ratio;
    return this;
  }

  /** Returns the retries that are always there. */
  public int getMinRetriesPerSecond() {
    return minRetriesPerSecond;
  }

  /**
   * Sets how many retries and hedges per second and service are there whatever the calls. Default
   * 10.
   *
   * @param retries 0 to 1,000,000
   */
  public RpcClientOptions setMinRetriesPerSecond(int retries) {
    if (retries < 0 || retries > MOST_RETRIES_PER_SECOND) {
      throw new IllegalArgumentException(
          "minRetriesPerSecond: " + retries + " (expected: 0 to " + MOST_RETRIES_PER_SECOND + ")");
    }
    this.minRetriesPerSecond = retries;
    return this;
  }

  /** Returns the defaults of calls; changing them changes these options. */
  public CallOptions getCalls() {
    return calls;
  }

  /** Sets the defaults of calls; they are copied. */
  public RpcClientOptions setCalls(CallOptions calls) {
    this.calls = new CallOptions(calls);
    return this;
  }

  PoolLimits poolLimits() {
    return new PoolLimits(poolSize, poolTtl);
  }

  private static Duration notNegative(String name, Duration value) {
    if (value.isNegative()) {
      throw new IllegalArgumentException(name + ": " + value + " (expected: zero or more)");
    }
    return value;
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof RpcClientOptions that
        && toJson().equals(that.toJson())
        && calls.equals(that.calls);
  }

  @Override
  public int hashCode() {
    return Objects.hash(toJson(), calls);
  }

  @Override
  public String toString() {
    JsonObject json = toJson();
    json.remove("calls");
    return "RpcClientOptions" + json + calls;
  }
}
