// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.registry.etcd;

import dev.vertxmicro.codec.JsonFields;
import dev.vertxmicro.codec.Ranges;
import dev.vertxmicro.time.Nanos;
import io.vertx.core.http.Http2Settings;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.core.net.ClientSSLOptions;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Where etcd is and how {@link EtcdRegistry} uses it. Not thread-safe: the registry copies what it
 * is given.
 *
 * <p>JSON has everything but the TLS options, durations in milliseconds, and the password in clear
 * text: {@link #toJson} is for configuration files, not for logs. {@link #toString} has no secret.
 */
public final class EtcdOptions {

  /** A member on this machine, go-micro's default. */
  public static final String DEFAULT_ENDPOINT = "127.0.0.1:2379";

  /** Go-micro's. */
  public static final String DEFAULT_PREFIX = "/micro/registry";

  /** 5 s, as go-micro's. */
  public static final Duration DEFAULT_REQUEST_TIMEOUT = Duration.ofSeconds(5);

  /** 10 s. */
  public static final Duration DEFAULT_KEEP_ALIVE_TIME = Duration.ofSeconds(10);

  /** 10 s. */
  public static final Duration DEFAULT_MAX_BACKOFF = Duration.ofSeconds(10);

  /** 16 MiB. */
  public static final int DEFAULT_MAX_REPLY_BYTES = 16 << 20;

  /** 100,000 nodes. */
  public static final int DEFAULT_MAX_NODES = 100_000;

  private static final int LEAST_REPLY_BYTES = 64 * 1024;
  private static final int MOST_REPLY_BYTES = 1 << 30;
  private static final int WINDOW_BYTES = 1 << 20;
  private static final int MAX_HEADER_LIST_BYTES = 64 * 1024;
  private static final Duration LONGEST = Duration.ofDays(1);

  private List<String> endpoints = List.of(DEFAULT_ENDPOINT);
  private @Nullable String user;
  private @Nullable String password;
  private @Nullable ClientSSLOptions ssl;
  private String prefix = DEFAULT_PREFIX;
  private Duration requestTimeout = DEFAULT_REQUEST_TIMEOUT;
  private boolean serializableReads;
  private Duration keepAliveTime = DEFAULT_KEEP_ALIVE_TIME;
  private Duration maxBackoff = DEFAULT_MAX_BACKOFF;
  private int maxReplyBytes = DEFAULT_MAX_REPLY_BYTES;
  private int maxNodes = DEFAULT_MAX_NODES;

  /** Makes options with all defaults. */
  public EtcdOptions() {}

  /** Makes a copy. */
  public EtcdOptions(EtcdOptions other) {
    endpoints = other.endpoints;
    user = other.user;
    password = other.password;
    ssl = other.ssl == null ? null : other.ssl.copy();
    prefix = other.prefix;
    requestTimeout = other.requestTimeout;
    serializableReads = other.serializableReads;
    keepAliveTime = other.keepAliveTime;
    maxBackoff = other.maxBackoff;
    maxReplyBytes = other.maxReplyBytes;
    maxNodes = other.maxNodes;
  }

  /**
   * Makes options from JSON; what is absent keeps its default.
   *
   * @throws IllegalArgumentException if a value is out of its range or of a wrong type
   */
  public EtcdOptions(JsonObject json) {
    JsonFields fields = new JsonFields(json);
    fields.strings("endpoints", this::setEndpoints);
    fields.string("user", this::setUser);
    if (json.getValue("password") instanceof String secret) {
      setPassword(secret);
    } else if (json.getValue("password") != null) {
      throw new IllegalArgumentException("password: not shown (expected: a string)");
    }
    fields.string("prefix", this::setPrefix);
    fields.duration("requestTimeout", this::setRequestTimeout);
    fields.bool("serializableReads", this::setSerializableReads);
    fields.duration("keepAliveTime", this::setKeepAliveTime);
    fields.duration("maxBackoff", this::setMaxBackoff);
    fields.integer("maxReplyBytes", this::setMaxReplyBytes);
    fields.integer("maxNodes", this::setMaxNodes);
  }

  /** Returns the settings that are plain data, with the password. */
  public JsonObject toJson() {
    JsonObject json = visible();
    if (password != null) {
      json.put("password", password);
    }
    return json;
  }

  private JsonObject visible() {
    JsonObject json = new JsonObject().put("endpoints", new JsonArray(endpoints));
    if (user != null) {
      json.put("user", user);
    }
    return json.put("prefix", prefix)
        .put("requestTimeout", Nanos.millis(requestTimeout))
        .put("serializableReads", serializableReads)
        .put("keepAliveTime", Nanos.millis(keepAliveTime))
        .put("maxBackoff", Nanos.millis(maxBackoff))
        .put("maxReplyBytes", maxReplyBytes)
        .put("maxNodes", maxNodes);
  }

  /** Returns the members to talk to. */
  public List<String> getEndpoints() {
    return endpoints;
  }

  /**
   * Sets the members of etcd to talk to, one at a time: the first is drawn at random, and when it
   * fails the next takes its place. Default {@value #DEFAULT_ENDPOINT}.
   *
   * @param endpoints at least one {@code host:port} or {@code [v6]:port}, which may come after
   *     {@code https://} for TLS or {@code http://} for plain text; without either there is TLS if
   *     {@link #setSsl} was called. The port is 2379 unless it says another
   * @throws IllegalArgumentException if there is none, or one is no address
   */
  public EtcdOptions setEndpoints(List<String> endpoints) {
    if (endpoints.isEmpty()) {
      throw new IllegalArgumentException("endpoints: [] (expected: at least one)");
    }
    endpoints.forEach(EtcdAddress::parse);
    this.endpoints = List.copyOf(endpoints);
    return this;
  }

  /** Returns the user, or null. */
  public @Nullable String getUser() {
    return user;
  }

  /**
   * Sets whom etcd is to take us for. Default null: nobody, or whom the client certificate names.
   */
  public EtcdOptions setUser(@Nullable String user) {
    if (user != null && user.isEmpty()) {
      throw new IllegalArgumentException("user: '' (expected: a name)");
    }
    this.user = user;
    return this;
  }

  /** Returns the password, or null. */
  public @Nullable String getPassword() {
    return password;
  }

  /** Sets the password of the user. Default null: none. Sent in clear text unless TLS is spoken. */
  public EtcdOptions setPassword(@Nullable String password) {
    this.password = password;
    return this;
  }

  /** Returns the TLS options, or null. */
  public @Nullable ClientSSLOptions getSsl() {
    return ssl;
  }

  /**
   * Sets trust and keys for TLS, which is then spoken with every endpoint that does not begin with
   * {@code http://}. Default null: TLS for endpoints that begin with {@code https://}, certificates
   * checked against the JDK's roots. Host names are checked, too, unless the options set the
   * hostname verification algorithm to the empty string.
   *
   * @param ssl trust, client certificate and protocols; copied
   */
  public EtcdOptions setSsl(@Nullable ClientSSLOptions ssl) {
    this.ssl = ssl == null ? null : ssl.copy();
    return this;
  }

  /** Returns the beginning of all keys, without a slash at its end. */
  public String getPrefix() {
    return prefix;
  }

  /**
   * Sets the beginning of all keys: {@code <prefix>/<service>/<node>}. Default {@value
   * #DEFAULT_PREFIX}, which go-micro has; its processes see no other.
   *
   * @param prefix begins with a slash; one at the end is taken off
   * @throws IllegalArgumentException if it does not, or is nothing else
   */
  public EtcdOptions setPrefix(String prefix) {
    String path = prefix.endsWith("/") ? prefix.substring(0, prefix.length() - 1) : prefix;
    if (!path.startsWith("/") || path.endsWith("/")) {
      throw new IllegalArgumentException(
          "prefix: '" + prefix + "' (expected: a path that begins with a slash)");
    }
    this.prefix = path;
    return this;
  }

  /** Returns how long a request may take. */
  public Duration getRequestTimeout() {
    return requestTimeout;
  }

  /**
   * Sets how long a request may take, connecting and asking other members included. With n
   * endpoints one that does not answer uses up an n-th of it. Default 5 s.
   *
   * @param timeout 10 ms to a day
   * @throws IllegalArgumentException if it is out of its range
   */
  public EtcdOptions setRequestTimeout(Duration timeout) {
    requestTimeout = Ranges.within("requestTimeout", timeout, Duration.ofMillis(10), LONGEST);
    return this;
  }

  /** Tells whether any member may answer look-ups from what it knows. */
  public boolean isSerializableReads() {
    return serializableReads;
  }

  /**
   * Sets whether a member may answer {@code get} and {@code list} from what it knows, without
   * asking the others, as go-micro does. That is quicker and goes on while etcd has no leader, and
   * it may be old. Watches are never. Default false.
   */
  public EtcdOptions setSerializableReads(boolean serializableReads) {
    this.serializableReads = serializableReads;
    return this;
  }

  /** Returns how often a connection with watches is checked; zero if never. */
  public Duration getKeepAliveTime() {
    return keepAliveTime;
  }

  /**
   * Sets how often a PING checks a connection with watches on it; without an answer within the
   * request timeout it is given up, and the watches go on over another. Default 10 s; zero turns it
   * off.
   *
   * @param time 0, or 5 s to a day: etcd ends connections that ping more
   * @throws IllegalArgumentException if it is out of its range
   */
  public EtcdOptions setKeepAliveTime(Duration time) {
    keepAliveTime =
        time.isZero() ? time : Ranges.within("keepAliveTime", time, Duration.ofSeconds(5), LONGEST);
    return this;
  }

  /** Returns the longest wait between two tries. */
  public Duration getMaxBackoff() {
    return maxBackoff;
  }

  /**
   * Sets the longest wait before a watch is resumed or a registration is tried again while etcd
   * fails. Waits double up to it from 100 ms on; jitter takes up to a half off. Default 10 s.
   *
   * @param backoff 100 ms to a day
   * @throws IllegalArgumentException if it is out of its range
   */
  public EtcdOptions setMaxBackoff(Duration backoff) {
    maxBackoff = Ranges.within("maxBackoff", backoff, Duration.ofMillis(100), LONGEST);
    return this;
  }

  /** Returns the most bytes of one answer. */
  public int getMaxReplyBytes() {
    return maxReplyBytes;
  }

  /**
   * Sets the most bytes of one answer of etcd. Services are read in as many answers as they need; a
   * single entry that is larger is skipped. Default 16 MiB.
   *
   * @param bytes 64 KiB to 1 GiB
   * @throws IllegalArgumentException if it is out of its range
   */
  public EtcdOptions setMaxReplyBytes(int bytes) {
    maxReplyBytes = Ranges.within("maxReplyBytes", bytes, LEAST_REPLY_BYTES, MOST_REPLY_BYTES);
    return this;
  }

  /** Returns the most nodes of one service. */
  public int getMaxNodes() {
    return maxNodes;
  }

  /**
   * Sets the most nodes of one service, and the most services of a list. Reading more fails with
   * RESOURCE_EXHAUSTED. Default 100,000.
   *
   * @param nodes at least 1
   * @throws IllegalArgumentException if it is less
   */
  public EtcdOptions setMaxNodes(int nodes) {
    if (nodes < 1) {
      throw new IllegalArgumentException("maxNodes: " + nodes + " (expected: at least 1)");
    }
    maxNodes = nodes;
    return this;
  }

  boolean isTls(EtcdAddress address) {
    return switch (address.scheme()) {
      case HTTPS -> true;
      case HTTP -> false;
      case NONE -> ssl != null;
    };
  }

  /** Returns the options of a TLS connection: certificate and host name are checked. */
  ClientSSLOptions tls() {
    ClientSSLOptions tls = ssl == null ? new ClientSSLOptions() : ssl.copy();
    if (tls.getHostnameVerificationAlgorithm() == null) {
      tls.setHostnameVerificationAlgorithm("HTTPS");
    }
    return tls.setUseAlpn(true).setApplicationLayerProtocols(List.of("h2"));
  }

  /** Returns the options of an agent that opens a connection. */
  HttpClientOptions toHttp() {
    return new HttpClientOptions()
        .setProtocolVersion(HttpVersion.HTTP_2)
        .setHttp2ClearTextUpgrade(false)
        .setUseAlpn(true)
        .setAlpnVersions(List.of(HttpVersion.HTTP_2))
        .setHttp2ConnectionWindowSize(WINDOW_BYTES)
        .setInitialSettings(
            new Http2Settings()
                .setInitialWindowSize(WINDOW_BYTES)
                .setMaxHeaderListSize(MAX_HEADER_LIST_BYTES)
                .setPushEnabled(false));
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof EtcdOptions that
        && Objects.equals(ssl, that.ssl)
        && toJson().equals(that.toJson());
  }

  @Override
  public int hashCode() {
    return Objects.hash(ssl, toJson());
  }

  /** Returns the plain data without the password, and whether there are a password and TLS. */
  @Override
  public String toString() {
    return "EtcdOptions[password="
        + (password != null)
        + ", ssl="
        + (ssl != null)
        + ", "
        + visible().encode()
        + "]";
  }
}
