// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime;

import dev.vertxmicro.codec.JsonFields;
import dev.vertxmicro.metadata.Metadata;
import dev.vertxmicro.runtime.retry.Backoff;
import dev.vertxmicro.runtime.retry.Hedge;
import dev.vertxmicro.runtime.retry.RetryPolicy;
import dev.vertxmicro.runtime.transport.SendOptions;
import dev.vertxmicro.selector.SelectOption;
import dev.vertxmicro.time.Nanos;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * How calls are made: the client's defaults, or a copy of them that one call's {@link CallOption}s
 * change. Not thread-safe.
 *
 * <p>JSON has the settings that are plain data, durations in milliseconds; policies, wrappers and
 * select options are set in code.
 */
public final class CallOptions {

  /** 30 s, as in go-micro since v4.10. */
  public static final Duration DEFAULT_TIMEOUT = Duration.ofSeconds(30);

  /** Zero: computed. */
  public static final Duration DEFAULT_ATTEMPT_TIMEOUT = Duration.ZERO;

  /** 5 s, as in go-micro. */
  public static final Duration DEFAULT_DIAL_TIMEOUT = SendOptions.DEFAULT.dialTimeout();

  /** Two retries, three attempts. */
  public static final int DEFAULT_RETRIES = 2;

  /** Full jitter from 25 ms, doubling, at most 1 s. */
  public static final Backoff DEFAULT_BACKOFF =
      Backoff.fullJitter(Duration.ofMillis(25), Duration.ofSeconds(1));

  /** 4 MiB. */
  public static final int DEFAULT_MAX_BYTES = SendOptions.DEFAULT_MAX_BYTES;

  /** Zero: streams live as long as both sides like. */
  public static final Duration DEFAULT_STREAM_TIMEOUT = Duration.ZERO;

  /** Zero: streams may be silent. */
  public static final Duration DEFAULT_IDLE_TIMEOUT = Duration.ZERO;

  /** 256 KiB. */
  public static final int DEFAULT_MAX_REPLAY_BYTES = 256 * 1024;

  private static final int MOST_RETRIES = 100;

  private Duration timeout = DEFAULT_TIMEOUT;
  private Duration attemptTimeout = DEFAULT_ATTEMPT_TIMEOUT;
  private Duration dialTimeout = DEFAULT_DIAL_TIMEOUT;
  private int retries = DEFAULT_RETRIES;
  private RetryPolicy retryPolicy = RetryPolicy.safe();
  private Backoff backoff = DEFAULT_BACKOFF;
  private Hedge hedge = Hedge.OFF;
  private boolean idempotent;
  private boolean transparentRetries = true;
  private boolean waitForReady;
  private List<String> addresses = List.of();
  private @Nullable String contentType;
  private Metadata metadata = Metadata.empty();
  private int maxRequestBytes = DEFAULT_MAX_BYTES;
  private int maxReplyBytes = DEFAULT_MAX_BYTES;
  private Duration streamTimeout = DEFAULT_STREAM_TIMEOUT;
  private Duration idleTimeout = DEFAULT_IDLE_TIMEOUT;
  private int maxReplayBytes = DEFAULT_MAX_REPLAY_BYTES;
  private List<SelectOption> selectOptions = List.of();
  private List<CallWrapper> callWrappers = List.of();

  /**
   * Whether the timeout was set by the call itself: then an inherited deadline does not replace it.
   */
  private boolean ownTimeout;

  /** Makes options with all defaults. */
  public CallOptions() {}

  /** Makes a copy. */
  public CallOptions(CallOptions other) {
    timeout = other.timeout;
    attemptTimeout = other.attemptTimeout;
    dialTimeout = other.dialTimeout;
    retries = other.retries;
    retryPolicy = other.retryPolicy;
    backoff = other.backoff;
    hedge = other.hedge;
    idempotent = other.idempotent;
    transparentRetries = other.transparentRetries;
    waitForReady = other.waitForReady;
    addresses = other.addresses;
    contentType = other.contentType;
    metadata = other.metadata;
    maxRequestBytes = other.maxRequestBytes;
    maxReplyBytes = other.maxReplyBytes;
    streamTimeout = other.streamTimeout;
    idleTimeout = other.idleTimeout;
    maxReplayBytes = other.maxReplayBytes;
    selectOptions = other.selectOptions;
    callWrappers = other.callWrappers;
  }

  /**
   * Makes options from JSON; what is absent keeps its default.
   *
   * @throws IllegalArgumentException if a value is out of its range or of a wrong type
   */
  public CallOptions(JsonObject json) {
    JsonFields fields = new JsonFields(json);
    fields.duration("timeout", this::setTimeout);
    fields.duration("attemptTimeout", this::setAttemptTimeout);
    fields.duration("dialTimeout", this::setDialTimeout);
    fields.integer("retries", this::setRetries);
    fields.bool("idempotent", this::setIdempotent);
    fields.bool("transparentRetries", this::setTransparentRetries);
    fields.bool("waitForReady", this::setWaitForReady);
    fields.strings("addresses", list -> setAddresses(list.toArray(new String[0])));
    fields.string("contentType", this::setContentType);
    fields.object("metadata", object -> setMetadata(metadata(object)));
    fields.integer("maxRequestBytes", this::setMaxRequestBytes);
    fields.integer("maxReplyBytes", this::setMaxReplyBytes);
    fields.duration("streamTimeout", this::setStreamTimeout);
    fields.duration("idleTimeout", this::setIdleTimeout);
    fields.integer("maxReplayBytes", this::setMaxReplayBytes);
    ownTimeout = false;
  }

  /** Returns the settings that are plain data. */
  public JsonObject toJson() {
    JsonObject json =
        new JsonObject()
            .put("timeout", Nanos.millis(timeout))
            .put("attemptTimeout", Nanos.millis(attemptTimeout))
            .put("dialTimeout", Nanos.millis(dialTimeout))
            .put("retries", retries)
            .put("idempotent", idempotent)
            .put("transparentRetries", transparentRetries)
            .put("waitForReady", waitForReady)
            .put("addresses", new JsonArray(addresses))
            .put("maxRequestBytes", maxRequestBytes)
            .put("maxReplyBytes", maxReplyBytes)
            .put("streamTimeout", Nanos.millis(streamTimeout))
            .put("idleTimeout", Nanos.millis(idleTimeout))
            .put("maxReplayBytes", maxReplayBytes);
    if (contentType != null) {
      json.put("contentType", contentType);
    }
    if (!metadata.isEmpty()) {
      json.put("metadata", json(metadata));
    }
    return json;
  }

  private static Metadata metadata(JsonObject json) {
    JsonFields fields = new JsonFields(json);
    Metadata.Builder metadata = Metadata.builder();
    for (String name : json.fieldNames()) {
      if (json.getValue(name) instanceof JsonArray) {
        fields.strings(name, values -> values.forEach(value -> metadata.add(name, value)));
      } else {
        fields.string(name, value -> metadata.add(name, value));
      }
    }
    return metadata.build();
  }

  private static JsonObject json(Metadata metadata) {
    JsonObject json = new JsonObject();
    for (String name : metadata.names()) {
      List<String> values = metadata.getAll(name);
      json.put(name, values.size() == 1 ? values.get(0) : new JsonArray(values));
    }
    return json;
  }

  /** Returns the bound of the whole call. */
  public Duration getTimeout() {
    return timeout;
  }

  /**
   * Bounds the whole call, retries included; of a stream, the time until it is open. Default 30 s.
   * A deadline inherited from the request being served replaces the client's default; a timeout set
   * on the call combines with it by minimum.
   *
   * @param timeout above zero
   */
  public CallOptions setTimeout(Duration timeout) {
    this.timeout = positive("timeout", timeout);
    this.ownTimeout = true;
    return this;
  }

  /** Returns the bound of one attempt. */
  public Duration getAttemptTimeout() {
    return attemptTimeout;
  }

  /**
   * Bounds one attempt; the call's deadline still bounds all of them together. Zero, the default,
   * divides the time that remains by the attempts that are left for idempotent calls, and gives all
   * of it to any other attempt.
   *
   * @param timeout zero or more
   */
  public CallOptions setAttemptTimeout(Duration timeout) {
    this.attemptTimeout = notNegative("attemptTimeout", timeout);
    return this;
  }

  /** Returns the bound of connecting. */
  public Duration getDialTimeout() {
    return dialTimeout;
  }

  /**
   * Bounds how long an attempt may wait for a new connection. Default 5 s.
   *
   * @param timeout above zero
   */
  public CallOptions setDialTimeout(Duration timeout) {
    this.dialTimeout = positive("dialTimeout", timeout);
    return this;
  }

  /** Returns the most retries. */
  public int getRetries() {
    return retries;
  }

  /**
   * Sets the most retries: n retries are n + 1 attempts. Requests that provably no server saw do
   * not count, see {@link #setTransparentRetries}. Default 2.
   *
   * @param retries 0 to 100; 0 means one attempt
   */
  public CallOptions setRetries(int retries) {
    if (retries < 0 || retries > MOST_RETRIES) {
      throw new IllegalArgumentException("retries: " + retries + " (expected: 0 to 100)");
    }
    this.retries = retries;
    return this;
  }

  /** Returns the retry policy. */
  public RetryPolicy getRetryPolicy() {
    return retryPolicy;
  }

  /** Sets whether a failure is worth a retry. Default {@link RetryPolicy#safe()}. */
  public CallOptions setRetryPolicy(RetryPolicy policy) {
    this.retryPolicy = Objects.requireNonNull(policy, "retryPolicy");
    return this;
  }

  /** Returns the backoff. */
  public Backoff getBackoff() {
    return backoff;
  }

  /** Sets the wait before attempts. Default full jitter from 25 ms, doubling, at most 1 s. */
  public CallOptions setBackoff(Backoff backoff) {
    this.backoff = Objects.requireNonNull(backoff, "backoff");
    return this;
  }

  /** Returns the hedge. */
  public Hedge getHedge() {
    return hedge;
  }

  /**
   * Sets when a second node is asked although the first may still answer. Only idempotent calls are
   * hedged, and a call that hedges does not retry. Default off.
   */
  public CallOptions setHedge(Hedge hedge) {
    this.hedge = Objects.requireNonNull(hedge, "hedge");
    return this;
  }

  /** Tells whether the request may be executed more than once. */
  public boolean isIdempotent() {
    return idempotent;
  }

  /** Declares that the request may be executed more than once. Default false. */
  public CallOptions setIdempotent(boolean idempotent) {
    this.idempotent = idempotent;
    return this;
  }

  /** Tells whether requests that no server saw are sent again at once. */
  public boolean isTransparentRetries() {
    return transparentRetries;
  }

  /**
   * Sets whether a request that provably no server saw (connect failures, REFUSED_STREAM, GOAWAY)
   * goes to another node at once, without backoff, outside retries and budget, at most once per
   * node. Default true.
   */
  public CallOptions setTransparentRetries(boolean on) {
    this.transparentRetries = on;
    return this;
  }

  /** Tells whether the call waits for a node. */
  public boolean isWaitForReady() {
    return waitForReady;
  }

  /**
   * Sets whether a call that finds no service, no node or no connection waits with backoff until
   * its deadline instead of failing. Default false.
   */
  public CallOptions setWaitForReady(boolean on) {
    this.waitForReady = on;
    return this;
  }

  /** Returns the addresses that bypass the selector. */
  public List<String> getAddresses() {
    return addresses;
  }

  /**
   * Calls these addresses instead of asking the selector, round robin over all calls of the client.
   * Default none. {@code https://} in front or port 443 asks for TLS.
   *
   * @param addresses {@code host:port} each, not empty; none goes back to the selector
   */
  public CallOptions setAddresses(String... addresses) {
    for (String address : addresses) {
      if (address.isBlank()) {
        throw new IllegalArgumentException(
            "addresses: " + new JsonArray(List.of(addresses)) + " (expected: host:port each)");
      }
    }
    this.addresses = List.of(addresses);
    return this;
  }

  /** Returns the content type, or null for the first of the transport that fits the body. */
  public @Nullable String getContentType() {
    return contentType;
  }

  /** Sets the content type of request and reply; null lets the transport and the body decide. */
  public CallOptions setContentType(@Nullable String contentType) {
    this.contentType = contentType;
    return this;
  }

  /** Returns the metadata. */
  public Metadata getMetadata() {
    return metadata;
  }

  /**
   * Sets the metadata; a request's own wins over it. Default none. In JSON an object: the value of
   * a name is a string, or an array of strings.
   *
   * @param metadata without names of {@link dev.vertxmicro.metadata.ReservedHeaders}
   */
  public CallOptions setMetadata(Metadata metadata) {
    this.metadata = OwnMetadata.checked(metadata);
    return this;
  }

  /** Returns the bound of a request body. */
  public int getMaxRequestBytes() {
    return maxRequestBytes;
  }

  /**
   * Bounds the encoded request body. Default 4 MiB.
   *
   * @param bytes at least 0
   */
  public CallOptions setMaxRequestBytes(int bytes) {
    this.maxRequestBytes = notNegative("maxRequestBytes", bytes);
    return this;
  }

  /** Returns the bound of a reply body. */
  public int getMaxReplyBytes() {
    return maxReplyBytes;
  }

  /**
   * Bounds the reply body, also after inflating. Default 4 MiB.
   *
   * @param bytes at least 0
   */
  public CallOptions setMaxReplyBytes(int bytes) {
    this.maxReplyBytes = notNegative("maxReplyBytes", bytes);
    return this;
  }

  /** Returns how long a stream may live; zero if that is not bounded. */
  public Duration getStreamTimeout() {
    return streamTimeout;
  }

  /**
   * Bounds the whole life of a stream, from the call of {@code stream} on; told to the server. Then
   * it fails with DEADLINE_EXCEEDED. An inherited deadline bounds it as well. {@link #setTimeout}
   * bounds only the time until the stream is open. Default zero: no bound.
   *
   * @param timeout zero or more
   */
  public CallOptions setStreamTimeout(Duration timeout) {
    this.streamTimeout = notNegative("streamTimeout", timeout);
    return this;
  }

  /** Returns how long a stream may be silent; zero if that is not bounded. */
  public Duration getIdleTimeout() {
    return idleTimeout;
  }

  /**
   * Bounds how long an open stream may go without a request being written or a reply being handed
   * over, whoever of both sides is the slow one. Then it fails with DEADLINE_EXCEEDED. Default
   * zero: no bound.
   *
   * @param timeout zero or more
   */
  public CallOptions setIdleTimeout(Duration timeout) {
    this.idleTimeout = notNegative("idleTimeout", timeout);
    return this;
  }

  /** Returns how many bytes of requests a stream keeps for another attempt. */
  public int getMaxReplayBytes() {
    return maxReplayBytes;
  }

  /**
   * Bounds what a stream keeps of the requests that were written before the server began to answer,
   * so that another attempt can send them again. When more is written the stream stays with its
   * attempt: it is not retried any more. A stream that was opened with its only request always
   * keeps that. Default 256 KiB.
   *
   * @param bytes at least 0; 0 means that a stream is not retried once a request was written
   */
  public CallOptions setMaxReplayBytes(int bytes) {
    this.maxReplayBytes = notNegative("maxReplayBytes", bytes);
    return this;
  }

  /** Returns the select options in order. */
  public List<SelectOption> getSelectOptions() {
    return selectOptions;
  }

  /** Adds select options behind those that are there. */
  public CallOptions addSelectOptions(SelectOption... more) {
    List<SelectOption> all = new ArrayList<>(selectOptions);
    all.addAll(List.of(more));
    this.selectOptions = List.copyOf(all);
    return this;
  }

  /** Returns the call wrappers, the outermost first. */
  public List<CallWrapper> getCallWrappers() {
    return callWrappers;
  }

  /** Adds a call wrapper inside of those that are there. */
  public CallOptions addCallWrapper(CallWrapper wrapper) {
    List<CallWrapper> all = new ArrayList<>(callWrappers);
    all.add(Objects.requireNonNull(wrapper, "wrapper"));
    this.callWrappers = List.copyOf(all);
    return this;
  }

  boolean hasOwnTimeout() {
    return ownTimeout;
  }

  private static Duration positive(String name, Duration value) {
    if (value.isNegative() || value.isZero()) {
      throw new IllegalArgumentException(name + ": " + value + " (expected: above zero)");
    }
    return value;
  }

  private static Duration notNegative(String name, Duration value) {
    if (value.isNegative()) {
      throw new IllegalArgumentException(name + ": " + value + " (expected: zero or more)");
    }
    return value;
  }

  private static int notNegative(String name, int value) {
    if (value < 0) {
      throw new IllegalArgumentException(name + ": " + value + " (expected: >= 0)");
    }
    return value;
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof CallOptions that
        && toJson().equals(that.toJson())
        && retryPolicy.equals(that.retryPolicy)
        && backoff.equals(that.backoff)
        && hedge.equals(that.hedge)
        && selectOptions.equals(that.selectOptions)
        && callWrappers.equals(that.callWrappers);
  }

  @Override
  public int hashCode() {
    return Objects.hash(toJson(), retryPolicy, backoff, hedge, selectOptions, callWrappers);
  }

  /** Returns the plain settings without metadata values, which may be secrets. */
  @Override
  public String toString() {
    JsonObject json = toJson().put("metadata", metadata.toString());
    return "CallOptions" + json.put("backoff", backoff.toString()).put("hedge", hedge.toString());
  }
}
