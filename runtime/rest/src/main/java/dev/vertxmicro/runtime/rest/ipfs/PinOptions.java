// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.rest.ipfs;

import dev.vertxmicro.runtime.rest.RestRequest;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * How a pin is kept. Immutable: each method returns a copy. What is not set is left to the peer.
 */
public final class PinOptions {

  private static final String SHARD_SIZE = "shard-size";
  private static final PinOptions NONE = new PinOptions(Map.of());

  private final Map<String, String> parameters;

  private PinOptions(Map<String, String> parameters) {
    this.parameters = parameters;
  }

  /** Returns options that leave everything to the peer. */
  public static PinOptions none() {
    return NONE;
  }

  private PinOptions with(String name, String value) {
    Map<String, String> more = new TreeMap<>(parameters);
    more.put(name, value);
    return new PinOptions(more);
  }

  /**
   * Sets how many peers keep the pin.
   *
   * @param min the least; -1 for all
   * @param max the most, at least {@code min}; -1 for all
   */
  public PinOptions replication(int min, int max) {
    if (min < -1 || max < -1 || (max >= 0 && min > max)) {
      throw new IllegalArgumentException(
          "replication: " + min + " to " + max + " (expected: -1 or more, in order)");
    }
    return with("replication-min", Integer.toString(min))
        .with("replication-max", Integer.toString(max));
  }

  /** Sets the name of the pin. */
  public PinOptions name(String name) {
    return with("name", name);
  }

  /** Pins the root block only, and not what it links to. */
  public PinOptions direct() {
    return with("mode", "direct");
  }

  /** Pins everything that the root block links to, as by default. */
  public PinOptions recursive() {
    return with("mode", "recursive");
  }

  /** Sets the size of shards, in bytes. */
  public PinOptions shardSize(long bytes) {
    return with(SHARD_SIZE, Long.toString(bytes));
  }

  PinOptions orShardSize(long bytes) {
    return parameters.containsKey(SHARD_SIZE) ? this : shardSize(bytes);
  }

  /** Wishes for these peers, by peer id. */
  public PinOptions userAllocations(String... peers) {
    return with("user-allocations", String.join(",", peers));
  }

  /** Sets when the pin ends. */
  public PinOptions expireAt(Instant end) {
    return with("expire-at", end.toString());
  }

  /** Sets after how long the pin ends, at least 1 s. */
  public PinOptions expireIn(Duration life) {
    if (life.compareTo(Duration.ofSeconds(1)) < 0) {
      throw new IllegalArgumentException("expireIn: " + life + " (expected: at least 1 s)");
    }
    return with("expire-in", life.toMillis() + "ms");
  }

  /** Adds an entry of metadata. */
  public PinOptions metadata(String key, String value) {
    return with("meta-" + key, value);
  }

  /** Names the pin that this one takes the place of. */
  public PinOptions pinUpdate(String cid) {
    return with("pin-update", cid);
  }

  /** Names peers that have the content, by multiaddrs with {@code /p2p/}. */
  public PinOptions origins(String... multiaddrs) {
    for (String origin : multiaddrs) {
      if (!origin.contains("/p2p/")) {
        throw new IllegalArgumentException("origins: " + origin + " (expected: with /p2p/)");
      }
    }
    return with("origins", String.join(",", List.of(multiaddrs)));
  }

  void writeTo(RestRequest request) {
    parameters.forEach(request::query);
  }

  @Override
  public String toString() {
    return "PinOptions" + parameters;
  }
}
