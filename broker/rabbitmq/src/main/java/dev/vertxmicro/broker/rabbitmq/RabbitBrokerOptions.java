// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.broker.rabbitmq;

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
 * How a {@link RabbitBroker} works. Not thread-safe: the broker keeps a copy.
 *
 * <p>The defaults are go-micro's: nothing outlives the server. For events that do set {@link
 * #setDurableExchange}, {@link #setDurableQueues} and {@link #setPersistent}, in all who share the
 * exchange and the queues.
 */
public final class RabbitBrokerOptions {

  /** What routes an event from its topic to queues. */
  public enum ExchangeType {
    /** By topic; subscribers may use {@code *} for one word and {@code #} for any number. */
    TOPIC,

    /** By topic, without wildcards. */
    DIRECT,

    /** To all queues, whatever the topic. */
    FANOUT
  }

  /** One server on this machine. */
  public static final List<String> DEFAULT_SERVERS = List.of("amqp://127.0.0.1:5672");

  /** {@code "guest"}, whom RabbitMQ lets in from the same machine only. */
  public static final String DEFAULT_USER = "guest";

  /** {@code "guest"}. */
  public static final String DEFAULT_PASSWORD = "guest";

  /** {@code "/"}. */
  public static final String DEFAULT_VIRTUAL_HOST = "/";

  /** 2 s. */
  public static final Duration DEFAULT_CONNECT_TIMEOUT = Duration.ofSeconds(2);

  /** 500 ms. */
  public static final Duration DEFAULT_RECONNECT_WAIT = Duration.ofMillis(500);

  /** 10 s. */
  public static final Duration DEFAULT_HEARTBEAT = Duration.ofSeconds(10);

  /** {@code "micro"}. */
  public static final String DEFAULT_EXCHANGE = "micro";

  /** {@link ExchangeType#TOPIC}. */
  public static final ExchangeType DEFAULT_EXCHANGE_TYPE = ExchangeType.TOPIC;

  /** 1 h. */
  public static final Duration DEFAULT_QUEUE_EXPIRY = Duration.ofHours(1);

  /** 16 MiB, as servers from version 4 on allow. */
  public static final int DEFAULT_MAX_MESSAGE_BYTES = 16 << 20;

  /** 4,096 publishes. */
  public static final int DEFAULT_MAX_IN_FLIGHT = 4_096;

  /** 8 MiB. */
  public static final int DEFAULT_BUFFER_SIZE = 8 << 20;

  /** 10 s. */
  public static final Duration DEFAULT_CLOSE_TIMEOUT = Duration.ofSeconds(10);

  private static final Duration MOST_HEARTBEAT = Duration.ofSeconds(65_535);
  private static final Duration MOST_EXPIRY = Duration.ofMillis(Integer.MAX_VALUE);

  /** RabbitMQ takes no more, whatever its settings. */
  private static final int MOST_MESSAGE_BYTES = 512 << 20;

  private List<String> servers = DEFAULT_SERVERS;
  private @Nullable String connectionName;
  private String user = DEFAULT_USER;
  private String password = DEFAULT_PASSWORD;
  private String virtualHost = DEFAULT_VIRTUAL_HOST;
  private boolean tls = false;
  private @Nullable String trustedCertificates;
  private @Nullable String certificate;
  private @Nullable String key;
  private Duration connectTimeout = DEFAULT_CONNECT_TIMEOUT;
  private Duration reconnectWait = DEFAULT_RECONNECT_WAIT;
  private Duration heartbeat = DEFAULT_HEARTBEAT;
  private String exchange = DEFAULT_EXCHANGE;
  private ExchangeType exchangeType = DEFAULT_EXCHANGE_TYPE;
  private boolean durableExchange = false;
  private boolean durableQueues = false;
  private boolean persistent = false;
  private boolean queuePerTopic = false;
  private JsonObject queueArguments = new JsonObject();
  private Duration queueExpiry = DEFAULT_QUEUE_EXPIRY;
  private boolean mandatory = false;
  private @Nullable String deadLetterTopic;
  private int maxMessageBytes = DEFAULT_MAX_MESSAGE_BYTES;
  private int maxInFlight = DEFAULT_MAX_IN_FLIGHT;
  private int bufferSize = DEFAULT_BUFFER_SIZE;
  private Duration closeTimeout = DEFAULT_CLOSE_TIMEOUT;

  /** Makes options with all defaults. */
  public RabbitBrokerOptions() {}

  /** Makes a copy. */
  public RabbitBrokerOptions(RabbitBrokerOptions other) {
    servers = other.servers;
    connectionName = other.connectionName;
    user = other.user;
    password = other.password;
    virtualHost = other.virtualHost;
    tls = other.tls;
    trustedCertificates = other.trustedCertificates;
    certificate = other.certificate;
    key = other.key;
    connectTimeout = other.connectTimeout;
    reconnectWait = other.reconnectWait;
    heartbeat = other.heartbeat;
    exchange = other.exchange;
    exchangeType = other.exchangeType;
    durableExchange = other.durableExchange;
    durableQueues = other.durableQueues;
    persistent = other.persistent;
    queuePerTopic = other.queuePerTopic;
    queueArguments = other.queueArguments.copy();
    queueExpiry = other.queueExpiry;
    mandatory = other.mandatory;
    deadLetterTopic = other.deadLetterTopic;
    maxMessageBytes = other.maxMessageBytes;
    maxInFlight = other.maxInFlight;
    bufferSize = other.bufferSize;
    closeTimeout = other.closeTimeout;
  }

  /**
   * Makes options from JSON; what is absent keeps its default.
   *
   * @throws IllegalArgumentException if a value is out of its range or of a wrong type
   */
  public RabbitBrokerOptions(JsonObject json) {
    JsonFields fields = new JsonFields(json);
    fields.strings("servers", this::setServers);
    fields.string("connectionName", this::setConnectionName);
    fields.string("user", this::setUser);
    fields.string("password", this::setPassword);
    fields.string("virtualHost", this::setVirtualHost);
    fields.bool("tls", this::setTls);
    fields.string("trustedCertificates", this::setTrustedCertificates);
    fields.string("certificate", this::setCertificate);
    fields.string("key", this::setKey);
    fields.duration("connectTimeout", this::setConnectTimeout);
    fields.duration("reconnectWait", this::setReconnectWait);
    fields.duration("heartbeat", this::setHeartbeat);
    fields.string("exchange", this::setExchange);
    fields.constant("exchangeType", ExchangeType.class, this::setExchangeType);
    fields.bool("durableExchange", this::setDurableExchange);
    fields.bool("durableQueues", this::setDurableQueues);
    fields.bool("persistent", this::setPersistent);
    fields.bool("queuePerTopic", this::setQueuePerTopic);
    fields.object("queueArguments", this::setQueueArguments);
    fields.duration("queueExpiry", this::setQueueExpiry);
    fields.bool("mandatory", this::setMandatory);
    fields.string("deadLetterTopic", this::setDeadLetterTopic);
    fields.integer("maxMessageBytes", this::setMaxMessageBytes);
    fields.integer("maxInFlight", this::setMaxInFlight);
    fields.integer("bufferSize", this::setBufferSize);
    fields.duration("closeTimeout", this::setCloseTimeout);
  }

  /** Returns the settings, the password included, durations in milliseconds. */
  public JsonObject toJson() {
    JsonObject json = new JsonObject();
    json.put("servers", new JsonArray(servers));
    if (connectionName != null) {
      json.put("connectionName", connectionName);
    }
    json.put("user", user);
    json.put("password", password);
    json.put("virtualHost", virtualHost);
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
    json.put("heartbeat", Nanos.millis(heartbeat));
    json.put("exchange", exchange);
    json.put("exchangeType", exchangeType.name());
    json.put("durableExchange", durableExchange);
    json.put("durableQueues", durableQueues);
    json.put("persistent", persistent);
    json.put("queuePerTopic", queuePerTopic);
    json.put("queueArguments", queueArguments.copy());
    json.put("queueExpiry", Nanos.millis(queueExpiry));
    json.put("mandatory", mandatory);
    if (deadLetterTopic != null) {
      json.put("deadLetterTopic", deadLetterTopic);
    }
    json.put("maxMessageBytes", maxMessageBytes);
    json.put("maxInFlight", maxInFlight);
    json.put("bufferSize", bufferSize);
    json.put("closeTimeout", Nanos.millis(closeTimeout));
    return json;
  }

  /** Returns the servers. */
  public List<String> getServers() {
    return servers;
  }

  /**
   * Sets the servers of one cluster: the broker connects to the first that it can, in this order.
   * Default amqp://127.0.0.1:5672.
   *
   * @param servers {@code amqp://host:port} or {@code amqps://host:port}, the scheme and the port
   *     may be left out; one or more; without credentials and virtual host, which the other options
   *     hold
   */
  public RabbitBrokerOptions setServers(List<String> servers) {
    List<String> copy = List.copyOf(servers);
    if (copy.isEmpty()) {
      throw new IllegalArgumentException("servers: none (expected: one or more)");
    }
    copy.forEach(RabbitAddress::parse);
    this.servers = copy;
    return this;
  }

  /** Returns the name of the connections, or null. */
  public @Nullable String getConnectionName() {
    return connectionName;
  }

  /**
   * Sets what the server calls the connections of this broker in its logs and lists. Default null:
   * nothing.
   *
   * @param connectionName not blank
   */
  public RabbitBrokerOptions setConnectionName(@Nullable String connectionName) {
    this.connectionName =
        connectionName == null ? null : Ranges.notBlank("connectionName", connectionName);
    return this;
  }

  /** Returns the user. */
  public String getUser() {
    return user;
  }

  /**
   * Sets the user that logs in. Default guest.
   *
   * @param user not blank
   */
  public RabbitBrokerOptions setUser(String user) {
    this.user = Ranges.notBlank("user", user);
    return this;
  }

  /** Returns the password. */
  public String getPassword() {
    return password;
  }

  /**
   * Sets the password of the user. Default guest.
   *
   * @param password not blank
   */
  public RabbitBrokerOptions setPassword(String password) {
    this.password = Ranges.notBlank("password", password);
    return this;
  }

  /** Returns the virtual host. */
  public String getVirtualHost() {
    return virtualHost;
  }

  /**
   * Sets the virtual host, the part of the server in which exchanges and queues are. Default /.
   *
   * @param virtualHost not blank
   */
  public RabbitBrokerOptions setVirtualHost(String virtualHost) {
    this.virtualHost = Ranges.notBlank("virtualHost", virtualHost);
    return this;
  }

  /** Tells whether TLS is required. */
  public boolean isTls() {
    return tls;
  }

  /**
   * Requires TLS, also of {@code amqp://} servers. Default false; an {@code amqps://} server, a
   * {@link #setTrustedCertificates} or a {@link #setCertificate} imply it. Without trusted
   * certificates those of the JVM are trusted. The name of the server is checked.
   */
  public RabbitBrokerOptions setTls(boolean tls) {
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
  public RabbitBrokerOptions setTrustedCertificates(@Nullable String trustedCertificates) {
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
  public RabbitBrokerOptions setCertificate(@Nullable String certificate) {
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
  public RabbitBrokerOptions setKey(@Nullable String key) {
    this.key = key == null ? null : Ranges.notBlank("key", key);
    return this;
  }

  /** Returns the bound of a connect to one server. */
  public Duration getConnectTimeout() {
    return connectTimeout;
  }

  /**
   * Bounds a connect to one server, and then the log-in. Default 2 s.
   *
   * @param connectTimeout above zero; cut at 24 days
   */
  public RabbitBrokerOptions setConnectTimeout(Duration connectTimeout) {
    this.connectTimeout = Ranges.positive("connectTimeout", connectTimeout);
    return this;
  }

  /** Returns the wait between two attempts to reconnect. */
  public Duration getReconnectWait() {
    return reconnectWait;
  }

  /**
   * Sets how long the broker waits before it connects again, or sets a subscription up again that
   * the server has cut off; without end. Default 500 ms.
   *
   * @param reconnectWait above zero
   */
  public RabbitBrokerOptions setReconnectWait(Duration reconnectWait) {
    this.reconnectWait = Ranges.positive("reconnectWait", reconnectWait);
    return this;
  }

  /** Returns the time between two heartbeats. */
  public Duration getHeartbeat() {
    return heartbeat;
  }

  /**
   * Sets how often both sides give a sign of life; one that gives none for twice as long is given
   * up. The server may ask for less. Default 10 s.
   *
   * @param heartbeat 1 s to 65,535 s; parts of a second are cut off
   */
  public RabbitBrokerOptions setHeartbeat(Duration heartbeat) {
    this.heartbeat = Ranges.within("heartbeat", heartbeat, Duration.ofSeconds(1), MOST_HEARTBEAT);
    return this;
  }

  /** Returns the name of the exchange. */
  public String getExchange() {
    return exchange;
  }

  /**
   * Sets the exchange that events are published to and queues are bound to. The broker declares it,
   * so that it must be as the others that share it declare it. Default micro.
   *
   * @param exchange not blank; at most 255 bytes of UTF-8
   */
  public RabbitBrokerOptions setExchange(String exchange) {
    this.exchange = AmqpMessage.shortString("exchange", Ranges.notBlank("exchange", exchange));
    return this;
  }

  /** Returns the type of the exchange. */
  public ExchangeType getExchangeType() {
    return exchangeType;
  }

  /** Sets the type of the exchange. Default {@link ExchangeType#TOPIC}. */
  public RabbitBrokerOptions setExchangeType(ExchangeType exchangeType) {
    this.exchangeType = Objects.requireNonNull(exchangeType, "exchangeType");
    return this;
  }

  /** Tells whether the exchange outlives the server. */
  public boolean isDurableExchange() {
    return durableExchange;
  }

  /**
   * Declares the exchange durable: it and its bindings to durable queues outlive a restart of the
   * server. Without, a publish after a restart and before the subscribers are back goes nowhere.
   * Default false.
   */
  public RabbitBrokerOptions setDurableExchange(boolean durableExchange) {
    this.durableExchange = durableExchange;
    return this;
  }

  /** Tells whether queues outlive the server and their subscribers. */
  public boolean isDurableQueues() {
    return durableQueues;
  }

  /**
   * Declares queues durable: that of a queue group outlives the server and all its members, and
   * keeps events for the next; that of a subscription without one outlives a connection, see {@link
   * #setQueueExpiry}. Default false: a queue ends with its last subscriber.
   */
  public RabbitBrokerOptions setDurableQueues(boolean durableQueues) {
    this.durableQueues = durableQueues;
    return this;
  }

  /** Tells whether published events are written to disk. */
  public boolean isPersistent() {
    return persistent;
  }

  /**
   * Publishes events as persistent (delivery mode 2): durable queues keep them over a restart of
   * the server, and confirm a publish only when it is on disk. Default false.
   */
  public RabbitBrokerOptions setPersistent(boolean persistent) {
    this.persistent = persistent;
    return this;
  }

  /** Tells whether queues of groups are named by the topic, too. */
  public boolean isQueuePerTopic() {
    return queuePerTopic;
  }

  /**
   * Names the queue of a queue group by group and topic, {@code billing.orders}, so that a group
   * may subscribe to several topics. Default false: it has the name of the group, as go-micro's
   * have; then a group is of one topic, for a second one would feed the same queue, and all its
   * members would get the events of both. This broker refuses that among its own subscriptions.
   */
  public RabbitBrokerOptions setQueuePerTopic(boolean queuePerTopic) {
    this.queuePerTopic = queuePerTopic;
    return this;
  }

  /** Returns a copy of the arguments of queues. */
  public JsonObject getQueueArguments() {
    return queueArguments.copy();
  }

  /**
   * Sets arguments with which the queues of queue groups are declared, {@code {"x-queue-type":
   * "quorum"}} or {@code {"x-max-length": 1000}} say. All who share a queue must declare it alike.
   * Default none.
   *
   * @param queueArguments names with strings, numbers and booleans; a copy is kept
   */
  public RabbitBrokerOptions setQueueArguments(JsonObject queueArguments) {
    for (String name : queueArguments.fieldNames()) {
      Object value = queueArguments.getValue(name);
      if (!(value instanceof String || value instanceof Number || value instanceof Boolean)) {
        throw new IllegalArgumentException(
            "queueArguments: " + name + " (expected: a string, a number or a boolean)");
      }
    }
    this.queueArguments = queueArguments.copy();
    return this;
  }

  /** Returns how long the queue of a subscription that vanished is kept. */
  public Duration getQueueExpiry() {
    return queueExpiry;
  }

  /**
   * Sets how long the server keeps the durable queue of a subscription without a queue group that
   * has vanished, its process having died say. Only with {@link #setDurableQueues}. Default 1 h.
   *
   * @param queueExpiry 1 ms to 24 days
   */
  public RabbitBrokerOptions setQueueExpiry(Duration queueExpiry) {
    this.queueExpiry = Ranges.within("queueExpiry", queueExpiry, Duration.ofMillis(1), MOST_EXPIRY);
    return this;
  }

  /** Tells whether a publish that no queue takes fails. */
  public boolean isMandatory() {
    return mandatory;
  }

  /**
   * Has a publish fail with code 404 and REFUSED if the exchange routes it to no queue. Each
   * publish then carries a number as AMQP's correlation id, for the server to say which it was.
   * Default false: an event that nobody subscribes to counts as taken, as in go-micro.
   */
  public RabbitBrokerOptions setMandatory(boolean mandatory) {
    this.mandatory = mandatory;
    return this;
  }

  /** Returns the topic of events that were given up, or null. */
  public @Nullable String getDeadLetterTopic() {
    return deadLetterTopic;
  }

  /**
   * Sets where events go that a subscription gives up because they were delivered as often as
   * allowed or cannot be read: with their headers and body as they came, {@code Micro-Topic} naming
   * the topic they were published to, and the header {@code Micro-Dead-Reason}. An event leaves its
   * queue only when a queue has taken it under this topic; until then it is delivered again and
   * again. Default null: they are dropped after the loss handler was told.
   *
   * @param deadLetterTopic not blank; at most 255 bytes of UTF-8
   */
  public RabbitBrokerOptions setDeadLetterTopic(@Nullable String deadLetterTopic) {
    this.deadLetterTopic =
        deadLetterTopic == null
            ? null
            : AmqpMessage.shortString(
                "deadLetterTopic", Ranges.notBlank("deadLetterTopic", deadLetterTopic));
    return this;
  }

  /** Returns the bound of a published body. */
  public int getMaxMessageBytes() {
    return maxMessageBytes;
  }

  /**
   * Bounds the body of a publish, which fails with code 400 beyond it. A server cuts the channel of
   * one that sends more than its own {@code max_message_size}, and then the publishes before and
   * behind it fail with UNKNOWN; so set this no higher. Default 16 MiB.
   *
   * @param maxMessageBytes 1 to 536,870,912
   */
  public RabbitBrokerOptions setMaxMessageBytes(int maxMessageBytes) {
    this.maxMessageBytes = Ranges.within("maxMessageBytes", maxMessageBytes, 1, MOST_MESSAGE_BYTES);
    return this;
  }

  /** Returns how many publishes may be unconfirmed. */
  public int getMaxInFlight() {
    return maxInFlight;
  }

  /**
   * Bounds the publishes that are on their way to the server or not yet confirmed by it; more wait
   * in the buffer. Default 4,096.
   *
   * @param maxInFlight 1 to 1,000,000
   */
  public RabbitBrokerOptions setMaxInFlight(int maxInFlight) {
    this.maxInFlight = Ranges.within("maxInFlight", maxInFlight, 1, 1_000_000);
    return this;
  }

  /** Returns how many bytes of publishes may wait. */
  public int getBufferSize() {
    return bufferSize;
  }

  /**
   * Bounds the publishes that wait while the broker is disconnected, while the server blocks
   * publishers, or while too many are unconfirmed; they are sent in order, unless their timeout
   * ends before. A publish beyond fails with code 503 and NOT_SENT. Default 8 MiB.
   *
   * @param bufferSize bytes, zero or more; zero means that nothing waits: a publish while
   *     disconnected or blocked fails at once
   */
  public RabbitBrokerOptions setBufferSize(int bufferSize) {
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
  public RabbitBrokerOptions setCloseTimeout(Duration closeTimeout) {
    this.closeTimeout = Ranges.notNegative("closeTimeout", closeTimeout);
    return this;
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof RabbitBrokerOptions that && toJson().equals(that.toJson());
  }

  @Override
  public int hashCode() {
    return toJson().hashCode();
  }

  /** Returns the settings with three dots in place of the password. */
  @Override
  public String toString() {
    return "RabbitBrokerOptions" + toJson().put("password", "...").encode();
  }
}
