// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.registry.consul;

import dev.vertxmicro.codec.JsonFields;
import dev.vertxmicro.codec.Ranges;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.core.net.ClientSSLOptions;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * How a {@link ConsulRegistry} reaches Consul and what it writes there. Not thread-safe: the
 * registry copies what it is given. In JSON durations are whole milliseconds, and everything is
 * there but {@code ssl}.
 */
public final class ConsulOptions {

  /** Consul's default port. */
  public static final int DEFAULT_PORT = 8500;

  /** The agent on this machine. */
  public static final List<String> DEFAULT_ADDRESSES = List.of("127.0.0.1:" + DEFAULT_PORT);

  /** 5 s. */
  public static final Duration DEFAULT_TIMEOUT = Duration.ofSeconds(5);

  /** 1 min. */
  public static final Duration DEFAULT_WAIT = Duration.ofMinutes(1);

  /** 10 s. */
  public static final Duration DEFAULT_HTTP_CHECK_INTERVAL = Duration.ofSeconds(10);

  /** 5 s. */
  public static final Duration DEFAULT_HTTP_CHECK_TIMEOUT = Duration.ofSeconds(5);

  /** 64 MiB. */
  public static final int DEFAULT_MAX_ANSWER_BYTES = 64 << 20;

  /** 100 watches: an agent takes 200 connections of one client by default. */
  public static final int DEFAULT_MAX_WATCHES = 100;

  private static final Duration LEAST = Duration.ofMillis(1);
  private static final Duration DAY = Duration.ofDays(1);
  private static final Duration LONGEST_WAIT = Duration.ofMinutes(10);
  private static final int LEAST_ANSWER = 1_024;
  private static final int MOST_ANSWER = 512 << 20;
  private static final int MOST_WATCHES = 10_000;

  private List<String> addresses = DEFAULT_ADDRESSES;
  private @Nullable String token;
  private @Nullable String datacenter;
  private boolean tls;
  private @Nullable String caFile;
  private @Nullable ClientSSLOptions ssl;
  private boolean connect;
  private boolean stale = true;
  private Duration timeout = DEFAULT_TIMEOUT;
  private Duration wait = DEFAULT_WAIT;
  private Duration tcpCheckInterval = Duration.ZERO;
  private @Nullable String httpCheck;
  private Duration httpCheckInterval = DEFAULT_HTTP_CHECK_INTERVAL;
  private Duration httpCheckTimeout = DEFAULT_HTTP_CHECK_TIMEOUT;
  private int maxAnswerBytes = DEFAULT_MAX_ANSWER_BYTES;
  private int maxWatches = DEFAULT_MAX_WATCHES;

  /** Makes options with all defaults. */
  public ConsulOptions() {}

  /** Makes a copy. */
  public ConsulOptions(ConsulOptions other) {
    addresses = other.addresses;
    token = other.token;
    datacenter = other.datacenter;
    tls = other.tls;
    caFile = other.caFile;
    ssl = other.ssl == null ? null : other.ssl.copy();
    connect = other.connect;
    stale = other.stale;
    timeout = other.timeout;
    wait = other.wait;
    tcpCheckInterval = other.tcpCheckInterval;
    httpCheck = other.httpCheck;
    httpCheckInterval = other.httpCheckInterval;
    httpCheckTimeout = other.httpCheckTimeout;
    maxAnswerBytes = other.maxAnswerBytes;
    maxWatches = other.maxWatches;
  }

  /**
   * Makes options from JSON; what is absent keeps its default.
   *
   * @throws IllegalArgumentException if a value is out of its range or of a wrong type
   */
  public ConsulOptions(JsonObject json) {
    JsonFields fields = new JsonFields(json);
    fields.strings("addresses", this::setAddresses);
    fields.string("token", this::setToken);
    fields.string("datacenter", this::setDatacenter);
    fields.bool("tls", this::setTls);
    fields.string("caFile", this::setCaFile);
    fields.bool("connect", this::setConnect);
    fields.bool("stale", this::setStale);
    fields.duration("timeout", this::setTimeout);
    fields.duration("wait", this::setWait);
    fields.duration("tcpCheckInterval", this::setTcpCheckInterval);
    fields.string("httpCheck", this::setHttpCheck);
    fields.duration("httpCheckInterval", this::setHttpCheckInterval);
    fields.duration("httpCheckTimeout", this::setHttpCheckTimeout);
    fields.integer("maxAnswerBytes", this::setMaxAnswerBytes);
    fields.integer("maxWatches", this::setMaxWatches);
  }

  /**
   * Returns options with the address, the token and the use of TLS that the environment of this
   * process has for Consul's own clients: {@code CONSUL_HTTP_ADDR}, with or without {@code http://}
   * or {@code https://}; {@code CONSUL_HTTP_TOKEN}; {@code CONSUL_HTTP_SSL}; {@code CONSUL_CACERT}.
   * Nothing else reads the environment.
   *
   * @throws IllegalArgumentException if a variable has a value of no use
   */
  public static ConsulOptions fromEnvironment() {
    return fromEnvironment(System::getenv);
  }

  /** As {@link #fromEnvironment()}; {@code variables} returns null for one that is not set. */
  static ConsulOptions fromEnvironment(UnaryOperator<@Nullable String> variables) {
    ConsulOptions options = new ConsulOptions();
    String address = variables.apply("CONSUL_HTTP_ADDR");
    if (address != null && !address.isEmpty()) {
      boolean https = address.startsWith("https://");
      options.setTls(https);
      options.setAddresses(
          List.of(address.substring(https ? 8 : address.startsWith("http://") ? 7 : 0)));
    }
    String ssl = variables.apply("CONSUL_HTTP_SSL");
    if (ssl != null && List.of("1", "t", "true").contains(ssl.toLowerCase(Locale.ROOT))) {
      options.setTls(true);
    }
    String token = variables.apply("CONSUL_HTTP_TOKEN");
    if (token != null && !token.isEmpty()) {
      options.setToken(token);
    }
    String caFile = variables.apply("CONSUL_CACERT");
    if (caFile != null && !caFile.isEmpty()) {
      options.setCaFile(caFile);
    }
    return options;
  }

  /** Returns the options as JSON, with the token and without {@code ssl}. */
  public JsonObject toJson() {
    return new JsonObject()
        .put("addresses", new JsonArray(addresses))
        .put("token", token)
        .put("datacenter", datacenter)
        .put("tls", tls)
        .put("caFile", caFile)
        .put("connect", connect)
        .put("stale", stale)
        .put("timeout", timeout.toMillis())
        .put("wait", wait.toMillis())
        .put("tcpCheckInterval", tcpCheckInterval.toMillis())
        .put("httpCheck", httpCheck)
        .put("httpCheckInterval", httpCheckInterval.toMillis())
        .put("httpCheckTimeout", httpCheckTimeout.toMillis())
        .put("maxAnswerBytes", maxAnswerBytes)
        .put("maxWatches", maxWatches);
  }

  /** Returns the agents that may be asked. */
  public List<String> getAddresses() {
    return addresses;
  }

  /**
   * Sets the agents that may be asked, {@code host:port} or {@code host} with port 8500. The first
   * is used until it cannot be reached, then the next, until that one cannot be reached.
   *
   * @param addresses at least one
   * @throws IllegalArgumentException if there is none, or one is no address
   */
  public ConsulOptions setAddresses(List<String> addresses) {
    if (addresses.isEmpty()) {
      throw new IllegalArgumentException("addresses: [] (expected: at least one host:port)");
    }
    addresses.forEach(ConsulAddress::parse);
    this.addresses = List.copyOf(addresses);
    return this;
  }

  /** Returns the ACL token, or null. */
  public @Nullable String getToken() {
    return token;
  }

  /**
   * Sets the ACL token. It needs {@code write} for services that are registered, and {@code read}
   * for services that are read, for all nodes, and for the service {@code consul}: see {@link
   * ConsulRegistry} for what the last is good for. Never logged or printed.
   */
  public ConsulOptions setToken(@Nullable String token) {
    if (token != null && token.chars().anyMatch(c -> c <= ' ' || c > '~')) {
      throw new IllegalArgumentException("token: (secret) (expected: visible ASCII characters)");
    }
    this.token = token;
    return this;
  }

  /** Returns the datacenter that is read, or null. */
  public @Nullable String getDatacenter() {
    return datacenter;
  }

  /** Sets the datacenter that is read. Default null: the agent's own, to which is also written. */
  public ConsulOptions setDatacenter(@Nullable String datacenter) {
    this.datacenter = datacenter;
    return this;
  }

  /** Tells whether TLS is spoken. */
  public boolean isTls() {
    return tls;
  }

  /**
   * Sets whether TLS is spoken. Certificate and host name of the agent are checked: against {@code
   * ssl}, else {@code caFile}, else the JDK's roots. Default false.
   */
  public ConsulOptions setTls(boolean tls) {
    this.tls = tls;
    return this;
  }

  /** Returns the file of trusted certificates, or null. */
  public @Nullable String getCaFile() {
    return caFile;
  }

  /** Sets a PEM file with the certificates of the authorities to trust. Default null. */
  public ConsulOptions setCaFile(@Nullable String caFile) {
    this.caFile = caFile;
    return this;
  }

  /** Returns the TLS options, or null. */
  public @Nullable ClientSSLOptions getSsl() {
    return ssl;
  }

  /**
   * Sets trust, client certificate and protocols of TLS, in place of {@code caFile}. Host names are
   * checked unless these options set the hostname verification algorithm to the empty string.
   * Default null.
   *
   * @param ssl copied
   */
  public ConsulOptions setSsl(@Nullable ClientSSLOptions ssl) {
    this.ssl = ssl == null ? null : ssl.copy();
    return this;
  }

  /** Tells whether services are Connect-native. */
  public boolean isConnect() {
    return connect;
  }

  /** Sets whether services are registered and looked up as Connect-native. Default false. */
  public ConsulOptions setConnect(boolean connect) {
    this.connect = connect;
    return this;
  }

  /** Tells whether look-ups take an answer of any server. */
  public boolean isStale() {
    return stale;
  }

  /**
   * Sets whether look-ups take an answer of any server, as in go-micro: it may be some milliseconds
   * old, and it is there while the servers have no leader. Watches ask the leader. Default true.
   */
  public ConsulOptions setStale(boolean stale) {
    this.stale = stale;
    return this;
  }

  /** Returns how long an agent may take to answer. */
  public Duration getTimeout() {
    return timeout;
  }

  /**
   * Sets how long an agent may take to answer, connecting included; a watch may take as long on top
   * of its wait. Default 5 s.
   *
   * @param timeout 1 ms to 1 day
   * @throws IllegalArgumentException if it is out of its range
   */
  public ConsulOptions setTimeout(Duration timeout) {
    this.timeout = Ranges.within("timeout", timeout, LEAST, DAY);
    return this;
  }

  /** Returns how long Consul holds back the answer to a watch. */
  public Duration getWait() {
    return wait;
  }

  /**
   * Sets how long Consul holds back the answer to a watch while nothing changes. Consul adds up to
   * a sixteenth to it. Default 1 min.
   *
   * @param wait 1 s to 10 min
   * @throws IllegalArgumentException if it is out of its range
   */
  public ConsulOptions setWait(Duration wait) {
    this.wait = Ranges.within("wait", wait, Duration.ofSeconds(1), LONGEST_WAIT);
    return this;
  }

  /** Returns how often Consul connects to a node to see that it lives. */
  public Duration getTcpCheckInterval() {
    return tcpCheckInterval;
  }

  /**
   * Sets how often Consul connects to a registered node to see that it lives. Default 0: it does
   * not. With this or {@code httpCheck} the TTL of a registration is of no effect.
   *
   * @param interval 0 to 1 day
   * @throws IllegalArgumentException if it is out of its range
   */
  public ConsulOptions setTcpCheckInterval(Duration interval) {
    this.tcpCheckInterval = Ranges.within("tcpCheckInterval", interval, Duration.ZERO, DAY);
    return this;
  }

  /** Returns the URL that Consul requests to see that a node lives, or null. */
  public @Nullable String getHttpCheck() {
    return httpCheck;
  }

  /**
   * Sets the URL that Consul requests to see that a registered node lives, {@code
   * http://{host}:8080/health} say, where {@code {host}} stands for the host of the node. Default
   * null: none. Not used if {@code tcpCheckInterval} is set.
   */
  public ConsulOptions setHttpCheck(@Nullable String url) {
    this.httpCheck = url;
    return this;
  }

  /** Returns how often Consul requests that URL. */
  public Duration getHttpCheckInterval() {
    return httpCheckInterval;
  }

  /**
   * Sets how often Consul requests the URL of {@code httpCheck}. Default 10 s.
   *
   * @param interval 1 ms to 1 day
   * @throws IllegalArgumentException if it is out of its range
   */
  public ConsulOptions setHttpCheckInterval(Duration interval) {
    this.httpCheckInterval = Ranges.within("httpCheckInterval", interval, LEAST, DAY);
    return this;
  }

  /** Returns how long the answer to such a request may take. */
  public Duration getHttpCheckTimeout() {
    return httpCheckTimeout;
  }

  /**
   * Sets how long a node may take to answer the request of {@code httpCheck}. Default 5 s.
   *
   * @param timeout 1 ms to 1 day
   * @throws IllegalArgumentException if it is out of its range
   */
  public ConsulOptions setHttpCheckTimeout(Duration timeout) {
    this.httpCheckTimeout = Ranges.within("httpCheckTimeout", timeout, LEAST, DAY);
    return this;
  }

  /** Returns how large an answer may be. */
  public int getMaxAnswerBytes() {
    return maxAnswerBytes;
  }

  /**
   * Sets how large an answer of Consul may be; what its tags inflate to may be four times as much.
   * A larger one fails. Default 64 MiB, enough for more than 10,000 nodes with ten endpoints each.
   *
   * @param bytes 1,024 to 512 MiB
   * @throws IllegalArgumentException if it is out of its range
   */
  public ConsulOptions setMaxAnswerBytes(int bytes) {
    this.maxAnswerBytes = Ranges.within("maxAnswerBytes", bytes, LEAST_ANSWER, MOST_ANSWER);
    return this;
  }

  /** Returns how many services may be watched. */
  public int getMaxWatches() {
    return maxWatches;
  }

  /**
   * Sets how many services may be watched at a time: each takes a connection of its own, and an
   * agent takes 200 of one client by default. A further watch fails, and a {@code CachingRegistry}
   * then reads that service after its TTL only. Default 100.
   *
   * @param watches 1 to 10,000
   * @throws IllegalArgumentException if it is out of its range
   */
  public ConsulOptions setMaxWatches(int watches) {
    this.maxWatches = Ranges.within("maxWatches", watches, 1, MOST_WATCHES);
    return this;
  }

  private Object[] values() {
    return new Object[] {
      addresses,
      datacenter,
      tls,
      caFile,
      ssl,
      connect,
      stale,
      timeout,
      wait,
      tcpCheckInterval,
      httpCheck,
      httpCheckInterval,
      httpCheckTimeout,
      maxAnswerBytes,
      maxWatches
    };
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof ConsulOptions that
        && Objects.equals(token, that.token)
        && Arrays.equals(values(), that.values());
  }

  @Override
  public int hashCode() {
    return 31 * Objects.hashCode(token) + Arrays.hashCode(values());
  }

  /** Prints the options without secrets. */
  @Override
  public String toString() {
    JsonObject shown = toJson();
    shown.put("token", token == null ? "none" : "(secret)");
    shown.put("ssl", ssl == null ? "none" : "set");
    return "ConsulOptions" + shown.encode();
  }
}
