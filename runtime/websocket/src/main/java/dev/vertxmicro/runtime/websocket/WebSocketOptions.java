// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.websocket;

import dev.vertxmicro.codec.JsonFields;
import dev.vertxmicro.codec.Ranges;
import dev.vertxmicro.time.Nanos;
import io.vertx.core.json.JsonObject;
import io.vertx.core.net.ClientSSLOptions;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * How {@link WebSocketTransport} speaks. Not thread-safe: the transport copies what it is given.
 *
 * <p>JSON has everything but the TLS options, durations in milliseconds.
 */
public final class WebSocketOptions {

  /** The root. */
  public static final String DEFAULT_PATH = "/";

  /** 16 MiB. */
  public static final int DEFAULT_MAX_MESSAGE_BYTES = 16 * 1024 * 1024;

  /** 10,000 requests. */
  public static final int DEFAULT_MAX_QUEUED_PER_NODE = 10_000;

  /** 64 MiB. */
  public static final int DEFAULT_MAX_QUEUED_BYTES = 64 * 1024 * 1024;

  /** 100,000 calls. */
  public static final int DEFAULT_MAX_OPEN_PER_NODE = 100_000;

  /** 1 MiB. */
  public static final int DEFAULT_MAX_UNWRITTEN_BYTES = 1024 * 1024;

  /** 1,024 events. */
  public static final int DEFAULT_MAX_BUFFERED_EVENTS = 1_024;

  /** 1 MiB. */
  public static final int DEFAULT_MAX_BUFFERED_BYTES = 1024 * 1024;

  /** 256 events. */
  public static final int DEFAULT_MAX_HELD_EVENTS = 256;

  /** 5 s. */
  public static final Duration DEFAULT_HOLD_TIMEOUT = Duration.ofSeconds(5);

  /** 30 s. */
  public static final Duration DEFAULT_PING_INTERVAL = Duration.ofSeconds(30);

  /** 5 s. */
  public static final Duration DEFAULT_CLOSE_TIMEOUT = Duration.ofSeconds(5);

  /** 5 min. */
  public static final Duration DEFAULT_IDLE_TIMEOUT = Duration.ofMinutes(5);

  /** 100 ms. */
  public static final Duration DEFAULT_BACKOFF = Duration.ofMillis(100);

  /** 1 s. */
  public static final Duration DEFAULT_MAX_BACKOFF = Duration.ofSeconds(1);

  private static final int LEAST_BYTES = 1_024;

  private @Nullable ClientSSLOptions ssl;
  private String path = DEFAULT_PATH;
  private int maxMessageBytes = DEFAULT_MAX_MESSAGE_BYTES;
  private int maxQueuedPerNode = DEFAULT_MAX_QUEUED_PER_NODE;
  private int maxQueuedBytes = DEFAULT_MAX_QUEUED_BYTES;
  private int maxOpenPerNode = DEFAULT_MAX_OPEN_PER_NODE;
  private int maxUnwrittenBytes = DEFAULT_MAX_UNWRITTEN_BYTES;
  private int maxBufferedEvents = DEFAULT_MAX_BUFFERED_EVENTS;
  private int maxBufferedBytes = DEFAULT_MAX_BUFFERED_BYTES;
  private int maxHeldEvents = DEFAULT_MAX_HELD_EVENTS;
  private Duration holdTimeout = DEFAULT_HOLD_TIMEOUT;
  private Duration pingInterval = DEFAULT_PING_INTERVAL;
  private Duration closeTimeout = DEFAULT_CLOSE_TIMEOUT;
  private Duration idleTimeout = DEFAULT_IDLE_TIMEOUT;
  private Duration backoff = DEFAULT_BACKOFF;
  private Duration maxBackoff = DEFAULT_MAX_BACKOFF;

  /** Makes options with all defaults. */
  public WebSocketOptions() {}

  /** Makes a copy. */
  public WebSocketOptions(WebSocketOptions other) {
    ssl = other.ssl == null ? null : other.ssl.copy();
    path = other.path;
    maxMessageBytes = other.maxMessageBytes;
    maxQueuedPerNode = other.maxQueuedPerNode;
    maxQueuedBytes = other.maxQueuedBytes;
    maxOpenPerNode = other.maxOpenPerNode;
    maxUnwrittenBytes = other.maxUnwrittenBytes;
    maxBufferedEvents = other.maxBufferedEvents;
    maxBufferedBytes = other.maxBufferedBytes;
    maxHeldEvents = other.maxHeldEvents;
    holdTimeout = other.holdTimeout;
    pingInterval = other.pingInterval;
    closeTimeout = other.closeTimeout;
    idleTimeout = other.idleTimeout;
    backoff = other.backoff;
    maxBackoff = other.maxBackoff;
  }

  /**
   * Makes options from JSON; what is absent keeps its default.
   *
   * @throws IllegalArgumentException if a value is out of its range or of a wrong type
   */
  public WebSocketOptions(JsonObject json) {
    JsonFields fields = new JsonFields(json);
    fields.string("path", this::setPath);
    fields.integer("maxMessageBytes", this::setMaxMessageBytes);
    fields.integer("maxQueuedPerNode", this::setMaxQueuedPerNode);
    fields.integer("maxQueuedBytes", this::setMaxQueuedBytes);
    fields.integer("maxOpenPerNode", this::setMaxOpenPerNode);
    fields.integer("maxUnwrittenBytes", this::setMaxUnwrittenBytes);
    fields.integer("maxBufferedEvents", this::setMaxBufferedEvents);
    fields.integer("maxBufferedBytes", this::setMaxBufferedBytes);
    fields.integer("maxHeldEvents", this::setMaxHeldEvents);
    fields.duration("holdTimeout", this::setHoldTimeout);
    fields.duration("pingInterval", this::setPingInterval);
    fields.duration("closeTimeout", this::setCloseTimeout);
    fields.duration("idleTimeout", this::setIdleTimeout);
    fields.duration("backoff", this::setBackoff);
    fields.duration("maxBackoff", this::setMaxBackoff);
  }

  /** Returns the settings that are plain data. */
  public JsonObject toJson() {
    return new JsonObject()
        .put("path", path)
        .put("maxMessageBytes", maxMessageBytes)
        .put("maxQueuedPerNode", maxQueuedPerNode)
        .put("maxQueuedBytes", maxQueuedBytes)
        .put("maxOpenPerNode", maxOpenPerNode)
        .put("maxUnwrittenBytes", maxUnwrittenBytes)
        .put("maxBufferedEvents", maxBufferedEvents)
        .put("maxBufferedBytes", maxBufferedBytes)
        .put("maxHeldEvents", maxHeldEvents)
        .put("holdTimeout", Nanos.millis(holdTimeout))
        .put("pingInterval", Nanos.millis(pingInterval))
        .put("closeTimeout", Nanos.millis(closeTimeout))
        .put("idleTimeout", Nanos.millis(idleTimeout))
        .put("backoff", Nanos.millis(backoff))
        .put("maxBackoff", Nanos.millis(maxBackoff));
  }

  /** Returns the TLS options, or null. */
  public @Nullable ClientSSLOptions getSsl() {
    return ssl;
  }

  /**
   * Speaks TLS with every node, but for those whose address begins with {@code ws://}. Default
   * null: TLS for nodes whose address begins with {@code wss://}, has port 443 or no port, or whose
   * metadata has {@code secure=true}; certificates are checked against the JDK's roots, and host
   * names always, unless the options set the hostname verification algorithm to the empty string.
   *
   * @param ssl trust, client certificate and protocols; copied
   */
  public WebSocketOptions setSsl(@Nullable ClientSSLOptions ssl) {
    this.ssl = ssl == null ? null : ssl.copy();
    return this;
  }

  /** Returns the path of nodes whose address has none. */
  public String getPath() {
    return path;
  }

  /**
   * Sets the path of nodes whose address has none. Default {@value #DEFAULT_PATH}.
   *
   * @param path begins with a slash
   */
  public WebSocketOptions setPath(String path) {
    if (!path.startsWith("/")) {
      throw new IllegalArgumentException("path: '" + path + "' (expected: begins with a slash)");
    }
    this.path = path;
    return this;
  }

  /** Returns the most bytes of a message of a peer. */
  public int getMaxMessageBytes() {
    return maxMessageBytes;
  }

  /**
   * Sets the most bytes of a message of a peer, whole or in fragments. A larger one ends its
   * connection, as nothing tells whose it is. Default 16 MiB; what a call takes is bounded by
   * {@code CallOptions.setMaxReplyBytes} as well. A larger message of this client goes in
   * fragments.
   *
   * @param maxMessageBytes at least 1,024
   */
  public WebSocketOptions setMaxMessageBytes(int maxMessageBytes) {
    this.maxMessageBytes =
        Ranges.within("maxMessageBytes", maxMessageBytes, LEAST_BYTES, Integer.MAX_VALUE);
    return this;
  }

  /** Returns the most requests that wait for the connection to one node. */
  public int getMaxQueuedPerNode() {
    return maxQueuedPerNode;
  }

  /**
   * Sets the most requests that wait for the connection to one node, or for its socket to take
   * more; those beyond fail with RESOURCE_EXHAUSTED, NOT_SENT. Default 10,000.
   *
   * @param maxQueuedPerNode at least 1
   */
  public WebSocketOptions setMaxQueuedPerNode(int maxQueuedPerNode) {
    this.maxQueuedPerNode =
        Ranges.within("maxQueuedPerNode", maxQueuedPerNode, 1, Integer.MAX_VALUE);
    return this;
  }

  /** Returns the most bytes of parameters that wait for the connection to one node. */
  public int getMaxQueuedBytes() {
    return maxQueuedBytes;
  }

  /**
   * Sets the most bytes of parameters that wait for the connection to one node; requests beyond
   * fail with RESOURCE_EXHAUSTED, NOT_SENT. Default 64 MiB.
   *
   * @param maxQueuedBytes at least 1
   */
  public WebSocketOptions setMaxQueuedBytes(int maxQueuedBytes) {
    this.maxQueuedBytes = Ranges.within("maxQueuedBytes", maxQueuedBytes, 1, Integer.MAX_VALUE);
    return this;
  }

  /** Returns the most requests to one node that await replies. */
  public int getMaxOpenPerNode() {
    return maxOpenPerNode;
  }

  /**
   * Sets the most requests to one node that await replies; those beyond fail with
   * RESOURCE_EXHAUSTED, NOT_SENT. Default 100,000.
   *
   * @param maxOpenPerNode at least 1
   */
  public WebSocketOptions setMaxOpenPerNode(int maxOpenPerNode) {
    this.maxOpenPerNode = Ranges.within("maxOpenPerNode", maxOpenPerNode, 1, Integer.MAX_VALUE);
    return this;
  }

  /** Returns how many bytes a socket holds back before requests wait. */
  public int getMaxUnwrittenBytes() {
    return maxUnwrittenBytes;
  }

  /**
   * Sets how many bytes a socket holds back, of a peer that does not read, before requests wait.
   * Default 1 MiB.
   *
   * @param maxUnwrittenBytes at least 1,024
   */
  public WebSocketOptions setMaxUnwrittenBytes(int maxUnwrittenBytes) {
    this.maxUnwrittenBytes =
        Ranges.within("maxUnwrittenBytes", maxUnwrittenBytes, LEAST_BYTES, Integer.MAX_VALUE);
    return this;
  }

  /** Returns the most events of a stream that wait to be read. */
  public int getMaxBufferedEvents() {
    return maxBufferedEvents;
  }

  /**
   * Sets the most events of a stream that wait to be read: the connection is not stopped for a
   * reader that is slow, so a stream with more fails with RESOURCE_EXHAUSTED. Default 1,024.
   *
   * @param maxBufferedEvents at least 1
   */
  public WebSocketOptions setMaxBufferedEvents(int maxBufferedEvents) {
    this.maxBufferedEvents =
        Ranges.within("maxBufferedEvents", maxBufferedEvents, 1, Integer.MAX_VALUE);
    return this;
  }

  /** Returns the most bytes of events of a stream that wait to be read. */
  public int getMaxBufferedBytes() {
    return maxBufferedBytes;
  }

  /**
   * Sets the most bytes of events of a stream that wait to be read; one with more fails with
   * RESOURCE_EXHAUSTED. Default 1 MiB.
   *
   * @param maxBufferedBytes at least 1,024
   */
  public WebSocketOptions setMaxBufferedBytes(int maxBufferedBytes) {
    this.maxBufferedBytes =
        Ranges.within("maxBufferedBytes", maxBufferedBytes, LEAST_BYTES, Integer.MAX_VALUE);
    return this;
  }

  /** Returns the most events that are kept for streams that nobody knows yet. */
  public int getMaxHeldEvents() {
    return maxHeldEvents;
  }

  /**
   * Sets the most events of a connection that are kept for streams that nobody knows, while a reply
   * that may name them has not come. A stream that lost some fails with RESOURCE_EXHAUSTED. Default
   * 256.
   *
   * @param maxHeldEvents at least 1
   */
  public WebSocketOptions setMaxHeldEvents(int maxHeldEvents) {
    this.maxHeldEvents = Ranges.within("maxHeldEvents", maxHeldEvents, 1, Integer.MAX_VALUE);
    return this;
  }

  /** Returns how long such events are kept. */
  public Duration getHoldTimeout() {
    return holdTimeout;
  }

  /**
   * Sets how long events are kept for a stream that nobody knows before the peer is told to stop
   * it, and how long the reply to a stop, or to a start that everybody has left, is waited for.
   * Default 5 s.
   *
   * @param holdTimeout above zero
   */
  public WebSocketOptions setHoldTimeout(Duration holdTimeout) {
    this.holdTimeout = Ranges.positive("holdTimeout", holdTimeout);
    return this;
  }

  /** Returns how often a peer is asked for a sign of life. */
  public Duration getPingInterval() {
    return pingInterval;
  }

  /**
   * Sets how often a peer is asked for a sign of life; one that says nothing at all for twice that
   * time has lost its connection. Default 30 s; zero: never.
   *
   * @param pingInterval zero or more
   */
  public WebSocketOptions setPingInterval(Duration pingInterval) {
    this.pingInterval = Ranges.notNegative("pingInterval", pingInterval);
    return this;
  }

  /** Returns how long the closing handshake may take. */
  public Duration getCloseTimeout() {
    return closeTimeout;
  }

  /**
   * Sets how long a peer may take for the closing handshake before the socket is cut. Default 5 s.
   *
   * @param closeTimeout above zero
   */
  public WebSocketOptions setCloseTimeout(Duration closeTimeout) {
    this.closeTimeout = Ranges.positive("closeTimeout", closeTimeout);
    return this;
  }

  /** Returns after how long an unused connection is closed. */
  public Duration getIdleTimeout() {
    return idleTimeout;
  }

  /**
   * Sets after how long without a request or a stream a connection is closed. Checked four times in
   * that time. Default 5 min.
   *
   * @param idleTimeout above zero
   */
  public WebSocketOptions setIdleTimeout(Duration idleTimeout) {
    this.idleTimeout = Ranges.positive("idleTimeout", idleTimeout);
    return this;
  }

  /** Returns the first wait between attempts to connect. */
  public Duration getBackoff() {
    return backoff;
  }

  /**
   * Sets how long requests wait for the next attempt to connect after the second failure in a row,
   * doubled with each one more, and between the half and the whole at random; at once they fail if
   * that is longer than {@code CallOptions.setDialTimeout}. A connection on which the peer has said
   * nothing counts as a failure. Default 100 ms; zero: never.
   *
   * @param backoff zero or more
   */
  public WebSocketOptions setBackoff(Duration backoff) {
    this.backoff = Ranges.notNegative("backoff", backoff);
    return this;
  }

  /** Returns the longest wait between attempts to connect. */
  public Duration getMaxBackoff() {
    return maxBackoff;
  }

  /**
   * Sets the most that {@link #setBackoff} grows to. Default 1 s.
   *
   * @param maxBackoff zero or more
   */
  public WebSocketOptions setMaxBackoff(Duration maxBackoff) {
    this.maxBackoff = Ranges.notNegative("maxBackoff", maxBackoff);
    return this;
  }

  boolean isTls(NodeUrl target) {
    return target.address().tls() || (ssl != null && !target.address().asksForPlainText());
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
    return other instanceof WebSocketOptions that
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
    return "WebSocketOptions[ssl=" + (ssl != null) + ", " + toJson().encode() + "]";
  }
}
