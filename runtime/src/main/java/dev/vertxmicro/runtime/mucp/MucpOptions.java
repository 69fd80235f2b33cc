// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.mucp;

import dev.vertxmicro.codec.JsonFields;
import dev.vertxmicro.codec.Ranges;
import dev.vertxmicro.runtime.pooling.NodeAddress;
import dev.vertxmicro.time.Nanos;
import io.vertx.core.json.JsonObject;
import io.vertx.core.net.ClientSSLOptions;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * How {@link MucpTransport} speaks. Not thread-safe: the transport copies what it is given.
 *
 * <p>JSON has everything but the TLS options, durations in milliseconds.
 */
public final class MucpOptions {

  /** 64 KiB. */
  public static final int DEFAULT_MAX_HEADER_BYTES = 64 * 1024;

  /** 10,000 exchanges. */
  public static final int DEFAULT_MAX_QUEUED_PER_NODE = 10_000;

  /** 1,000 streams. */
  public static final int DEFAULT_MAX_STREAMS_PER_NODE = 1_000;

  /** 5 min. */
  public static final Duration DEFAULT_IDLE_TIMEOUT = Duration.ofMinutes(5);

  /** 1 s. */
  public static final Duration DEFAULT_END_TIMEOUT = Duration.ofSeconds(1);

  /** What servers see of this runtime. */
  public static final String DEFAULT_USER_AGENT = "vertx-micro/0.1";

  private static final int LEAST_HEADER_BYTES = 1_024;
  private static final int MOST_HEADER_BYTES = 16 * 1024 * 1024;

  private @Nullable ClientSSLOptions ssl;
  private int maxHeaderBytes = DEFAULT_MAX_HEADER_BYTES;
  private int maxQueuedPerNode = DEFAULT_MAX_QUEUED_PER_NODE;
  private int maxStreamsPerNode = DEFAULT_MAX_STREAMS_PER_NODE;
  private Duration idleTimeout = DEFAULT_IDLE_TIMEOUT;
  private Duration endTimeout = DEFAULT_END_TIMEOUT;
  private boolean streamIdOnCalls = true;
  private String userAgent = DEFAULT_USER_AGENT;

  /** Makes options with all defaults. */
  public MucpOptions() {}

  /** Makes a copy. */
  public MucpOptions(MucpOptions other) {
    ssl = other.ssl == null ? null : other.ssl.copy();
    maxHeaderBytes = other.maxHeaderBytes;
    maxQueuedPerNode = other.maxQueuedPerNode;
    maxStreamsPerNode = other.maxStreamsPerNode;
    idleTimeout = other.idleTimeout;
    endTimeout = other.endTimeout;
    streamIdOnCalls = other.streamIdOnCalls;
    userAgent = other.userAgent;
  }

  /**
   * Makes options from JSON; what is absent keeps its default.
   *
   * @throws IllegalArgumentException if a value is out of its range or of a wrong type
   */
  public MucpOptions(JsonObject json) {
    JsonFields fields = new JsonFields(json);
    fields.integer("maxHeaderBytes", this::setMaxHeaderBytes);
    fields.integer("maxQueuedPerNode", this::setMaxQueuedPerNode);
    fields.integer("maxStreamsPerNode", this::setMaxStreamsPerNode);
    fields.duration("idleTimeout", this::setIdleTimeout);
    fields.duration("endTimeout", this::setEndTimeout);
    fields.bool("streamIdOnCalls", this::setStreamIdOnCalls);
    fields.string("userAgent", this::setUserAgent);
  }

  /**
   * Returns the settings that are plain data. TLS options are not: what Vert.x makes JSON of them
   * has neither trust nor keys.
   */
  public JsonObject toJson() {
    return new JsonObject()
        .put("maxHeaderBytes", maxHeaderBytes)
        .put("maxQueuedPerNode", maxQueuedPerNode)
        .put("maxStreamsPerNode", maxStreamsPerNode)
        .put("idleTimeout", Nanos.millis(idleTimeout))
        .put("endTimeout", Nanos.millis(endTimeout))
        .put("streamIdOnCalls", streamIdOnCalls)
        .put("userAgent", userAgent);
  }

  /** Returns the TLS options, or null. */
  public @Nullable ClientSSLOptions getSsl() {
    return ssl;
  }

  /**
   * Speaks TLS with every node, but for those whose address begins with {@code http://}. Default
   * null: TLS for nodes whose address begins with {@code https://}, has port 443 or no port, or
   * whose metadata has {@code secure=true}; certificates are checked against the JDK's roots.
   * go-micro's servers make their own certificates unless they are given some: trust those here.
   *
   * <p>Give trust and keys as bytes ({@code PemTrustOptions.addCertValue}): Vert.x reads a path
   * only once. ALPN always asks for {@code http/1.1}. Host names are checked, also with {@code
   * trustAll}, unless the options set the hostname verification algorithm to the empty string.
   *
   * @param ssl trust, client certificate and protocols; copied
   */
  public MucpOptions setSsl(@Nullable ClientSSLOptions ssl) {
    this.ssl = ssl == null ? null : ssl.copy();
    return this;
  }

  /** Returns the most bytes of the head of a request, and of an answer. */
  public int getMaxHeaderBytes() {
    return maxHeaderBytes;
  }

  /**
   * Sets the most bytes of the head of a request, and of an answer, which with go-micro holds the
   * headers of a request again. Default 64 KiB.
   *
   * @param bytes 1,024 to 16,777,216
   */
  public MucpOptions setMaxHeaderBytes(int bytes) {
    maxHeaderBytes = Ranges.within("maxHeaderBytes", bytes, LEAST_HEADER_BYTES, MOST_HEADER_BYTES);
    return this;
  }

  /** Returns the most exchanges that wait for a connection to one node. */
  public int getMaxQueuedPerNode() {
    return maxQueuedPerNode;
  }

  /**
   * Sets the most exchanges that wait for a connection to one node, over all event loops; those
   * beyond fail with RESOURCE_EXHAUSTED, NOT_SENT. Default 10,000.
   *
   * @param most at least 1
   */
  public MucpOptions setMaxQueuedPerNode(int most) {
    maxQueuedPerNode = Ranges.within("maxQueuedPerNode", most, 1, Integer.MAX_VALUE);
    return this;
  }

  /** Returns the most streams to one node. */
  public int getMaxStreamsPerNode() {
    return maxStreamsPerNode;
  }

  /**
   * Sets the most streams to one node, over all event loops; those beyond fail with
   * RESOURCE_EXHAUSTED, NOT_SENT. Each has a connection of its own, beside those of the pool.
   * Default 1,000.
   *
   * @param most at least 1
   */
  public MucpOptions setMaxStreamsPerNode(int most) {
    maxStreamsPerNode = Ranges.within("maxStreamsPerNode", most, 1, Integer.MAX_VALUE);
    return this;
  }

  /** Returns after how long an unused connection is closed. */
  public Duration getIdleTimeout() {
    return idleTimeout;
  }

  /**
   * Sets after how long without a call a connection is closed, and then all that is known of its
   * node forgotten. Checked four times in that time. Default 5 min. One that no call has used yet
   * lives 4 s: go-micro's servers close such after 5 s.
   *
   * @param timeout above zero
   */
  public MucpOptions setIdleTimeout(Duration timeout) {
    idleTimeout = Ranges.positive("idleTimeout", timeout);
    return this;
  }

  /** Returns how long a stream waits for replies after its requests have ended. */
  public Duration getEndTimeout() {
    return endTimeout;
  }

  /**
   * Sets how long a server may be silent after the requests of a stream have ended, before that
   * counts as the end of its replies: go-micro's servers do not say when they have seen the end.
   * Default 1 s.
   *
   * @param timeout above zero
   */
  public MucpOptions setEndTimeout(Duration timeout) {
    endTimeout = Ranges.positive("endTimeout", timeout);
    return this;
  }

  /** Tells whether calls have a {@code Micro-Stream} header as well. */
  public boolean isStreamIdOnCalls() {
    return streamIdOnCalls;
  }

  /**
   * Sets whether each call has a {@code Micro-Stream} header of its own, as streams have. Servers
   * of go-micro since v4.10 otherwise take all calls on a connection for the same one, and lose a
   * call that follows another before they have done with that: rarely, but more often under load,
   * and the caller then waits for the timeout. go-micro's own client sends none. Default true; turn
   * it off where a proxy takes such calls for streams.
   */
  public MucpOptions setStreamIdOnCalls(boolean on) {
    streamIdOnCalls = on;
    return this;
  }

  /** Returns the {@code User-Agent} header. */
  public String getUserAgent() {
    return userAgent;
  }

  /**
   * Sets the {@code User-Agent} header. Default {@value #DEFAULT_USER_AGENT}.
   *
   * @param userAgent printable ASCII, not empty
   */
  public MucpOptions setUserAgent(String userAgent) {
    if (userAgent.isBlank() || !userAgent.chars().allMatch(c -> c >= ' ' && c <= '~')) {
      throw new IllegalArgumentException(
          "userAgent: '" + userAgent + "' (expected: printable ASCII, not empty)");
    }
    this.userAgent = userAgent.strip();
    return this;
  }

  boolean isTls(NodeAddress address) {
    return address.tls() || (ssl != null && !address.asksForPlainText());
  }

  /** Returns the options of a TLS connection. */
  ClientSSLOptions tls() {
    ClientSSLOptions tls = ssl == null ? new ClientSSLOptions() : ssl.copy();
    if (tls.getHostnameVerificationAlgorithm() == null) {
      tls.setHostnameVerificationAlgorithm("HTTPS");
    }
    return tls.setUseAlpn(true).setApplicationLayerProtocols(List.of("http/1.1"));
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof MucpOptions that
        && Objects.equals(ssl, that.ssl)
        && toJson().equals(that.toJson());
  }

  @Override
  public int hashCode() {
    return Objects.hash(ssl, toJson());
  }

  /** Returns the plain data, and whether there are TLS options, which may hold keys. */
  @Override
  public String toString() {
    return "MucpOptions[ssl=" + (ssl != null) + ", " + toJson().encode() + "]";
  }
}
