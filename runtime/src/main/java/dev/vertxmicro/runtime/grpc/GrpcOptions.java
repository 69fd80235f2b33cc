// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.grpc;

import dev.vertxmicro.codec.JsonFields;
import dev.vertxmicro.runtime.http2.Http2Limits;
import dev.vertxmicro.runtime.pooling.NodeAddress;
import dev.vertxmicro.time.Nanos;
import io.vertx.core.http.Http2Settings;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.json.JsonObject;
import io.vertx.core.net.ClientSSLOptions;
import io.vertx.core.net.NetClientOptions;
import io.vertx.core.net.OpenSSLEngineOptions;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * How {@link GrpcTransport} speaks. Not thread-safe: the transport copies what it is given.
 *
 * <p>JSON has everything but the TLS options, durations in milliseconds.
 */
public final class GrpcOptions {

  /** 1 MiB. */
  public static final int DEFAULT_WINDOW_BYTES = 1 << 20;

  /** 64 KiB. */
  public static final int DEFAULT_MAX_HEADER_LIST_BYTES = 64 * 1024;

  /** 20 s. */
  public static final Duration DEFAULT_KEEP_ALIVE_TIME = Duration.ofSeconds(20);

  /** 10 s. */
  public static final Duration DEFAULT_KEEP_ALIVE_TIMEOUT = Duration.ofSeconds(10);

  /** 10,000 exchanges. */
  public static final int DEFAULT_MAX_QUEUED_PER_NODE = 10_000;

  /** 100 streams. */
  public static final int DEFAULT_MAX_STREAMS_PER_CONNECTION = 100;

  /** 5 min. */
  public static final Duration DEFAULT_IDLE_TIMEOUT = Duration.ofMinutes(5);

  /** {@link GrpcEngine#NETTY}. */
  public static final GrpcEngine DEFAULT_ENGINE = GrpcEngine.NETTY;

  /** 32 frames. */
  public static final int DEFAULT_FLUSH_FRAMES = 32;

  /** What servers see of this runtime. */
  public static final String DEFAULT_USER_AGENT = "vertx-micro/0.1";

  /** 1 KiB. */
  public static final int DEFAULT_GZIP_MIN_BYTES = 1_024;

  private static final int SMALLEST_WINDOW = 65_535;

  private GrpcEngine engine = DEFAULT_ENGINE;
  private @Nullable ClientSSLOptions ssl;
  private boolean openSsl = false;
  private int flushFrames = DEFAULT_FLUSH_FRAMES;
  private int streamWindowBytes = DEFAULT_WINDOW_BYTES;
  private int connectionWindowBytes = DEFAULT_WINDOW_BYTES;
  private int maxHeaderListBytes = DEFAULT_MAX_HEADER_LIST_BYTES;
  private Duration keepAliveTime = DEFAULT_KEEP_ALIVE_TIME;
  private Duration keepAliveTimeout = DEFAULT_KEEP_ALIVE_TIMEOUT;
  private int maxQueuedPerNode = DEFAULT_MAX_QUEUED_PER_NODE;
  private int maxStreamsPerConnection = DEFAULT_MAX_STREAMS_PER_CONNECTION;
  private Duration idleTimeout = DEFAULT_IDLE_TIMEOUT;
  private String userAgent = DEFAULT_USER_AGENT;
  private boolean gzipRequests = false;
  private int gzipMinBytes = DEFAULT_GZIP_MIN_BYTES;

  /** Makes options with all defaults. */
  public GrpcOptions() {}

  /** Makes a copy. */
  public GrpcOptions(GrpcOptions other) {
    engine = other.engine;
    ssl = other.ssl == null ? null : other.ssl.copy();
    openSsl = other.openSsl;
    flushFrames = other.flushFrames;
    streamWindowBytes = other.streamWindowBytes;
    connectionWindowBytes = other.connectionWindowBytes;
    maxHeaderListBytes = other.maxHeaderListBytes;
    keepAliveTime = other.keepAliveTime;
    keepAliveTimeout = other.keepAliveTimeout;
    maxQueuedPerNode = other.maxQueuedPerNode;
    maxStreamsPerConnection = other.maxStreamsPerConnection;
    idleTimeout = other.idleTimeout;
    userAgent = other.userAgent;
    gzipRequests = other.gzipRequests;
    gzipMinBytes = other.gzipMinBytes;
  }

  /**
   * Makes options from JSON; what is absent keeps its default.
   *
   * @throws IllegalArgumentException if a value is out of its range or of a wrong type
   */
  public GrpcOptions(JsonObject json) {
    JsonFields fields = new JsonFields(json);
    fields.constant("engine", GrpcEngine.class, this::setEngine);
    fields.bool("openSsl", this::setOpenSsl);
    fields.integer("flushFrames", this::setFlushFrames);
    fields.integer("streamWindowBytes", this::setStreamWindowBytes);
    fields.integer("connectionWindowBytes", this::setConnectionWindowBytes);
    fields.integer("maxHeaderListBytes", this::setMaxHeaderListBytes);
    fields.duration("keepAliveTime", this::setKeepAliveTime);
    fields.duration("keepAliveTimeout", this::setKeepAliveTimeout);
    fields.integer("maxQueuedPerNode", this::setMaxQueuedPerNode);
    fields.integer("maxStreamsPerConnection", this::setMaxStreamsPerConnection);
    fields.duration("idleTimeout", this::setIdleTimeout);
    fields.string("userAgent", this::setUserAgent);
    fields.bool("gzipRequests", this::setGzipRequests);
    fields.integer("gzipMinBytes", this::setGzipMinBytes);
  }

  /**
   * Returns the settings that are plain data. TLS options are not: what Vert.x makes JSON of them
   * has neither trust nor keys.
   */
  public JsonObject toJson() {
    return new JsonObject()
        .put("engine", engine.name())
        .put("openSsl", openSsl)
        .put("flushFrames", flushFrames)
        .put("streamWindowBytes", streamWindowBytes)
        .put("connectionWindowBytes", connectionWindowBytes)
        .put("maxHeaderListBytes", maxHeaderListBytes)
        .put("keepAliveTime", Nanos.millis(keepAliveTime))
        .put("keepAliveTimeout", Nanos.millis(keepAliveTimeout))
        .put("maxQueuedPerNode", maxQueuedPerNode)
        .put("maxStreamsPerConnection", maxStreamsPerConnection)
        .put("idleTimeout", Nanos.millis(idleTimeout))
        .put("userAgent", userAgent)
        .put("gzipRequests", gzipRequests)
        .put("gzipMinBytes", gzipMinBytes);
  }

  /** Returns what HTTP/2 is written and read with. */
  public GrpcEngine getEngine() {
    return engine;
  }

  /**
   * Sets what HTTP/2 is written and read with. Default {@link GrpcEngine#NETTY}.
   *
   * @param engine not null
   */
  public GrpcOptions setEngine(GrpcEngine engine) {
    this.engine = Objects.requireNonNull(engine, "engine");
    return this;
  }

  /** Returns the TLS options, or null. */
  public @Nullable ClientSSLOptions getSsl() {
    return ssl;
  }

  /**
   * Speaks TLS with every node, but for those whose address begins with {@code http://}. Default
   * null: TLS for nodes whose address begins with {@code https://}, has port 443 or no port, or
   * whose metadata has {@code secure=true}; certificates are checked against the JDK's roots.
   *
   * <p>Give trust and keys as bytes ({@code PemTrustOptions.addCertValue}): Vert.x reads a path
   * only once. ALPN is always on. Host names are checked, also with {@code trustAll}, unless the
   * options set the hostname verification algorithm to the empty string.
   *
   * @param ssl trust, client certificate and protocols; copied
   */
  public GrpcOptions setSsl(@Nullable ClientSSLOptions ssl) {
    this.ssl = ssl == null ? null : ssl.copy();
    return this;
  }

  /** Tells whether TLS is done by OpenSSL. */
  public boolean isOpenSsl() {
    return openSsl;
  }

  /**
   * Does TLS with OpenSSL or BoringSSL, if {@code netty-tcnative} is on the class path, instead of
   * the JDK's. Without that library no TLS connection can be opened: calls fail with UNAVAILABLE,
   * NOT_SENT. Default false.
   */
  public GrpcOptions setOpenSsl(boolean openSsl) {
    this.openSsl = openSsl;
    return this;
  }

  /** Returns how many frames leave together at most. */
  public int getFlushFrames() {
    return flushFrames;
  }

  /**
   * Sets after how many frames those that were written leave, without waiting for the end of what
   * is being read or of the turn of the event loop. Fewer let the server begin earlier, more cost
   * fewer writes to the socket. Default 32, which is about 16 calls. Of {@link GrpcEngine#NETTY}
   * only.
   *
   * @param frames at least 1
   */
  public GrpcOptions setFlushFrames(int frames) {
    flushFrames = atLeast(1, "flushFrames", frames);
    return this;
  }

  /** Returns the flow-control window of a stream in bytes. */
  public int getStreamWindowBytes() {
    return streamWindowBytes;
  }

  /**
   * Sets how much a server may send on one stream before we have read it. Default 1 MiB.
   *
   * @param bytes at least 65,535
   */
  public GrpcOptions setStreamWindowBytes(int bytes) {
    streamWindowBytes = atLeast(SMALLEST_WINDOW, "streamWindowBytes", bytes);
    return this;
  }

  /** Returns the flow-control window of a connection in bytes. */
  public int getConnectionWindowBytes() {
    return connectionWindowBytes;
  }

  /**
   * Sets how much a server may send on one connection before we have read it. Default 1 MiB.
   *
   * @param bytes at least 65,535
   */
  public GrpcOptions setConnectionWindowBytes(int bytes) {
    connectionWindowBytes = atLeast(SMALLEST_WINDOW, "connectionWindowBytes", bytes);
    return this;
  }

  /** Returns the most bytes of headers, and of trailers, of a reply. */
  public int getMaxHeaderListBytes() {
    return maxHeaderListBytes;
  }

  /**
   * Sets the most bytes of headers, and of trailers, of a reply. Default 64 KiB.
   *
   * @param bytes at least 1
   */
  public GrpcOptions setMaxHeaderListBytes(int bytes) {
    maxHeaderListBytes = atLeast(1, "maxHeaderListBytes", bytes);
    return this;
  }

  /** Returns how often a connection with calls or streams open is checked; zero if never. */
  public Duration getKeepAliveTime() {
    return keepAliveTime;
  }

  /**
   * Sets how often a connection with calls or streams open is checked: by a PING, or, when two
   * PINGs in a row had no other frame of the server between them, by an empty SETTINGS frame, since
   * servers end connections that ping more. A peer that vanishes is noticed after this time and
   * {@link #setKeepAliveTimeout} at the latest. Default 20 s; zero turns it off.
   *
   * @param time zero or more
   */
  public GrpcOptions setKeepAliveTime(Duration time) {
    if (time.isNegative()) {
      throw new IllegalArgumentException("keepAliveTime: " + time + " (expected: zero or more)");
    }
    keepAliveTime = time;
    return this;
  }

  /** Returns how long the answer of a check may take. */
  public Duration getKeepAliveTimeout() {
    return keepAliveTimeout;
  }

  /**
   * Sets how long the answer may take before the connection counts as lost, and its calls fail with
   * UNAVAILABLE, UNKNOWN. Default 10 s.
   *
   * @param timeout above zero
   */
  public GrpcOptions setKeepAliveTimeout(Duration timeout) {
    keepAliveTimeout = aboveZero("keepAliveTimeout", timeout);
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
  public GrpcOptions setMaxQueuedPerNode(int most) {
    maxQueuedPerNode = atLeast(1, "maxQueuedPerNode", most);
    return this;
  }

  /** Returns the most calls at a time on one connection. */
  public int getMaxStreamsPerConnection() {
    return maxStreamsPerConnection;
  }

  /**
   * Sets the most calls at a time on one connection; the server may allow fewer. Default 100. Above
   * it, a server on Netty may end a connection on which many calls are cancelled at once.
   *
   * @param most at least 1
   */
  public GrpcOptions setMaxStreamsPerConnection(int most) {
    maxStreamsPerConnection = atLeast(1, "maxStreamsPerConnection", most);
    return this;
  }

  /** Returns after how long an unused connection is closed. */
  public Duration getIdleTimeout() {
    return idleTimeout;
  }

  /**
   * Sets after how long without a call a connection is closed, and then all that is known of its
   * node forgotten. Checked four times in that time. Default 5 min.
   *
   * @param timeout above zero
   */
  public GrpcOptions setIdleTimeout(Duration timeout) {
    idleTimeout = aboveZero("idleTimeout", timeout);
    return this;
  }

  /** Returns the {@code user-agent} header. */
  public String getUserAgent() {
    return userAgent;
  }

  /**
   * Sets the {@code user-agent} header. Default {@value #DEFAULT_USER_AGENT}.
   *
   * @param userAgent printable ASCII, not empty
   */
  public GrpcOptions setUserAgent(String userAgent) {
    if (userAgent.isBlank() || !userAgent.chars().allMatch(c -> c >= ' ' && c <= '~')) {
      throw new IllegalArgumentException(
          "userAgent: '" + userAgent + "' (expected: printable ASCII, not empty)");
    }
    this.userAgent = userAgent.strip();
    return this;
  }

  /** Tells whether requests are compressed. */
  public boolean isGzipRequests() {
    return gzipRequests;
  }

  /**
   * Compresses the requests of calls with gzip, those of streams not. A server that cannot inflate
   * them says so (12, UNIMPLEMENTED, and that it has no decompressor; go-micro's servers do): then
   * the request is sent again as it is, within the same attempt, and so are all to that node for
   * ten minutes. It costs CPU time on the event loop. Default false. Replies are inflated in any
   * case.
   */
  public GrpcOptions setGzipRequests(boolean gzipRequests) {
    this.gzipRequests = gzipRequests;
    return this;
  }

  /** Returns the smallest request that is compressed. */
  public int getGzipMinBytes() {
    return gzipMinBytes;
  }

  /**
   * Sets the smallest request that is compressed; one that does not get smaller by it never is.
   * Default 1 KiB.
   *
   * @param bytes zero or more
   * @throws IllegalArgumentException if it is negative
   */
  public GrpcOptions setGzipMinBytes(int bytes) {
    gzipMinBytes = atLeast(0, "gzipMinBytes", bytes);
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
    return tls.setUseAlpn(true).setApplicationLayerProtocols(List.of("h2"));
  }

  /** Returns the options of an agent that opens connections. */
  HttpClientOptions toHttp() {
    HttpClientOptions http = new HttpClientOptions();
    if (openSsl) {
      http.setSslEngineOptions(new OpenSSLEngineOptions());
    }
    return http.setProtocolVersion(HttpVersion.HTTP_2)
        .setHttp2ClearTextUpgrade(false)
        .setUseAlpn(true)
        .setAlpnVersions(List.of(HttpVersion.HTTP_2))
        .setHttp2ConnectionWindowSize(connectionWindowBytes)
        .setInitialSettings(
            new Http2Settings()
                .setInitialWindowSize(streamWindowBytes)
                .setMaxHeaderListSize(maxHeaderListBytes)
                .setPushEnabled(false));
  }

  /** Returns the options of a client that opens sockets. */
  NetClientOptions toNet() {
    NetClientOptions net = new NetClientOptions();
    if (openSsl) {
      net.setSslEngineOptions(new OpenSSLEngineOptions());
    }
    return net;
  }

  /** Returns what an own connection keeps to. */
  Http2Limits toLimits() {
    return new Http2Limits(
        streamWindowBytes, connectionWindowBytes, maxHeaderListBytes, flushFrames);
  }

  private static int atLeast(int least, String name, int value) {
    if (value < least) {
      throw new IllegalArgumentException(name + ": " + value + " (expected: >= " + least + ")");
    }
    return value;
  }

  private static Duration aboveZero(String name, Duration value) {
    if (value.isNegative() || value.isZero()) {
      throw new IllegalArgumentException(name + ": " + value + " (expected: above zero)");
    }
    return Objects.requireNonNull(value, name);
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof GrpcOptions that
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
    return "GrpcOptions[ssl=" + (ssl != null) + ", " + toJson().encode() + "]";
  }
}
