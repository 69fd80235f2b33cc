// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.broker.nats;

import dev.vertxmicro.codec.JsonFields;
import dev.vertxmicro.codec.Ranges;
import dev.vertxmicro.nats.NatsOptions;
import dev.vertxmicro.time.Nanos;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * How a {@link NatsBroker} works. Not thread-safe: the broker keeps a copy. At most one way to log
 * in may be set: user and password, token, NKey or credentials.
 */
public final class NatsBrokerOptions extends NatsOptions<NatsBrokerOptions> {

  /** 4,096 publishes. */
  public static final int DEFAULT_MAX_IN_FLIGHT = 4_096;

  /** 8 MiB. */
  public static final int DEFAULT_BUFFER_SIZE = 8 << 20;

  /** 10 s. */
  public static final Duration DEFAULT_CLOSE_TIMEOUT = Duration.ofSeconds(10);

  private int maxInFlight = DEFAULT_MAX_IN_FLIGHT;
  private int bufferSize = DEFAULT_BUFFER_SIZE;
  private Duration closeTimeout = DEFAULT_CLOSE_TIMEOUT;
  private @Nullable JetStreamOptions jetStream;

  /** Makes options with all defaults. */
  public NatsBrokerOptions() {}

  /** Makes a copy. */
  public NatsBrokerOptions(NatsBrokerOptions other) {
    super(other);
    maxInFlight = other.maxInFlight;
    bufferSize = other.bufferSize;
    closeTimeout = other.closeTimeout;
    jetStream = other.jetStream == null ? null : new JetStreamOptions(other.jetStream);
  }

  /**
   * Makes options from JSON; what is absent keeps its default.
   *
   * @throws IllegalArgumentException if a value is out of its range or of a wrong type
   */
  public NatsBrokerOptions(JsonObject json) {
    JsonFields fields = new JsonFields(json);
    read(fields);
    fields.integer("maxInFlight", this::setMaxInFlight);
    fields.integer("bufferSize", this::setBufferSize);
    fields.duration("closeTimeout", this::setCloseTimeout);
    fields.object("jetStream", value -> setJetStream(new JetStreamOptions(value)));
  }

  @Override
  public JsonObject toJson() {
    JsonObject json = new JsonObject();
    write(json);
    json.put("maxInFlight", maxInFlight);
    json.put("bufferSize", bufferSize);
    json.put("closeTimeout", Nanos.millis(closeTimeout));
    if (jetStream != null) {
      json.put("jetStream", jetStream.toJson());
    }
    return json;
  }

  /** Returns how many publishes may be unconfirmed. */
  public int getMaxInFlight() {
    return maxInFlight;
  }

  /**
   * Bounds the publishes that are sent and not yet confirmed by the server; more wait in the
   * buffer. Default 4,096.
   *
   * @param maxInFlight 1 to 1,000,000
   */
  public NatsBrokerOptions setMaxInFlight(int maxInFlight) {
    this.maxInFlight = Ranges.within("maxInFlight", maxInFlight, 1, 1_000_000);
    return this;
  }

  /** Returns how many bytes of publishes may wait. */
  public int getBufferSize() {
    return bufferSize;
  }

  /**
   * Bounds the publishes that wait while the broker is disconnected, or while too many are
   * unconfirmed; they are sent in order, unless their timeout ends before. A publish beyond fails
   * with code 503 and NOT_SENT. Default 8 MiB.
   *
   * @param bufferSize bytes, zero or more; zero means that nothing waits: a publish while
   *     disconnected fails at once
   */
  public NatsBrokerOptions setBufferSize(int bufferSize) {
    this.bufferSize = Ranges.within("bufferSize", bufferSize, 0, Integer.MAX_VALUE);
    return this;
  }

  /** Returns how long a close waits. */
  public Duration getCloseTimeout() {
    return closeTimeout;
  }

  /**
   * Sets how long the close of a subscription waits for its running handlers, and the close of the
   * broker, after that, for its publishes to be confirmed. Default 10 s.
   *
   * @param closeTimeout zero or more; zero does not wait
   */
  public NatsBrokerOptions setCloseTimeout(Duration closeTimeout) {
    this.closeTimeout = Ranges.notNegative("closeTimeout", closeTimeout);
    return this;
  }

  /** Returns the settings of JetStream, or null. */
  public @Nullable JetStreamOptions getJetStream() {
    return jetStream;
  }

  /**
   * Has events stored and delivered at least once by JetStream. Default null: core NATS, at most
   * once.
   *
   * @param jetStream the settings, of which a copy is kept
   */
  public NatsBrokerOptions setJetStream(@Nullable JetStreamOptions jetStream) {
    this.jetStream = jetStream == null ? null : new JetStreamOptions(jetStream);
    return this;
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof NatsBrokerOptions that
        && connectsLike(that)
        && maxInFlight == that.maxInFlight
        && bufferSize == that.bufferSize
        && closeTimeout.equals(that.closeTimeout)
        && Objects.equals(jetStream, that.jetStream);
  }

  @Override
  public int hashCode() {
    return Objects.hash(connectionHash(), maxInFlight, bufferSize, closeTimeout, jetStream);
  }
}
