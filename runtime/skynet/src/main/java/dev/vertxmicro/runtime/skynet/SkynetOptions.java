// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.skynet;

import dev.vertxmicro.codec.JsonFields;
import dev.vertxmicro.codec.Ranges;
import dev.vertxmicro.time.Nanos;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * How {@link SkynetTransport} speaks. Not thread-safe: the transport copies what it is given.
 * Durations are milliseconds in JSON.
 */
public final class SkynetOptions {

  /** 10,000 requests. */
  public static final int DEFAULT_MAX_QUEUED_PER_NODE = 10_000;

  /** 64 MiB. */
  public static final int DEFAULT_MAX_QUEUED_BYTES = 64 * 1024 * 1024;

  /** 100,000 calls. */
  public static final int DEFAULT_MAX_OPEN_PER_NODE = 100_000;

  /** 1 MiB. */
  public static final int DEFAULT_MAX_UNWRITTEN_BYTES = 1024 * 1024;

  /** 5 min. */
  public static final Duration DEFAULT_IDLE_TIMEOUT = Duration.ofMinutes(5);

  /** Calls under way fail. */
  public static final AddressChange DEFAULT_ON_ADDRESS_CHANGE = AddressChange.FAIL;

  private static final int LEAST_UNWRITTEN = 1_024;

  private int maxQueuedPerNode = DEFAULT_MAX_QUEUED_PER_NODE;
  private int maxQueuedBytes = DEFAULT_MAX_QUEUED_BYTES;
  private int maxOpenPerNode = DEFAULT_MAX_OPEN_PER_NODE;
  private int maxUnwrittenBytes = DEFAULT_MAX_UNWRITTEN_BYTES;
  private Duration idleTimeout = DEFAULT_IDLE_TIMEOUT;
  private AddressChange onAddressChange = DEFAULT_ON_ADDRESS_CHANGE;
  private @Nullable String traceHeader;

  /** Makes options with all defaults. */
  public SkynetOptions() {}

  /** Makes a copy. */
  public SkynetOptions(SkynetOptions other) {
    maxQueuedPerNode = other.maxQueuedPerNode;
    maxQueuedBytes = other.maxQueuedBytes;
    maxOpenPerNode = other.maxOpenPerNode;
    maxUnwrittenBytes = other.maxUnwrittenBytes;
    idleTimeout = other.idleTimeout;
    onAddressChange = other.onAddressChange;
    traceHeader = other.traceHeader;
  }

  /**
   * Makes options from JSON; what is absent keeps its default.
   *
   * @throws IllegalArgumentException if a value is out of its range or of a wrong type
   */
  public SkynetOptions(JsonObject json) {
    JsonFields fields = new JsonFields(json);
    fields.integer("maxQueuedPerNode", this::setMaxQueuedPerNode);
    fields.integer("maxQueuedBytes", this::setMaxQueuedBytes);
    fields.integer("maxOpenPerNode", this::setMaxOpenPerNode);
    fields.integer("maxUnwrittenBytes", this::setMaxUnwrittenBytes);
    fields.duration("idleTimeout", this::setIdleTimeout);
    fields.constant("onAddressChange", AddressChange.class, this::setOnAddressChange);
    fields.string("traceHeader", this::setTraceHeader);
  }

  /** Returns all settings. */
  public JsonObject toJson() {
    JsonObject json =
        new JsonObject()
            .put("maxQueuedPerNode", maxQueuedPerNode)
            .put("maxQueuedBytes", maxQueuedBytes)
            .put("maxOpenPerNode", maxOpenPerNode)
            .put("maxUnwrittenBytes", maxUnwrittenBytes)
            .put("idleTimeout", Nanos.millis(idleTimeout))
            .put("onAddressChange", onAddressChange.name());
    return traceHeader == null ? json : json.put("traceHeader", traceHeader);
  }

  /** Returns the most requests that wait for the connection to one node. */
  public int getMaxQueuedPerNode() {
    return maxQueuedPerNode;
  }

  /**
   * Sets the most requests, calls and pushes, that wait for the connection to one node, or for its
   * socket to take more; those beyond fail with RESOURCE_EXHAUSTED, NOT_SENT. Default 10,000.
   *
   * @param most at least 1
   */
  public SkynetOptions setMaxQueuedPerNode(int most) {
    maxQueuedPerNode = Ranges.within("maxQueuedPerNode", most, 1, Integer.MAX_VALUE);
    return this;
  }

  /** Returns the most bytes of arguments that wait for the connection to one node. */
  public int getMaxQueuedBytes() {
    return maxQueuedBytes;
  }

  /**
   * Sets the most bytes of arguments of the requests that wait, see {@link #setMaxQueuedPerNode}.
   * Default 64 MiB.
   *
   * @param most at least 1
   */
  public SkynetOptions setMaxQueuedBytes(int most) {
    maxQueuedBytes = Ranges.within("maxQueuedBytes", most, 1, Integer.MAX_VALUE);
    return this;
  }

  /** Returns the most calls to one node that await replies. */
  public int getMaxOpenPerNode() {
    return maxOpenPerNode;
  }

  /**
   * Sets the most calls to one node that await replies; those beyond fail with RESOURCE_EXHAUSTED,
   * NOT_SENT. Default 100,000.
   *
   * @param most at least 1
   */
  public SkynetOptions setMaxOpenPerNode(int most) {
    maxOpenPerNode = Ranges.within("maxOpenPerNode", most, 1, Integer.MAX_VALUE);
    return this;
  }

  /** Returns how many bytes a socket holds back before requests wait. */
  public int getMaxUnwrittenBytes() {
    return maxUnwrittenBytes;
  }

  /**
   * Sets how many bytes a socket holds back, of a node that does not read, before further requests
   * wait in the queue, where they can still be given up. One request may exceed it. Default 1 MiB.
   *
   * @param bytes at least 1,024
   */
  public SkynetOptions setMaxUnwrittenBytes(int bytes) {
    maxUnwrittenBytes =
        Ranges.within("maxUnwrittenBytes", bytes, LEAST_UNWRITTEN, Integer.MAX_VALUE);
    return this;
  }

  /** Returns after how long an unused connection is closed. */
  public Duration getIdleTimeout() {
    return idleTimeout;
  }

  /**
   * Sets after how long without a request and without a call under way a connection is closed, and
   * then what is known of its node forgotten. Checked four times in that time. skynet never closes
   * one. Default 5 min.
   *
   * @param timeout above zero
   */
  public SkynetOptions setIdleTimeout(Duration timeout) {
    idleTimeout = Ranges.positive("idleTimeout", timeout);
    return this;
  }

  /** Returns what becomes of calls under way when their node changes its address. */
  public AddressChange getOnAddressChange() {
    return onAddressChange;
  }

  /**
   * Sets what becomes of calls under way when their node changes its address or is taken out of the
   * table; later ones go to the new address in any case. Default FAIL, as skynet does.
   */
  public SkynetOptions setOnAddressChange(AddressChange change) {
    onAddressChange = Objects.requireNonNull(change, "onAddressChange");
    return this;
  }

  /** Returns the name of the metadata that is sent as a trace tag, or null. */
  public @Nullable String getTraceHeader() {
    return traceHeader;
  }

  /**
   * Sets which metadata of a request is sent before it as skynet's trace tag, cut at 32,768 bytes;
   * a request without it has none. Nodes of before May 2018 log tags and go on. Default null: no
   * tags.
   *
   * @param name a name of metadata, not blank, or null
   */
  public SkynetOptions setTraceHeader(@Nullable String name) {
    traceHeader = name == null ? null : Ranges.notBlank("traceHeader", name);
    return this;
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof SkynetOptions that && toJson().equals(that.toJson());
  }

  @Override
  public int hashCode() {
    return toJson().hashCode();
  }

  /** Returns all settings. */
  @Override
  public String toString() {
    return "SkynetOptions" + toJson().encode();
  }
}
