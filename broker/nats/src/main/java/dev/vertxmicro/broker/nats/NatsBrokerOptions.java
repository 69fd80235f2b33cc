// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.broker.nats;

import dev.vertxmicro.codec.JsonFields;
import dev.vertxmicro.codec.Ranges;
import dev.vertxmicro.time.Nanos;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * How a {@link NatsBroker} works. Not thread-safe: the broker keeps a copy. At most one way to log
 * in may be set: user and password, token, NKey or credentials.
 */
public final class NatsBrokerOptions {

  /** One server on this machine. */
  public static final List<String> DEFAULT_SERVERS = List.of("nats://127.0.0.1:4222");

  /** 2 s. */
  public static final Duration DEFAULT_CONNECT_TIMEOUT = Duration.ofSeconds(2);

  /** 500 ms. */
  public static final Duration DEFAULT_RECONNECT_WAIT = Duration.ofMillis(500);

  /** 10 s. */
  public static final Duration DEFAULT_PING_INTERVAL = Duration.ofSeconds(10);

  /** 4,096 publishes. */
  public static final int DEFAULT_MAX_IN_FLIGHT = 4_096;

  /** 8 MiB. */
  public static final int DEFAULT_BUFFER_SIZE = 8 << 20;

  /** 10 s. */
  public static final Duration DEFAULT_CLOSE_TIMEOUT = Duration.ofSeconds(10);

  private static final List<String> SECRETS = List.of("password", "token", "nkeySeed");

  private List<String> servers = DEFAULT_SERVERS;
  private @Nullable String connectionName;
  private @Nullable String user;
  private @Nullable String password;
  private @Nullable String token;
  private @Nullable String nkeySeed;
  private @Nullable String credentialsFile;
  private boolean tls = false;
  private @Nullable String trustedCertificates;
  private @Nullable String certificate;
  private @Nullable String key;
  private Duration connectTimeout = DEFAULT_CONNECT_TIMEOUT;
  private Duration reconnectWait = DEFAULT_RECONNECT_WAIT;
  private Duration pingInterval = DEFAULT_PING_INTERVAL;
  private int maxInFlight = DEFAULT_MAX_IN_FLIGHT;
  private int bufferSize = DEFAULT_BUFFER_SIZE;
  private Duration closeTimeout = DEFAULT_CLOSE_TIMEOUT;
  private @Nullable JetStreamOptions jetStream;

  /** Makes options with all defaults. */
  public NatsBrokerOptions() {}

  /** Makes a copy. */
  public NatsBrokerOptions(NatsBrokerOptions other) {
    servers = other.servers;
    connectionName = other.connectionName;
    user = other.user;
    password = other.password;
    token = other.token;
    nkeySeed = other.nkeySeed;
    credentialsFile = other.credentialsFile;
    tls = other.tls;
    trustedCertificates = other.trustedCertificates;
    certificate = other.certificate;
    key = other.key;
    connectTimeout = other.connectTimeout;
    reconnectWait = other.reconnectWait;
    pingInterval = other.pingInterval;
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
    fields.strings("servers", this::setServers);
    fields.string("connectionName", this::setConnectionName);
    fields.string("user", this::setUser);
    fields.string("password", this::setPassword);
    fields.string("token", this::setToken);
    fields.string("nkeySeed", this::setNkeySeed);
    fields.string("credentialsFile", this::setCredentialsFile);
    fields.bool("tls", this::setTls);
    fields.string("trustedCertificates", this::setTrustedCertificates);
    fields.string("certificate", this::setCertificate);
    fields.string("key", this::setKey);
    fields.duration("connectTimeout", this::setConnectTimeout);
    fields.duration("reconnectWait", this::setReconnectWait);
    fields.duration("pingInterval", this::setPingInterval);
    fields.integer("maxInFlight", this::setMaxInFlight);
    fields.integer("bufferSize", this::setBufferSize);
    fields.duration("closeTimeout", this::setCloseTimeout);
    fields.object("jetStream", value -> setJetStream(new JetStreamOptions(value)));
  }

  /** Returns the settings, secrets included, durations in milliseconds. */
  public JsonObject toJson() {
    JsonObject json = new JsonObject();
    json.put("servers", new JsonArray(servers));
    if (connectionName != null) {
      json.put("connectionName", connectionName);
    }
    if (user != null) {
      json.put("user", user);
    }
    if (password != null) {
      json.put("password", password);
    }
    if (token != null) {
      json.put("token", token);
    }
    if (nkeySeed != null) {
      json.put("nkeySeed", nkeySeed);
    }
    if (credentialsFile != null) {
      json.put("credentialsFile", credentialsFile);
    }
    json.put("tls", tls);
    if (trustedCertificates != null) {
      json.put("trustedCertificates", trustedCertificates);
    }
    if (certificate != null) {
      json.put("certificate", certificate);
    }
    if (key != null) {
      json.put("key", key);
    }
    json.put("connectTimeout", Nanos.millis(connectTimeout));
    json.put("reconnectWait", Nanos.millis(reconnectWait));
    json.put("pingInterval", Nanos.millis(pingInterval));
    json.put("maxInFlight", maxInFlight);
    json.put("bufferSize", bufferSize);
    json.put("closeTimeout", Nanos.millis(closeTimeout));
    if (jetStream != null) {
      json.put("jetStream", jetStream.toJson());
    }
    return json;
  }

  /** Returns the servers. */
  public List<String> getServers() {
    return servers;
  }

  /**
   * Sets the servers of one cluster: the broker connects to any of them, and to those that they
   * tell it of, and goes on to the next when one is lost. Default nats://127.0.0.1:4222.
   *
   * @param servers {@code nats://host:port} or {@code tls://host:port}, the scheme and the port may
   *     be left out; one or more; without credentials, which the other options hold
   */
  public NatsBrokerOptions setServers(List<String> servers) {
    this.servers = checkedServers(servers);
    return this;
  }

  private static List<String> checkedServers(List<String> servers) {
    List<String> copy = List.copyOf(servers);
    if (copy.isEmpty()) {
      throw new IllegalArgumentException("servers: none (expected: one or more)");
    }
    for (String server : copy) {
      Ranges.notBlank("servers", server);
      if (server.indexOf('@') >= 0) {
        throw new IllegalArgumentException(
            "servers: one with credentials (expected: none; they have options of their own)");
      }
    }
    return copy;
  }

  /** Returns the name of the connection, or null. */
  public @Nullable String getConnectionName() {
    return connectionName;
  }

  /**
   * Sets what the server calls the connection in its logs. Default null: nothing.
   *
   * @param connectionName not blank
   */
  public NatsBrokerOptions setConnectionName(@Nullable String connectionName) {
    this.connectionName =
        connectionName == null ? null : Ranges.notBlank("connectionName", connectionName);
    return this;
  }

  /** Returns the user, or null. */
  public @Nullable String getUser() {
    return user;
  }

  /**
   * Sets the user that logs in with {@link #setPassword}. Default null: none.
   *
   * @param user not blank
   */
  public NatsBrokerOptions setUser(@Nullable String user) {
    this.user = user == null ? null : Ranges.notBlank("user", user);
    return this;
  }

  /** Returns the password, or null. */
  public @Nullable String getPassword() {
    return password;
  }

  /**
   * Sets the password of the user. Default null: none.
   *
   * @param password not blank
   */
  public NatsBrokerOptions setPassword(@Nullable String password) {
    this.password = password == null ? null : Ranges.notBlank("password", password);
    return this;
  }

  /** Returns the token, or null. */
  public @Nullable String getToken() {
    return token;
  }

  /**
   * Sets the token that logs in. Default null: none.
   *
   * @param token not blank
   */
  public NatsBrokerOptions setToken(@Nullable String token) {
    this.token = token == null ? null : Ranges.notBlank("token", token);
    return this;
  }

  /** Returns the seed of the NKey, or null. */
  public @Nullable String getNkeySeed() {
    return nkeySeed;
  }

  /**
   * Sets the seed of the NKey that signs the challenge of the server ({@code SU...}). Default null:
   * none.
   *
   * @param nkeySeed not blank
   */
  public NatsBrokerOptions setNkeySeed(@Nullable String nkeySeed) {
    this.nkeySeed = nkeySeed == null ? null : Ranges.notBlank("nkeySeed", nkeySeed);
    return this;
  }

  /** Returns the file of credentials, or null. */
  public @Nullable String getCredentialsFile() {
    return credentialsFile;
  }

  /**
   * Sets the {@code .creds} file with a JWT and the seed of its NKey; read at each connect. Default
   * null: none.
   *
   * @param credentialsFile a path
   */
  public NatsBrokerOptions setCredentialsFile(@Nullable String credentialsFile) {
    this.credentialsFile =
        credentialsFile == null ? null : Ranges.notBlank("credentialsFile", credentialsFile);
    return this;
  }

  /** Tells whether TLS is required. */
  public boolean isTls() {
    return tls;
  }

  /**
   * Requires TLS, also of {@code nats://} servers. Default false; a {@code tls://} server, a {@link
   * #setTrustedCertificates} or a {@link #setCertificate} imply it. Without trusted certificates
   * those of the JVM are trusted. The name of the server is checked.
   */
  public NatsBrokerOptions setTls(boolean tls) {
    this.tls = tls;
    return this;
  }

  /** Returns the file of trusted certificates, or null. */
  public @Nullable String getTrustedCertificates() {
    return trustedCertificates;
  }

  /**
   * Sets the PEM file of the certificates that the server's must stand on. Default null: those of
   * the JVM.
   *
   * @param trustedCertificates a path
   */
  public NatsBrokerOptions setTrustedCertificates(@Nullable String trustedCertificates) {
    this.trustedCertificates =
        trustedCertificates == null
            ? null
            : Ranges.notBlank("trustedCertificates", trustedCertificates);
    return this;
  }

  /** Returns the file of the own certificate, or null. */
  public @Nullable String getCertificate() {
    return certificate;
  }

  /**
   * Sets the PEM file of the certificate that this client shows; together with {@link #setKey}.
   * Default null: none.
   *
   * @param certificate a path
   */
  public NatsBrokerOptions setCertificate(@Nullable String certificate) {
    this.certificate = certificate == null ? null : Ranges.notBlank("certificate", certificate);
    return this;
  }

  /** Returns the file of the own private key, or null. */
  public @Nullable String getKey() {
    return key;
  }

  /**
   * Sets the PEM file of the private key of {@link #setCertificate}. Default null: none.
   *
   * @param key a path
   */
  public NatsBrokerOptions setKey(@Nullable String key) {
    this.key = key == null ? null : Ranges.notBlank("key", key);
    return this;
  }

  /** Returns the bound of a connect to one server. */
  public Duration getConnectTimeout() {
    return connectTimeout;
  }

  /**
   * Bounds a connect to one server, log-in included. Default 2 s.
   *
   * @param connectTimeout above zero
   */
  public NatsBrokerOptions setConnectTimeout(Duration connectTimeout) {
    this.connectTimeout = Ranges.positive("connectTimeout", connectTimeout);
    return this;
  }

  /** Returns the wait between two attempts to reconnect. */
  public Duration getReconnectWait() {
    return reconnectWait;
  }

  /**
   * Sets how long the broker waits, when all servers have failed, before it tries them again,
   * without end; up to 100 ms are added at random (1 s with TLS). Default 500 ms.
   *
   * @param reconnectWait above zero
   */
  public NatsBrokerOptions setReconnectWait(Duration reconnectWait) {
    this.reconnectWait = Ranges.positive("reconnectWait", reconnectWait);
    return this;
  }

  /** Returns the time between two pings. */
  public Duration getPingInterval() {
    return pingInterval;
  }

  /**
   * Sets how often a silent server is pinged; one that leaves two pings unanswered is given up.
   * Default 10 s.
   *
   * @param pingInterval above zero
   */
  public NatsBrokerOptions setPingInterval(Duration pingInterval) {
    this.pingInterval = Ranges.positive("pingInterval", pingInterval);
    return this;
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
        && servers.equals(that.servers)
        && Objects.equals(connectionName, that.connectionName)
        && Objects.equals(user, that.user)
        && Objects.equals(password, that.password)
        && Objects.equals(token, that.token)
        && Objects.equals(nkeySeed, that.nkeySeed)
        && Objects.equals(credentialsFile, that.credentialsFile)
        && tls == that.tls
        && Objects.equals(trustedCertificates, that.trustedCertificates)
        && Objects.equals(certificate, that.certificate)
        && Objects.equals(key, that.key)
        && connectTimeout.equals(that.connectTimeout)
        && reconnectWait.equals(that.reconnectWait)
        && pingInterval.equals(that.pingInterval)
        && maxInFlight == that.maxInFlight
        && bufferSize == that.bufferSize
        && closeTimeout.equals(that.closeTimeout)
        && Objects.equals(jetStream, that.jetStream);
  }

  @Override
  public int hashCode() {
    return Objects.hash(
        servers,
        connectionName,
        user,
        password,
        token,
        nkeySeed,
        credentialsFile,
        tls,
        trustedCertificates,
        certificate,
        key,
        connectTimeout,
        reconnectWait,
        pingInterval,
        maxInFlight,
        bufferSize,
        closeTimeout,
        jetStream);
  }

  /** Returns the settings with three dots in place of secrets. */
  @Override
  public String toString() {
    JsonObject json = toJson();
    for (String secret : SECRETS) {
      if (json.containsKey(secret)) {
        json.put(secret, "...");
      }
    }
    return "NatsBrokerOptions" + json.encode();
  }
}
