// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.broker.http;

import dev.vertxmicro.broker.PublishOptions;
import dev.vertxmicro.codec.JsonFields;
import dev.vertxmicro.codec.Ranges;
import dev.vertxmicro.time.Nanos;
import io.vertx.core.json.JsonObject;
import io.vertx.core.net.ClientSSLOptions;
import io.vertx.core.net.ServerSSLOptions;
import java.time.Duration;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * How an {@link HttpBroker} works. Not thread-safe: the broker keeps a copy. In JSON durations are
 * whole milliseconds, and TLS is set in code only.
 */
public final class HttpBrokerOptions {

  /** This machine only, as in go-micro. */
  public static final String DEFAULT_HOST = "127.0.0.1";

  /** Any free port. */
  public static final int DEFAULT_PORT = 0;

  /** 60 s, as in go-micro. */
  public static final Duration DEFAULT_REGISTER_TTL = Duration.ofSeconds(60);

  /** 30 s, as in go-micro. */
  public static final Duration DEFAULT_REGISTER_INTERVAL = Duration.ofSeconds(30);

  /** 2 s. */
  public static final Duration DEFAULT_CONNECT_TIMEOUT = Duration.ofSeconds(2);

  /** 5 s. */
  public static final Duration DEFAULT_REQUEST_TIMEOUT = Duration.ofSeconds(5);

  /** 2 s. */
  public static final Duration DEFAULT_REACH_TIMEOUT = Duration.ofSeconds(2);

  /** 8 connections. */
  public static final int DEFAULT_POOL_SIZE = 8;

  /** 256 requests. */
  public static final int DEFAULT_MAX_REQUESTS = 256;

  /** 4,096 publishes. */
  public static final int DEFAULT_MAX_IN_FLIGHT = 4_096;

  /** 8 MiB. */
  public static final int DEFAULT_BUFFER_SIZE = 8 << 20;

  /** 8 MiB. */
  public static final int DEFAULT_MAX_BODY_BYTES = 8 << 20;

  /** 1,000 connections. */
  public static final int DEFAULT_MAX_CONNECTIONS = 1_000;

  /** 10 s. */
  public static final Duration DEFAULT_CLOSE_TIMEOUT = Duration.ofSeconds(10);

  private static final Duration LONGEST = Duration.ofDays(365);

  private String host = DEFAULT_HOST;
  private int port = DEFAULT_PORT;
  private @Nullable String advertisedAddress;
  private @Nullable ServerSSLOptions ssl;
  private @Nullable ClientSSLOptions clientSsl;
  private Duration registerTtl = DEFAULT_REGISTER_TTL;
  private Duration registerInterval = DEFAULT_REGISTER_INTERVAL;
  private Duration connectTimeout = DEFAULT_CONNECT_TIMEOUT;
  private Duration requestTimeout = DEFAULT_REQUEST_TIMEOUT;
  private Duration reachTimeout = DEFAULT_REACH_TIMEOUT;
  private int poolSize = DEFAULT_POOL_SIZE;
  private int maxRequests = DEFAULT_MAX_REQUESTS;
  private int maxInFlight = DEFAULT_MAX_IN_FLIGHT;
  private int bufferSize = DEFAULT_BUFFER_SIZE;
  private int maxBodyBytes = DEFAULT_MAX_BODY_BYTES;
  private int maxConnections = DEFAULT_MAX_CONNECTIONS;
  private Duration closeTimeout = DEFAULT_CLOSE_TIMEOUT;

  /** Makes options with all defaults. */
  public HttpBrokerOptions() {}

  /** Makes a copy. */
  public HttpBrokerOptions(HttpBrokerOptions other) {
    host = other.host;
    port = other.port;
    advertisedAddress = other.advertisedAddress;
    ssl = other.getSsl();
    clientSsl = other.getClientSsl();
    registerTtl = other.registerTtl;
    registerInterval = other.registerInterval;
    connectTimeout = other.connectTimeout;
    requestTimeout = other.requestTimeout;
    reachTimeout = other.reachTimeout;
    poolSize = other.poolSize;
    maxRequests = other.maxRequests;
    maxInFlight = other.maxInFlight;
    bufferSize = other.bufferSize;
    maxBodyBytes = other.maxBodyBytes;
    maxConnections = other.maxConnections;
    closeTimeout = other.closeTimeout;
  }

  /**
   * Makes options from JSON; what is absent keeps its default.
   *
   * @throws IllegalArgumentException if a value is out of its range or of a wrong type
   */
  public HttpBrokerOptions(JsonObject json) {
    JsonFields fields = new JsonFields(json);
    fields.string("host", this::setHost);
    fields.integer("port", this::setPort);
    fields.string("advertisedAddress", this::setAdvertisedAddress);
    fields.duration("registerTtl", this::setRegisterTtl);
    fields.duration("registerInterval", this::setRegisterInterval);
    fields.duration("connectTimeout", this::setConnectTimeout);
    fields.duration("requestTimeout", this::setRequestTimeout);
    fields.duration("reachTimeout", this::setReachTimeout);
    fields.integer("poolSize", this::setPoolSize);
    fields.integer("maxRequests", this::setMaxRequests);
    fields.integer("maxInFlight", this::setMaxInFlight);
    fields.integer("bufferSize", this::setBufferSize);
    fields.integer("maxBodyBytes", this::setMaxBodyBytes);
    fields.integer("maxConnections", this::setMaxConnections);
    fields.duration("closeTimeout", this::setCloseTimeout);
  }

  /** Returns the settings but for TLS, durations in milliseconds. */
  public JsonObject toJson() {
    JsonObject json = new JsonObject().put("host", host).put("port", port);
    if (advertisedAddress != null) {
      json.put("advertisedAddress", advertisedAddress);
    }
    return json.put("registerTtl", Nanos.millis(registerTtl))
        .put("registerInterval", Nanos.millis(registerInterval))
        .put("connectTimeout", Nanos.millis(connectTimeout))
        .put("requestTimeout", Nanos.millis(requestTimeout))
        .put("reachTimeout", Nanos.millis(reachTimeout))
        .put("poolSize", poolSize)
        .put("maxRequests", maxRequests)
        .put("maxInFlight", maxInFlight)
        .put("bufferSize", bufferSize)
        .put("maxBodyBytes", maxBodyBytes)
        .put("maxConnections", maxConnections)
        .put("closeTimeout", Nanos.millis(closeTimeout));
  }

  // ---- Where subscribers listen

  /** Returns the host to listen on. */
  public String getHost() {
    return host;
  }

  /**
   * Sets the host or IP address to listen on for the events of subscriptions. Default {@value
   * #DEFAULT_HOST}: publishers on other machines cannot reach them. Whoever reaches the port can
   * publish to the subscriptions whose ids it knows. With {@code 0.0.0.0} or {@code ::} the {@link
   * #setAdvertisedAddress advertised address} must be set.
   *
   * @param host not blank
   */
  public HttpBrokerOptions setHost(String host) {
    this.host = Ranges.notBlank("host", host);
    return this;
  }

  /** Returns the port to listen on. */
  public int getPort() {
    return port;
  }

  /**
   * Sets the port to listen on. Default 0: any free one.
   *
   * @param port 0 to 65,535
   */
  public HttpBrokerOptions setPort(int port) {
    this.port = Ranges.within("port", port, 0, 65_535);
    return this;
  }

  /** Returns the address that publishers are told, or null. */
  public @Nullable String getAdvertisedAddress() {
    return advertisedAddress;
  }

  /**
   * Sets the address that publishers are told: {@code host:port}, or a host alone for the port
   * listened on. Default null: host and port listened on.
   *
   * @param advertisedAddress not blank
   */
  public HttpBrokerOptions setAdvertisedAddress(@Nullable String advertisedAddress) {
    this.advertisedAddress =
        advertisedAddress == null ? null : Ranges.notBlank("advertisedAddress", advertisedAddress);
    return this;
  }

  /** Returns a copy of the TLS options of the listener, null for plain text. */
  public @Nullable ServerSSLOptions getSsl() {
    return ssl == null ? null : ssl.copy();
  }

  /**
   * Sets key, certificate, trust and client authentication, and so has publishers speak TLS.
   * Default null: plain text.
   *
   * @param ssl copied
   */
  public HttpBrokerOptions setSsl(@Nullable ServerSSLOptions ssl) {
    this.ssl = ssl == null ? null : ssl.copy();
    return this;
  }

  /** Returns a copy of the TLS options towards subscriptions, or null. */
  public @Nullable ClientSSLOptions getClientSsl() {
    return clientSsl == null ? null : clientSsl.copy();
  }

  /**
   * Sets what subscriptions are trusted that want TLS. Default null: those with a certificate that
   * the JVM trusts. A go-micro process that was given no certificate makes one of its own at each
   * start, which only {@code setTrustAll(true)} accepts. The name is checked as well, unless the
   * options set the hostname verification algorithm to the empty string.
   *
   * @param clientSsl copied
   */
  public HttpBrokerOptions setClientSsl(@Nullable ClientSSLOptions clientSsl) {
    this.clientSsl = clientSsl == null ? null : clientSsl.copy();
    return this;
  }

  /** Returns how long the registry keeps a subscription without a sign of life. */
  public Duration getRegisterTtl() {
    return registerTtl;
  }

  /**
   * Sets how long the registry keeps a subscription whose process gives no sign of life. Default 60
   * s.
   *
   * @param registerTtl zero to 365 days; zero means for ever
   */
  public HttpBrokerOptions setRegisterTtl(Duration registerTtl) {
    this.registerTtl = Ranges.within("registerTtl", registerTtl, Duration.ZERO, LONGEST);
    return this;
  }

  /** Returns how often a subscription is registered again. */
  public Duration getRegisterInterval() {
    return registerInterval;
  }

  /**
   * Sets how often a subscription gives a sign of life; it comes back into a registry that has lost
   * it. Default 30 s.
   *
   * @param registerInterval zero to 365 days, less than the TTL; zero means never
   */
  public HttpBrokerOptions setRegisterInterval(Duration registerInterval) {
    this.registerInterval =
        Ranges.within("registerInterval", registerInterval, Duration.ZERO, LONGEST);
    return this;
  }

  /** Returns the most bytes of one event as it comes. */
  public int getMaxBodyBytes() {
    return maxBodyBytes;
  }

  /**
   * Bounds one event that comes, as JSON, in which its body takes four bytes for three; a larger
   * one is answered with 413 and counted as lost. Default 8 MiB.
   *
   * @param maxBodyBytes 1 KiB to 1 GiB
   */
  public HttpBrokerOptions setMaxBodyBytes(int maxBodyBytes) {
    this.maxBodyBytes = Ranges.within("maxBodyBytes", maxBodyBytes, 1 << 10, 1 << 30);
    return this;
  }

  /** Returns the most connections of publishers. */
  public int getMaxConnections() {
    return maxConnections;
  }

  /**
   * Bounds the connections of publishers to this process; one more is closed at once. Default
   * 1,000.
   *
   * @param maxConnections 1 to 1,000,000
   */
  public HttpBrokerOptions setMaxConnections(int maxConnections) {
    this.maxConnections = Ranges.within("maxConnections", maxConnections, 1, 1_000_000);
    return this;
  }

  // ---- How events are sent

  /** Returns the bound of a connect to one subscription. */
  public Duration getConnectTimeout() {
    return connectTimeout;
  }

  /**
   * Bounds a connect to the process of a subscription. Default 2 s.
   *
   * @param connectTimeout above zero
   */
  public HttpBrokerOptions setConnectTimeout(Duration connectTimeout) {
    this.connectTimeout = Ranges.positive("connectTimeout", connectTimeout);
    return this;
  }

  /** Returns the bound of one request. */
  public Duration getRequestTimeout() {
    return requestTimeout;
  }

  /**
   * Bounds one request, from the connect to the answer, within the timeout of the publish, and how
   * long a request that comes may take to be read. A subscription that leaves a request unanswered
   * holds up the events behind it for so long. Default 5 s.
   *
   * @param requestTimeout above zero
   */
  public HttpBrokerOptions setRequestTimeout(Duration requestTimeout) {
    this.requestTimeout = Ranges.positive("requestTimeout", requestTimeout);
    return this;
  }

  /** Returns how long events wait for a subscription that cannot be reached. */
  public Duration getReachTimeout() {
    return reachTimeout;
  }

  /**
   * Sets how long events wait for a subscription that cannot be reached, from the first that could
   * not be sent on and within the timeout of each publish. After that publishes fail at once with
   * code 503, until it is back or the registry does not list it any longer. Default 2 s.
   *
   * @param reachTimeout zero or more; zero means that nothing waits
   */
  public HttpBrokerOptions setReachTimeout(Duration reachTimeout) {
    this.reachTimeout = Ranges.notNegative("reachTimeout", reachTimeout);
    return this;
  }

  /** Returns the most connections to one process. */
  public int getPoolSize() {
    return poolSize;
  }

  /**
   * Bounds the connections to the process of subscriptions, and so the requests to it at a time;
   * each of its subscriptions gets one event after the other. Default 8.
   *
   * @param poolSize 1 to 10,000
   */
  public HttpBrokerOptions setPoolSize(int poolSize) {
    this.poolSize = Ranges.within("poolSize", poolSize, 1, 10_000);
    return this;
  }

  /** Returns the most requests at a time. */
  public int getMaxRequests() {
    return maxRequests;
  }

  /**
   * Bounds the requests at a time, to all processes together. Default 256.
   *
   * @param maxRequests 1 to 100,000
   */
  public HttpBrokerOptions setMaxRequests(int maxRequests) {
    this.maxRequests = Ranges.within("maxRequests", maxRequests, 1, 100_000);
    return this;
  }

  /** Returns how many publishes may be unfinished. */
  public int getMaxInFlight() {
    return maxInFlight;
  }

  /**
   * Bounds the publishes that are not finished; one more fails with code 503 and NOT_SENT. Their
   * events have 32 MiB together, or are one. Default 4,096.
   *
   * @param maxInFlight 1 to 1,000,000
   */
  public HttpBrokerOptions setMaxInFlight(int maxInFlight) {
    this.maxInFlight = Ranges.within("maxInFlight", maxInFlight, 1, 1_000_000);
    return this;
  }

  /** Returns how many bytes of events may wait. */
  public int getBufferSize() {
    return bufferSize;
  }

  /**
   * Bounds the events that wait for a subscription that is full or cannot be reached; each counts
   * once for every such subscription. An event beyond is not sent there, and its publish fails with
   * code 503. Default 8 MiB.
   *
   * @param bufferSize bytes, zero or more; zero means that nothing waits: the publish fails at once
   */
  public HttpBrokerOptions setBufferSize(int bufferSize) {
    this.bufferSize = Ranges.within("bufferSize", bufferSize, 0, Integer.MAX_VALUE);
    return this;
  }

  /** Returns how long a close waits. */
  public Duration getCloseTimeout() {
    return closeTimeout;
  }

  /**
   * Sets how long the close of a subscription waits for its running handlers, and the close of the
   * broker, after that, for its publishes. Default 10 s; a publish is bounded by {@link
   * PublishOptions#setTimeout}, too.
   *
   * @param closeTimeout zero or more; zero does not wait
   */
  public HttpBrokerOptions setCloseTimeout(Duration closeTimeout) {
    this.closeTimeout = Ranges.notNegative("closeTimeout", closeTimeout);
    return this;
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof HttpBrokerOptions that
        && Objects.equals(ssl, that.ssl)
        && Objects.equals(clientSsl, that.clientSsl)
        && toJson().equals(that.toJson());
  }

  @Override
  public int hashCode() {
    return Objects.hash(ssl, clientSsl, toJson());
  }

  /** Returns the settings without keys and certificates. */
  @Override
  public String toString() {
    return "HttpBrokerOptions[ssl=%s, clientSsl=%s, %s]"
        .formatted(ssl != null, clientSsl != null, toJson().encode());
  }
}
