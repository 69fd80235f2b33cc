// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.server;

import io.vertx.core.http.Http2Settings;
import io.vertx.core.http.HttpServerOptions;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
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

  /** 10 s. */
  public static final Duration DEFAULT_DRAIN_TIMEOUT = Duration.ofSeconds(10);

  private String name;
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
  private HttpServerOptions http = defaultHttp();

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
    http = new HttpServerOptions(other.http);
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

  /** Returns a copy of the options of the HTTP server underneath. */
  public HttpServerOptions getHttp() {
    return new HttpServerOptions(http);
  }

  /**
   * Sets the options of the HTTP server underneath: TLS, mutual TLS, windows, streams per
   * connection, bounds on resets. Host, port and HTTP/2 are set by the server. Start from {@link
   * #defaultHttp()}, which is the default.
   */
  public ServerOptions setHttp(HttpServerOptions http) {
    this.http = new HttpServerOptions(http);
    return this;
  }

  /**
   * Returns new options for the HTTP server underneath: 1 MiB windows, 64 KiB of headers and 1,000
   * streams a connection.
   */
  public static HttpServerOptions defaultHttp() {
    return new HttpServerOptions()
        .setHttp2ConnectionWindowSize(1 << 20)
        .setInitialSettings(
            new Http2Settings()
                .setInitialWindowSize(1 << 20)
                .setMaxHeaderListSize(64 * 1024)
                .setMaxConcurrentStreams(1_000));
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
    return "ServerOptions[name=%s, version=%s, host=%s, port=%d]"
        .formatted(name, version, host, port);
  }
}
