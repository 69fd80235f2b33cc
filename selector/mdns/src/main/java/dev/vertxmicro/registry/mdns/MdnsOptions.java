// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.registry.mdns;

import dev.vertxmicro.codec.JsonFields;
import dev.vertxmicro.codec.Ranges;
import dev.vertxmicro.time.Nanos;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.Arrays;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** How a {@link MdnsRegistry} works. Not thread-safe: the registry keeps a copy. */
public final class MdnsOptions {

  /** go-micro's. */
  public static final String DEFAULT_DOMAIN = "micro";

  /** 5353, that of multicast DNS. */
  public static final int DEFAULT_PORT = 5_353;

  /** 2 min, as in go-micro. */
  public static final Duration DEFAULT_TTL = Duration.ofMinutes(2);

  /** 100 ms, as in go-micro. */
  public static final Duration DEFAULT_ANSWER_TIMEOUT = Duration.ofMillis(100);

  /** 60 s. */
  public static final Duration DEFAULT_PROBE_INTERVAL = Duration.ofSeconds(60);

  /** 10,000 nodes. */
  public static final int DEFAULT_MAX_NODES = 10_000;

  /** 1,000 services. */
  public static final int DEFAULT_MAX_SERVICES = 1_000;

  private static final Duration LEAST = Duration.ofMillis(1);
  private static final Duration LONGEST_ANSWER = Duration.ofMinutes(1);
  private static final Duration DAY = Duration.ofDays(1);
  private static final int MOST = 1_000_000;

  private String domain = DEFAULT_DOMAIN;
  private @Nullable String networkInterface;
  private int port = DEFAULT_PORT;
  private Duration ttl = DEFAULT_TTL;
  private Duration answerTimeout = DEFAULT_ANSWER_TIMEOUT;
  private Duration probeInterval = DEFAULT_PROBE_INTERVAL;
  private int maxNodes = DEFAULT_MAX_NODES;
  private int maxServices = DEFAULT_MAX_SERVICES;

  /** Makes options with all defaults. */
  public MdnsOptions() {}

  /** Makes a copy. */
  public MdnsOptions(MdnsOptions other) {
    domain = other.domain;
    networkInterface = other.networkInterface;
    port = other.port;
    ttl = other.ttl;
    answerTimeout = other.answerTimeout;
    probeInterval = other.probeInterval;
    maxNodes = other.maxNodes;
    maxServices = other.maxServices;
  }

  /**
   * Makes options from JSON; what is absent keeps its default.
   *
   * @throws IllegalArgumentException if a value is out of its range or of a wrong type
   */
  public MdnsOptions(JsonObject json) {
    JsonFields fields = new JsonFields(json);
    fields.string("domain", this::setDomain);
    fields.string("networkInterface", this::setNetworkInterface);
    fields.integer("port", this::setPort);
    fields.duration("ttl", this::setTtl);
    fields.duration("answerTimeout", this::setAnswerTimeout);
    fields.duration("probeInterval", this::setProbeInterval);
    fields.integer("maxNodes", this::setMaxNodes);
    fields.integer("maxServices", this::setMaxServices);
  }

  /** Returns the settings, durations in milliseconds. */
  public JsonObject toJson() {
    JsonObject json = new JsonObject().put("domain", domain);
    if (networkInterface != null) {
      json.put("networkInterface", networkInterface);
    }
    return json.put("port", port)
        .put("ttl", Nanos.millis(ttl))
        .put("answerTimeout", Nanos.millis(answerTimeout))
        .put("probeInterval", Nanos.millis(probeInterval))
        .put("maxNodes", maxNodes)
        .put("maxServices", maxServices);
  }

  /** Returns the domain. */
  public String getDomain() {
    return domain;
  }

  /**
   * Sets the domain that all names end with. Default {@code micro}, go-micro's.
   *
   * @param domain a DNS name, without a dot at either end
   */
  public MdnsOptions setDomain(String domain) {
    if (!DnsText.isName(domain)) {
      throw new IllegalArgumentException("domain: " + domain + " (expected: a DNS name)");
    }
    this.domain = domain;
    return this;
  }

  /** Returns the network interface, or null. */
  public @Nullable String getNetworkInterface() {
    return networkInterface;
  }

  /**
   * Sets the network interface that is spoken and heard on, {@code eth0} say. Default null: that of
   * this machine only, where processes on it find each other and nothing leaves it.
   *
   * @param networkInterface not blank
   */
  public MdnsOptions setNetworkInterface(@Nullable String networkInterface) {
    this.networkInterface =
        networkInterface == null ? null : Ranges.notBlank("networkInterface", networkInterface);
    return this;
  }

  /** Returns the port. */
  public int getPort() {
    return port;
  }

  /**
   * Sets the port of the group. Default 5353; processes with another port do not hear those with
   * this one.
   *
   * @param port 1 to 65,535
   */
  public MdnsOptions setPort(int port) {
    this.port = Ranges.within("port", port, 1, 65_535);
    return this;
  }

  /** Returns how long others take our nodes to live. */
  public Duration getTtl() {
    return ttl;
  }

  /**
   * Sets how long others take our nodes to live without a further sign. Default 2 min, as in
   * go-micro. What is heard of others has their TTL.
   *
   * @param ttl 1 s to 1 day; fractions of a second are cut off
   */
  public MdnsOptions setTtl(Duration ttl) {
    this.ttl = Ranges.within("ttl", ttl, Duration.ofSeconds(1), DAY);
    return this;
  }

  /** Returns how long answers are awaited. */
  public Duration getAnswerTimeout() {
    return answerTimeout;
  }

  /**
   * Sets how long a look-up waits for answers: nobody knows how many there will be. Default 100 ms,
   * as in go-micro.
   *
   * @param answerTimeout 1 ms to 1 min
   */
  public MdnsOptions setAnswerTimeout(Duration answerTimeout) {
    this.answerTimeout = Ranges.within("answerTimeout", answerTimeout, LEAST, LONGEST_ANSWER);
    return this;
  }

  /** Returns when a watched node that gives no sign of life is asked for. */
  public Duration getProbeInterval() {
    return probeInterval;
  }

  /**
   * Sets after which time a watched node that gave no sign of life is asked for, again and again
   * until its TTL is over: go-micro announces a node once, and then answers only. Default 60 s.
   *
   * @param probeInterval 1 ms to 1 day
   */
  public MdnsOptions setProbeInterval(Duration probeInterval) {
    this.probeInterval = Ranges.within("probeInterval", probeInterval, LEAST, DAY);
    return this;
  }

  /** Returns how many nodes of a service there may be. */
  public int getMaxNodes() {
    return maxNodes;
  }

  /**
   * Bounds the nodes of one service, and the services of a list; more are left out. Default 10,000.
   *
   * @param maxNodes 1 to 1,000,000
   */
  public MdnsOptions setMaxNodes(int maxNodes) {
    this.maxNodes = Ranges.within("maxNodes", maxNodes, 1, MOST);
    return this;
  }

  /** Returns how many services may be watched. */
  public int getMaxServices() {
    return maxServices;
  }

  /**
   * Bounds the services that are watched; a further watch fails. Default 1,000.
   *
   * @param maxServices 1 to 1,000,000
   */
  public MdnsOptions setMaxServices(int maxServices) {
    this.maxServices = Ranges.within("maxServices", maxServices, 1, MOST);
    return this;
  }

  private @Nullable Object[] values() {
    return new @Nullable Object[] {
      domain, networkInterface, port, ttl, answerTimeout, probeInterval, maxNodes, maxServices
    };
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof MdnsOptions that && Arrays.equals(values(), that.values());
  }

  @Override
  public int hashCode() {
    return Objects.hash(values());
  }

  @Override
  public String toString() {
    return "MdnsOptions" + toJson().encode();
  }
}
