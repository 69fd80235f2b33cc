// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.rest;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.vertxmicro.codec.JsonFields;
import dev.vertxmicro.codec.Ranges;
import dev.vertxmicro.time.Nanos;
import io.vertx.core.json.JsonObject;
import io.vertx.core.net.ClientSSLOptions;
import java.time.Duration;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * How {@link RestTransport} speaks. Not thread-safe: the transport copies what it is given.
 *
 * <p>JSON has everything but the TLS options and the password, durations in milliseconds.
 */
public final class RestOptions {

  /** 64 KiB. */
  public static final int DEFAULT_MAX_HEADER_BYTES = 64 * 1024;

  /** 10,000 exchanges. */
  public static final int DEFAULT_MAX_QUEUED_PER_NODE = 10_000;

  /** 1,000 streams. */
  public static final int DEFAULT_MAX_STREAMS_PER_NODE = 1_000;

  /** 60 s. */
  public static final Duration DEFAULT_IDLE_TIMEOUT = Duration.ofSeconds(60);

  /** What servers see of this runtime. */
  public static final String DEFAULT_USER_AGENT = "vertx-micro/0.1";

  private static final int LEAST_HEADER_BYTES = 1_024;
  private static final int MOST_HEADER_BYTES = 16 * 1024 * 1024;

  private @Nullable ClientSSLOptions ssl;
  private final Map<String, ClientSSLOptions> sslOf = new HashMap<>();
  private @Nullable String authorization;
  private int maxHeaderBytes = DEFAULT_MAX_HEADER_BYTES;
  private int maxQueuedPerNode = DEFAULT_MAX_QUEUED_PER_NODE;
  private int maxStreamsPerNode = DEFAULT_MAX_STREAMS_PER_NODE;
  private Duration idleTimeout = DEFAULT_IDLE_TIMEOUT;
  private String userAgent = DEFAULT_USER_AGENT;

  /** Makes options with all defaults. */
  public RestOptions() {}

  /** Makes a copy. */
  public RestOptions(RestOptions other) {
    ssl = other.ssl == null ? null : other.ssl.copy();
    other.sslOf.forEach((address, options) -> sslOf.put(address, options.copy()));
    authorization = other.authorization;
    maxHeaderBytes = other.maxHeaderBytes;
    maxQueuedPerNode = other.maxQueuedPerNode;
    maxStreamsPerNode = other.maxStreamsPerNode;
    idleTimeout = other.idleTimeout;
    userAgent = other.userAgent;
  }

  /**
   * Makes options from JSON; what is absent keeps its default.
   *
   * @throws IllegalArgumentException if a value is out of its range or of a wrong type
   */
  public RestOptions(JsonObject json) {
    JsonFields fields = new JsonFields(json);
    fields.integer("maxHeaderBytes", this::setMaxHeaderBytes);
    fields.integer("maxQueuedPerNode", this::setMaxQueuedPerNode);
    fields.integer("maxStreamsPerNode", this::setMaxStreamsPerNode);
    fields.duration("idleTimeout", this::setIdleTimeout);
    fields.string("userAgent", this::setUserAgent);
  }

  /** Returns the settings that are plain data. */
  public JsonObject toJson() {
    return new JsonObject()
        .put("maxHeaderBytes", maxHeaderBytes)
        .put("maxQueuedPerNode", maxQueuedPerNode)
        .put("maxStreamsPerNode", maxStreamsPerNode)
        .put("idleTimeout", Nanos.millis(idleTimeout))
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
   * Unless these options name protocols of TLS, 1.2 and 1.3 are spoken.
   *
   * <p>Give trust and keys as bytes ({@code PemTrustOptions.addCertValue}): Vert.x reads a path
   * only once. ALPN always asks for {@code http/1.1}. Host names are checked, also with {@code
   * trustAll}, unless the options set the hostname verification algorithm to the empty string.
   *
   * @param ssl trust, client certificate and protocols; copied
   */
  public RestOptions setSsl(@Nullable ClientSSLOptions ssl) {
    this.ssl = ssl == null ? null : ssl.copy();
    return this;
  }

  /**
   * Gives one node TLS options of its own, whatever {@link #setSsl} says for the others. Makes the
   * transport speak TLS with it.
   *
   * @param address of the node, as it stands in the registry
   * @param ssl trust, client certificate and protocols; copied
   */
  public RestOptions addSsl(String address, ClientSSLOptions ssl) {
    sslOf.put(Objects.requireNonNull(address, "address"), ssl.copy());
    return this;
  }

  /**
   * Sends user and password with each request that has no {@code Authorization} of its own (Basic,
   * RFC 7617), to whatever node: mind that it can be read on the way without TLS. Default none.
   *
   * @param user without a colon
   */
  public RestOptions addBasicAuth(String user, String password) {
    authorization = basic(user, password);
    return this;
  }

  /**
   * Returns the value of {@code Authorization} for user and password.
   *
   * @param user without a colon
   * @throws IllegalArgumentException if it has one
   */
  public static String basic(String user, String password) {
    if (user.indexOf(':') >= 0) {
      throw new IllegalArgumentException("user: with a colon (expected: none)");
    }
    byte[] both = (user + ":" + password).getBytes(UTF_8);
    return "Basic " + Base64.getEncoder().encodeToString(both);
  }

  @Nullable String authorization() {
    return authorization;
  }

  /** Returns the most bytes of the head of a request, and of an answer. */
  public int getMaxHeaderBytes() {
    return maxHeaderBytes;
  }

  /**
   * Sets the most bytes of the head of a request, and of the head and the trailers of an answer.
   * Default 64 KiB.
   *
   * @param bytes 1,024 to 16,777,216
   */
  public RestOptions setMaxHeaderBytes(int bytes) {
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
  public RestOptions setMaxQueuedPerNode(int most) {
    maxQueuedPerNode = Ranges.within("maxQueuedPerNode", most, 1, Integer.MAX_VALUE);
    return this;
  }

  /** Returns the most streams to one node. */
  public int getMaxStreamsPerNode() {
    return maxStreamsPerNode;
  }

  /**
   * Sets the most streams to one node, over all event loops; those beyond fail with
   * RESOURCE_EXHAUSTED, NOT_SENT. Each has a connection of its own, one that nobody used if there
   * was one, beside those of the pool. Default 1,000.
   *
   * @param most at least 1
   */
  public RestOptions setMaxStreamsPerNode(int most) {
    maxStreamsPerNode = Ranges.within("maxStreamsPerNode", most, 1, Integer.MAX_VALUE);
    return this;
  }

  /** Returns after how long an unused connection is closed. */
  public Duration getIdleTimeout() {
    return idleTimeout;
  }

  /**
   * Sets after how long without a call a connection is closed, and then all that is known of its
   * node forgotten. Checked four times in that time. Default 60 s: many servers close theirs not
   * long after that.
   *
   * @param timeout above zero
   */
  public RestOptions setIdleTimeout(Duration timeout) {
    idleTimeout = Ranges.positive("idleTimeout", timeout);
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
  public RestOptions setUserAgent(String userAgent) {
    if (userAgent.isBlank() || !userAgent.chars().allMatch(c -> c >= ' ' && c <= '~')) {
      throw new IllegalArgumentException(
          "userAgent: '" + userAgent + "' (expected: printable ASCII, not empty)");
    }
    this.userAgent = userAgent.strip();
    return this;
  }

  /** Tells whether a node is spoken to by TLS if its address does not say. */
  boolean prefersTls(String address) {
    return ssl != null || sslOf.containsKey(address);
  }

  /** Returns the options of a TLS connection to a node. */
  ClientSSLOptions tls(String address) {
    ClientSSLOptions given = sslOf.getOrDefault(address, ssl);
    ClientSSLOptions tls = given == null ? new ClientSSLOptions() : given.copy();
    if (tls.getHostnameVerificationAlgorithm() == null) {
      tls.setHostnameVerificationAlgorithm("HTTPS");
    }
    return tls.setUseAlpn(true).setApplicationLayerProtocols(List.of("http/1.1"));
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof RestOptions that
        && Objects.equals(ssl, that.ssl)
        && sslOf.equals(that.sslOf)
        && Objects.equals(authorization, that.authorization)
        && toJson().equals(that.toJson());
  }

  @Override
  public int hashCode() {
    return Objects.hash(ssl, sslOf, authorization, toJson());
  }

  /** Returns the plain data, and whether there are TLS options and a password. */
  @Override
  public String toString() {
    return "RestOptions[ssl="
        + (ssl != null || !sslOf.isEmpty())
        + ", auth="
        + (authorization != null)
        + ", "
        + toJson().encode()
        + "]";
  }
}
