// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.nats;

import dev.vertxmicro.codec.JsonFields;
import dev.vertxmicro.codec.Ranges;
import dev.vertxmicro.time.Nanos;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How to connect to NATS: what the options of all that stands on it have in common. Not
 * thread-safe: who takes options keeps a copy. At most one way to log in may be set: user and
 * password, token, NKey or credentials.
 *
 * @param <O> the options
 */
public abstract class NatsOptions<O extends NatsOptions<O>> {

  /** One server on this machine. */
  public static final List<String> DEFAULT_SERVERS = List.of("nats://127.0.0.1:4222");

  /** 2 s. */
  public static final Duration DEFAULT_CONNECT_TIMEOUT = Duration.ofSeconds(2);

  /** 500 ms. */
  public static final Duration DEFAULT_RECONNECT_WAIT = Duration.ofMillis(500);

  /** 10 s. */
  public static final Duration DEFAULT_PING_INTERVAL = Duration.ofSeconds(10);

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

  /** Makes options with all defaults. */
  protected NatsOptions() {}

  /** Makes a copy. */
  protected NatsOptions(NatsOptions<?> other) {
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
  }

  /**
   * Takes over what is in {@code fields}; what is absent keeps its default.
   *
   * @throws IllegalArgumentException if a value is out of its range or of a wrong type
   */
  protected final void read(JsonFields fields) {
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
  }

  /** Returns all settings, secrets included, durations in milliseconds. */
  public abstract JsonObject toJson();

  /** Writes what {@link #read} reads. */
  protected final void write(JsonObject json) {
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
  }

  @SuppressWarnings("unchecked") // Whoever extends this says what it is.
  private O self() {
    return (O) this;
  }

  /** Returns the servers. */
  public List<String> getServers() {
    return servers;
  }

  /**
   * Sets the servers of one cluster: a client connects to any of them, and to those that they tell
   * it of, and goes on to the next when one is lost. Default nats://127.0.0.1:4222.
   *
   * @param servers {@code nats://host:port} or {@code tls://host:port}, the scheme and the port may
   *     be left out; one or more; without credentials, which the other options hold
   */
  public O setServers(List<String> servers) {
    this.servers = checkedServers(servers);
    return self();
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
  public O setConnectionName(@Nullable String connectionName) {
    this.connectionName =
        connectionName == null ? null : Ranges.notBlank("connectionName", connectionName);
    return self();
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
  public O setUser(@Nullable String user) {
    this.user = user == null ? null : Ranges.notBlank("user", user);
    return self();
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
  public O setPassword(@Nullable String password) {
    this.password = password == null ? null : Ranges.notBlank("password", password);
    return self();
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
  public O setToken(@Nullable String token) {
    this.token = token == null ? null : Ranges.notBlank("token", token);
    return self();
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
  public O setNkeySeed(@Nullable String nkeySeed) {
    this.nkeySeed = nkeySeed == null ? null : Ranges.notBlank("nkeySeed", nkeySeed);
    return self();
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
  public O setCredentialsFile(@Nullable String credentialsFile) {
    this.credentialsFile =
        credentialsFile == null ? null : Ranges.notBlank("credentialsFile", credentialsFile);
    return self();
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
  public O setTls(boolean tls) {
    this.tls = tls;
    return self();
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
  public O setTrustedCertificates(@Nullable String trustedCertificates) {
    this.trustedCertificates =
        trustedCertificates == null
            ? null
            : Ranges.notBlank("trustedCertificates", trustedCertificates);
    return self();
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
  public O setCertificate(@Nullable String certificate) {
    this.certificate = certificate == null ? null : Ranges.notBlank("certificate", certificate);
    return self();
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
  public O setKey(@Nullable String key) {
    this.key = key == null ? null : Ranges.notBlank("key", key);
    return self();
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
  public O setConnectTimeout(Duration connectTimeout) {
    this.connectTimeout = Ranges.positive("connectTimeout", connectTimeout);
    return self();
  }

  /** Returns the wait between two attempts to reconnect. */
  public Duration getReconnectWait() {
    return reconnectWait;
  }

  /**
   * Sets how long a client waits, when all servers have failed, before it tries them again, without
   * end; up to 100 ms are added at random (1 s with TLS). Default 500 ms.
   *
   * @param reconnectWait above zero
   */
  public O setReconnectWait(Duration reconnectWait) {
    this.reconnectWait = Ranges.positive("reconnectWait", reconnectWait);
    return self();
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
  public O setPingInterval(Duration pingInterval) {
    this.pingInterval = Ranges.positive("pingInterval", pingInterval);
    return self();
  }

  private @Nullable Object[] connection() {
    return new @Nullable Object[] {
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
      pingInterval
    };
  }

  /** Tells whether both connect in the same way. */
  protected final boolean connectsLike(NatsOptions<?> other) {
    return Arrays.equals(connection(), other.connection());
  }

  /** Returns a hash of what {@link #connectsLike} compares. */
  protected final int connectionHash() {
    return Arrays.hashCode(connection());
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
    return getClass().getSimpleName() + json.encode();
  }
}
