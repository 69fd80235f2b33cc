// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.server;

import dev.vertxmicro.codec.JsonFields;
import dev.vertxmicro.time.Nanos;
import io.vertx.core.http.Http2Settings;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.json.JsonObject;
import io.vertx.core.net.ServerSSLOptions;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * How an {@link RpcServer} listens, what it registers, and its bounds. Mutable; the server takes a
 * copy.
 */
public final class ServerOptions {

  /** Only programs on this machine can call. */
  public static final String DEFAULT_HOST = "127.0.0.1";

  /** Any free port. */
  public static final int DEFAULT_PORT = 0;

  /** The version that go-micro gives to services without one. */
  public static final String DEFAULT_VERSION = "latest";

  /** 4 MiB, as gRPC. */
  public static final int DEFAULT_MAX_BYTES = 4 * 1024 * 1024;

  /** 10,000. */
  public static final int DEFAULT_MAX_CALLS = 10_000;

  /** 1 MiB. */
  public static final int DEFAULT_WINDOW_BYTES = 1 << 20;

  /** 64 KiB. */
  public static final int DEFAULT_MAX_HEADER_LIST_BYTES = 64 * 1024;

  /** 1,000 streams. */
  public static final int DEFAULT_MAX_STREAMS_PER_CONNECTION = 1_000;

  /** 10,000 in 30 s. */
  public static final int DEFAULT_MAX_RESETS_PER_CONNECTION = 10_000;

  /** 10 s. */
  public static final Duration DEFAULT_DRAIN_TIMEOUT = Duration.ofSeconds(10);

  private String name = "";
  private String version = DEFAULT_VERSION;
  private @Nullable String nodeId;
  private Map<String, String> metadata = new LinkedHashMap<>();
  private String host = DEFAULT_HOST;
  private int port = DEFAULT_PORT;
  private @Nullable String advertisedAddress;
  private int maxRequestBytes = DEFAULT_MAX_BYTES;
  private int maxReplyBytes = DEFAULT_MAX_BYTES;
  private int maxCalls = DEFAULT_MAX_CALLS;
  private Duration drainTimeout = DEFAULT_DRAIN_TIMEOUT;
  private int windowBytes = DEFAULT_WINDOW_BYTES;
  private int maxHeaderListBytes = DEFAULT_MAX_HEADER_LIST_BYTES;
  private int maxStreamsPerConnection = DEFAULT_MAX_STREAMS_PER_CONNECTION;
  private int maxResetsPerConnection = DEFAULT_MAX_RESETS_PER_CONNECTION;
  private @Nullable ServerSSLOptions ssl;

  /** Makes options with the defaults; the name is to be set. */
  public ServerOptions() {}

  /**
   * Makes options with the defaults.
   *
   * @param name the name of the service that callers use, not empty
   */
  public ServerOptions(String name) {
    this.name = notEmpty("name", name);
  }

  /** Makes a copy. */
  public ServerOptions(ServerOptions other) {
    name = other.name;
    version = other.version;
    nodeId = other.nodeId;
    metadata = new LinkedHashMap<>(other.metadata);
    host = other.host;
    port = other.port;
    advertisedAddress = other.advertisedAddress;
    maxRequestBytes = other.maxRequestBytes;
    maxReplyBytes = other.maxReplyBytes;
    maxCalls = other.maxCalls;
    drainTimeout = other.drainTimeout;
    windowBytes = other.windowBytes;
    maxHeaderListBytes = other.maxHeaderListBytes;
    maxStreamsPerConnection = other.maxStreamsPerConnection;
    maxResetsPerConnection = other.maxResetsPerConnection;
    ssl = other.ssl == null ? null : other.ssl.copy();
  }

  /**
   * Makes options from JSON; what is absent keeps its default. Durations are in milliseconds; TLS
   * is set in code only.
   *
   * @throws IllegalArgumentException if a value is out of its range or of a wrong type
   */
  public ServerOptions(JsonObject json) {
    JsonFields fields = new JsonFields(json);
    fields.string("name", this::setName);
    fields.string("version", this::setVersion);
    fields.string("nodeId", this::setNodeId);
    fields.object("metadata", map -> setMetadata(strings(map)));
    fields.string("host", this::setHost);
    fields.integer("port", this::setPort);
    fields.string("advertisedAddress", this::setAdvertisedAddress);
    fields.integer("maxRequestBytes", this::setMaxRequestBytes);
    fields.integer("maxReplyBytes", this::setMaxReplyBytes);
    fields.integer("maxCalls", this::setMaxCalls);
    fields.duration("drainTimeout", this::setDrainTimeout);
    fields.integer("windowBytes", this::setWindowBytes);
    fields.integer("maxHeaderListBytes", this::setMaxHeaderListBytes);
    fields.integer("maxStreamsPerConnection", this::setMaxStreamsPerConnection);
    fields.integer("maxResetsPerConnection", this::setMaxResetsPerConnection);
  }

  private static Map<String, String> strings(JsonObject json) {
    Map<String, String> map = new LinkedHashMap<>();
    json.forEach(
        entry -> {
          if (!(entry.getValue() instanceof String text)) {
            throw new IllegalArgumentException(
                "metadata: " + json + " (expected: an object of strings)");
          }
          map.put(entry.getKey(), text);
        });
    return map;
  }

  /** Returns the name of the service. */
  public String getName() {
    return name;
  }

  /**
   * Sets the name of the service that callers use.
   *
   * @throws IllegalArgumentException if it is empty
   */
  public ServerOptions setName(String name) {
    this.name = notEmpty("name", name);
    return this;
  }

  /** Returns the version of the service. */
  public String getVersion() {
    return version;
  }

  /** Sets the version that is registered. Default {@value #DEFAULT_VERSION}. */
  public ServerOptions setVersion(String version) {
    this.version = Objects.requireNonNull(version, "version");
    return this;
  }

  /** Returns the id of the node, null for one made at the start. */
  public @Nullable String getNodeId() {
    return nodeId;
  }

  /**
   * Sets the id of the node, unique in its service. Default null: {@code <name>-<random UUID>},
   * made at the start, as go-micro does.
   */
  public ServerOptions setNodeId(@Nullable String nodeId) {
    this.nodeId = nodeId == null ? null : notEmpty("nodeId", nodeId);
    return this;
  }

  /** Returns a copy of the node's own metadata. */
  public Map<String, String> getMetadata() {
    return new LinkedHashMap<>(metadata);
  }

  /**
   * Sets the metadata of the node. It is registered together with, and wins over, {@code protocol},
   * {@code server}, {@code transport}, {@code registry} and {@code broker}. Default empty.
   */
  public ServerOptions setMetadata(Map<String, String> metadata) {
    this.metadata = new LinkedHashMap<>(metadata);
    return this;
  }

  /** Sets one entry of the node's metadata. */
  public ServerOptions addMetadata(String key, String value) {
    metadata.put(key, value);
    return this;
  }

  /** Returns the host to listen on. */
  public String getHost() {
    return host;
  }

  /**
   * Sets the host or IP address to listen on. Default {@value #DEFAULT_HOST}. With {@code 0.0.0.0}
   * or {@code ::} the {@link #setAdvertisedAddress advertised address} must be set.
   */
  public ServerOptions setHost(String host) {
    this.host = notEmpty("host", host);
    return this;
  }

  /** Returns the port to listen on, 0 for any. */
  public int getPort() {
    return port;
  }

  /**
   * Sets the port to listen on. Default 0: any free one.
   *
   * @throws IllegalArgumentException unless from 0 to 65535
   */
  public ServerOptions setPort(int port) {
    if (port < 0 || port > 65_535) {
      throw new IllegalArgumentException("port: " + port + " (expected: 0 to 65535)");
    }
    this.port = port;
    return this;
  }

  /** Returns the address that is registered, null for the one listened on. */
  public @Nullable String getAdvertisedAddress() {
    return advertisedAddress;
  }

  /**
   * Sets the address that is registered: {@code host:port}, or a host alone for the port listened
   * on. Default null: host and port listened on.
   */
  public ServerOptions setAdvertisedAddress(@Nullable String advertisedAddress) {
    this.advertisedAddress =
        advertisedAddress == null ? null : notEmpty("advertisedAddress", advertisedAddress);
    return this;
  }

  /** Returns the largest request in bytes. */
  public int getMaxRequestBytes() {
    return maxRequestBytes;
  }

  /**
   * Sets the largest request message in bytes. Default 4 MiB. A larger one is answered with
   * RESOURCE_EXHAUSTED before it is read.
   *
   * @throws IllegalArgumentException if negative
   */
  public ServerOptions setMaxRequestBytes(int maxRequestBytes) {
    this.maxRequestBytes = atLeast("maxRequestBytes", maxRequestBytes, 0);
    return this;
  }

  /** Returns the largest reply in bytes. */
  public int getMaxReplyBytes() {
    return maxReplyBytes;
  }

  /**
   * Sets the largest reply message in bytes. Default 4 MiB. Instead of a larger one
   * RESOURCE_EXHAUSTED is sent.
   *
   * @throws IllegalArgumentException if negative
   */
  public ServerOptions setMaxReplyBytes(int maxReplyBytes) {
    this.maxReplyBytes = atLeast("maxReplyBytes", maxReplyBytes, 0);
    return this;
  }

  /** Returns how many calls may run at once. */
  public int getMaxCalls() {
    return maxCalls;
  }

  /**
   * Sets how many calls may run at once over all connections. Default 10,000. Calls beyond are
   * refused with REFUSED_STREAM, by which the caller knows that it may try elsewhere.
   *
   * @throws IllegalArgumentException if below 1
   */
  public ServerOptions setMaxCalls(int maxCalls) {
    this.maxCalls = atLeast("maxCalls", maxCalls, 1);
    return this;
  }

  /** Returns how long closing waits for running calls. */
  public Duration getDrainTimeout() {
    return drainTimeout;
  }

  /**
   * Sets how long closing waits for running calls, and before that at most for the registry.
   * Default 10 s. Calls that still run then are answered with UNAVAILABLE. Zero waits for neither.
   *
   * @throws IllegalArgumentException if negative
   */
  public ServerOptions setDrainTimeout(Duration drainTimeout) {
    if (drainTimeout.isNegative()) {
      throw new IllegalArgumentException(
          "drainTimeout: " + drainTimeout + " (expected: zero or more)");
    }
    this.drainTimeout = drainTimeout;
    return this;
  }

  /** Returns the flow-control window in bytes. */
  public int getWindowBytes() {
    return windowBytes;
  }

  /**
   * Sets how many bytes of requests may be under way on a stream, and on a connection, before the
   * server has read them. Default 1 MiB.
   *
   * @throws IllegalArgumentException if below 65535, with which HTTP/2 begins
   */
  public ServerOptions setWindowBytes(int windowBytes) {
    this.windowBytes = atLeast("windowBytes", windowBytes, 65_535);
    return this;
  }

  /** Returns the most bytes of a request's headers. */
  public int getMaxHeaderListBytes() {
    return maxHeaderListBytes;
  }

  /**
   * Sets the most bytes of a request's headers, metadata included, as HTTP/2 counts them. Default
   * 64 KiB.
   *
   * @throws IllegalArgumentException if below 1
   */
  public ServerOptions setMaxHeaderListBytes(int maxHeaderListBytes) {
    this.maxHeaderListBytes = atLeast("maxHeaderListBytes", maxHeaderListBytes, 1);
    return this;
  }

  /** Returns how many calls a connection may carry at once. */
  public int getMaxStreamsPerConnection() {
    return maxStreamsPerConnection;
  }

  /**
   * Sets how many calls a connection may carry at once. Default 1,000.
   *
   * @throws IllegalArgumentException if below 1
   */
  public ServerOptions setMaxStreamsPerConnection(int maxStreamsPerConnection) {
    this.maxStreamsPerConnection = atLeast("maxStreamsPerConnection", maxStreamsPerConnection, 1);
    return this;
  }

  /** Returns how many streams a caller may reset in 30 s. */
  public int getMaxResetsPerConnection() {
    return maxResetsPerConnection;
  }

  /**
   * Sets how many streams a caller may reset in 30 s before its connection is closed. Default
   * 10,000: callers that hedge reset a stream for each call that another node has answered first,
   * and what resets can cost is bounded by {@link #setMaxCalls}, where a call counts until its
   * handler has ended.
   *
   * @throws IllegalArgumentException if below 1
   */
  public ServerOptions setMaxResetsPerConnection(int maxResetsPerConnection) {
    this.maxResetsPerConnection = atLeast("maxResetsPerConnection", maxResetsPerConnection, 1);
    return this;
  }

  /** Returns a copy of the TLS options, null for plain text. */
  public @Nullable ServerSSLOptions getSsl() {
    return ssl == null ? null : ssl.copy();
  }

  /**
   * Sets key, certificate, trust and client authentication, and so speaks TLS. Default null: plain
   * text. That callers are to speak TLS is said by the node's address or metadata, see {@link
   * #setAdvertisedAddress} and {@link #setMetadata}: callers of this runtime go by an address that
   * begins with {@code https://} and by metadata {@code secure=true}, go-micro's by port 443.
   */
  public ServerOptions setSsl(@Nullable ServerSSLOptions ssl) {
    this.ssl = ssl == null ? null : ssl.copy();
    return this;
  }

  /** Returns the options of the HTTP server underneath. */
  HttpServerOptions toHttp() {
    HttpServerOptions http =
        new HttpServerOptions()
            .setHost(host)
            .setPort(port)
            .setHttp2ConnectionWindowSize(windowBytes)
            .setHttp2RstFloodMaxRstFramePerWindow(maxResetsPerConnection)
            .setHttp2RstFloodWindowDuration(30)
            .setHttp2RstFloodWindowDurationTimeUnit(TimeUnit.SECONDS)
            .setInitialSettings(
                new Http2Settings()
                    .setInitialWindowSize(windowBytes)
                    .setMaxHeaderListSize(maxHeaderListBytes)
                    .setMaxConcurrentStreams(maxStreamsPerConnection));
    return ssl == null ? http : withTls(http, ssl);
  }

  private static HttpServerOptions withTls(HttpServerOptions http, ServerSSLOptions ssl) {
    http.setSsl(true)
        .setUseAlpn(true)
        .setSni(ssl.isSni())
        .setClientAuth(ssl.getClientAuth())
        .setKeyCertOptions(ssl.getKeyCertOptions())
        .setTrustOptions(ssl.getTrustOptions())
        .setEnabledSecureTransportProtocols(ssl.getEnabledSecureTransportProtocols())
        .setSslHandshakeTimeout(ssl.getSslHandshakeTimeout())
        .setSslHandshakeTimeoutUnit(ssl.getSslHandshakeTimeoutUnit());
    ssl.getEnabledCipherSuites().forEach(http::addEnabledCipherSuite);
    ssl.getCrlPaths().forEach(http::addCrlPath);
    ssl.getCrlValues().forEach(http::addCrlValue);
    return http;
  }

  /** Returns everything but the TLS options; durations in milliseconds. */
  public JsonObject toJson() {
    JsonObject json = new JsonObject();
    if (!name.isEmpty()) {
      json.put("name", name);
    }
    json.put("version", version);
    if (nodeId != null) {
      json.put("nodeId", nodeId);
    }
    json.put("metadata", new JsonObject(new LinkedHashMap<String, Object>(metadata)))
        .put("host", host)
        .put("port", port);
    if (advertisedAddress != null) {
      json.put("advertisedAddress", advertisedAddress);
    }
    return json.put("maxRequestBytes", maxRequestBytes)
        .put("maxReplyBytes", maxReplyBytes)
        .put("maxCalls", maxCalls)
        .put("drainTimeout", Nanos.millis(drainTimeout))
        .put("windowBytes", windowBytes)
        .put("maxHeaderListBytes", maxHeaderListBytes)
        .put("maxStreamsPerConnection", maxStreamsPerConnection)
        .put("maxResetsPerConnection", maxResetsPerConnection);
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof ServerOptions that
        && Objects.equals(ssl, that.ssl)
        && toJson().equals(that.toJson());
  }

  @Override
  public int hashCode() {
    return Objects.hash(ssl, toJson());
  }

  private static String notEmpty(String key, String value) {
    if (value.isEmpty()) {
      throw new IllegalArgumentException(key + ": empty (expected: not empty)");
    }
    return value;
  }

  private static int atLeast(String key, int value, int least) {
    if (value < least) {
      throw new IllegalArgumentException(key + ": " + value + " (expected: >= " + least + ")");
    }
    return value;
  }

  @Override
  public String toString() {
    return "ServerOptions[tls=" + (ssl != null) + ", " + toJson().encode() + "]";
  }
}
