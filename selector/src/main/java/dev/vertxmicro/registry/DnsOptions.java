// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.registry;

import dev.vertxmicro.codec.JsonFields;
import dev.vertxmicro.codec.Ranges;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * How a {@link DnsRegistry} looks services up. Not thread-safe: the registry copies what it is
 * given. In JSON durations are whole milliseconds.
 */
public final class DnsOptions {

  /** What stands for the name of the service in {@link #setName}. */
  public static final String SERVICE = "{service}";

  /** The name of the service is the DNS name. */
  public static final String DEFAULT_NAME = SERVICE;

  /** SRV. */
  public static final DnsRecords DEFAULT_RECORDS = DnsRecords.SRV;

  /** 2 s. */
  public static final Duration DEFAULT_QUERY_TIMEOUT = Duration.ofSeconds(2);

  /** 30 s. */
  public static final Duration DEFAULT_MIN_INTERVAL = Duration.ofSeconds(30);

  /** 5 min. */
  public static final Duration DEFAULT_MAX_INTERVAL = Duration.ofMinutes(5);

  /** 1,000 nodes. */
  public static final int DEFAULT_MAX_NODES = 1_000;

  /** 1,000 services. */
  public static final int DEFAULT_MAX_SERVICES = 1_000;

  private static final Duration LONGEST = Duration.ofDays(1);

  private String name = DEFAULT_NAME;
  private DnsRecords records = DEFAULT_RECORDS;
  private int port;
  private List<String> servers = List.of();
  private Duration queryTimeout = DEFAULT_QUERY_TIMEOUT;
  private Duration minInterval = DEFAULT_MIN_INTERVAL;
  private Duration maxInterval = DEFAULT_MAX_INTERVAL;
  private int maxNodes = DEFAULT_MAX_NODES;
  private int maxServices = DEFAULT_MAX_SERVICES;
  private boolean backups;
  private @Nullable String protocol;

  /** Makes options with all defaults. */
  public DnsOptions() {}

  /** Makes a copy. */
  public DnsOptions(DnsOptions other) {
    name = other.name;
    records = other.records;
    port = other.port;
    servers = other.servers;
    queryTimeout = other.queryTimeout;
    minInterval = other.minInterval;
    maxInterval = other.maxInterval;
    maxNodes = other.maxNodes;
    maxServices = other.maxServices;
    backups = other.backups;
    protocol = other.protocol;
  }

  /**
   * Makes options from JSON; what is absent keeps its default.
   *
   * @throws IllegalArgumentException if a value is out of its range or of a wrong type
   */
  public DnsOptions(JsonObject json) {
    JsonFields fields = new JsonFields(json);
    fields.string("name", this::setName);
    fields.constant("records", DnsRecords.class, this::setRecords);
    fields.integer("port", this::setPort);
    fields.strings("servers", this::setServers);
    fields.duration("queryTimeout", this::setQueryTimeout);
    fields.duration("minInterval", this::setMinInterval);
    fields.duration("maxInterval", this::setMaxInterval);
    fields.integer("maxNodes", this::setMaxNodes);
    fields.integer("maxServices", this::setMaxServices);
    fields.bool("backups", this::setBackups);
    fields.string("protocol", this::setProtocol);
  }

  /** Returns the options as JSON. */
  public JsonObject toJson() {
    JsonObject json =
        new JsonObject()
            .put("name", name)
            .put("records", records.name())
            .put("port", port)
            .put("servers", new JsonArray(servers))
            .put("queryTimeout", queryTimeout.toMillis())
            .put("minInterval", minInterval.toMillis())
            .put("maxInterval", maxInterval.toMillis())
            .put("maxNodes", maxNodes)
            .put("maxServices", maxServices)
            .put("backups", backups);
    if (protocol != null) {
      json.put("protocol", protocol);
    }
    return json;
  }

  /** Returns the DNS name of a service, with {@link #SERVICE} in place of its name. */
  public String getName() {
    return name;
  }

  /**
   * Sets the DNS name of a service, whole: search domains are not tried. For example {@code
   * _grpc._tcp.{service}.default.svc.cluster.local} or {@code {service}.service.consul}.
   *
   * @param name contains {@value #SERVICE}
   * @throws IllegalArgumentException if it does not
   */
  public DnsOptions setName(String name) {
    if (!name.contains(SERVICE)) {
      throw new IllegalArgumentException(
          "name: " + name + " (expected: a DNS name with " + SERVICE + ")");
    }
    this.name = name;
    return this;
  }

  /** Returns which records are asked for. */
  public DnsRecords getRecords() {
    return records;
  }

  /** Sets which records are asked for. */
  public DnsOptions setRecords(DnsRecords records) {
    this.records = Objects.requireNonNull(records, "records");
    return this;
  }

  /** Returns the port of nodes that are addresses; 0 if there is none. */
  public int getPort() {
    return port;
  }

  /**
   * Sets the port of nodes that are addresses; SRV records have their own.
   *
   * @param port 0 to 65,535; 0 means none, which only SRV allows
   * @throws IllegalArgumentException if it is out of its range
   */
  public DnsOptions setPort(int port) {
    this.port = Ranges.within("port", port, 0, 65_535);
    return this;
  }

  /** Returns the DNS servers; empty for those of the machine. */
  public List<String> getServers() {
    return servers;
  }

  /**
   * Sets the DNS servers, which are asked in order until one answers.
   *
   * @param servers each {@code address:port}, with an IP address, in brackets if it is IPv6; none
   *     for those of the machine
   * @throws IllegalArgumentException if one is something else
   */
  public DnsOptions setServers(List<String> servers) {
    servers.forEach(DnsServers::parse);
    this.servers = List.copyOf(servers);
    return this;
  }

  /** Returns how long one server may take for one answer. */
  public Duration getQueryTimeout() {
    return queryTimeout;
  }

  /**
   * Sets how long one server may take for one answer.
   *
   * @param queryTimeout 1 ms to 1 day
   * @throws IllegalArgumentException if it is out of its range
   */
  public DnsOptions setQueryTimeout(Duration queryTimeout) {
    this.queryTimeout = Ranges.within("queryTimeout", queryTimeout, Duration.ofMillis(1), LONGEST);
    return this;
  }

  /** Returns the least time from one answer with nodes to the next query. */
  public Duration getMinInterval() {
    return minInterval;
  }

  /**
   * Sets the least time from one answer with nodes to the next query for the same service, whatever
   * the TTL of the records and however often it is looked up.
   *
   * @param minInterval 1 s to 1 day
   * @throws IllegalArgumentException if it is out of its range
   */
  public DnsOptions setMinInterval(Duration minInterval) {
    this.minInterval = Ranges.within("minInterval", minInterval, Duration.ofSeconds(1), LONGEST);
    return this;
  }

  /** Returns the most time from one answer with nodes to the next query. */
  public Duration getMaxInterval() {
    return maxInterval;
  }

  /**
   * Sets the most time from one answer with nodes to the next query of a service that is watched,
   * whatever the TTL of the records. If it is less than the least, that counts.
   *
   * @param maxInterval 1 s to 1 day
   * @throws IllegalArgumentException if it is out of its range
   */
  public DnsOptions setMaxInterval(Duration maxInterval) {
    this.maxInterval = Ranges.within("maxInterval", maxInterval, Duration.ofSeconds(1), LONGEST);
    return this;
  }

  /** Returns how many nodes of a service are used. */
  public int getMaxNodes() {
    return maxNodes;
  }

  /**
   * Sets how many nodes of a service are used; the first in the order of priority, host and port.
   *
   * @param maxNodes 1 to 100,000
   * @throws IllegalArgumentException if it is out of its range
   */
  public DnsOptions setMaxNodes(int maxNodes) {
    this.maxNodes = Ranges.within("maxNodes", maxNodes, 1, 100_000);
    return this;
  }

  /** Returns how many services are kept. */
  public int getMaxServices() {
    return maxServices;
  }

  /**
   * Sets how many services are kept. One more takes the place of one that nobody watches.
   *
   * @param maxServices 1 to 1,000,000
   * @throws IllegalArgumentException if it is out of its range
   */
  public DnsOptions setMaxServices(int maxServices) {
    this.maxServices = Ranges.within("maxServices", maxServices, 1, 1_000_000);
    return this;
  }

  /** Tells whether SRV records of every priority are nodes. */
  public boolean isBackups() {
    return backups;
  }

  /**
   * Sets whether SRV records of every priority are nodes, or only those of the best, which is the
   * lowest number. All of them make sense with a selector that goes by the metadata {@link
   * DnsRegistry#PRIORITY}; others would spread calls over the backups as well.
   *
   * @param backups default false
   */
  public DnsOptions setBackups(boolean backups) {
    this.backups = backups;
    return this;
  }

  /** Returns the protocol of the nodes; null if they have none. */
  public @Nullable String getProtocol() {
    return protocol;
  }

  /**
   * Sets what the nodes' metadata says as their protocol.
   *
   * @param protocol for example grpc; null for none, so that the client's default is spoken
   */
  public DnsOptions setProtocol(@Nullable String protocol) {
    this.protocol = protocol == null ? null : Ranges.notBlank("protocol", protocol);
    return this;
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof DnsOptions that && toJson().equals(that.toJson());
  }

  @Override
  public int hashCode() {
    return toJson().hashCode();
  }

  @Override
  public String toString() {
    return "DnsOptions" + toJson().encode();
  }
}
