// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.rest.ipfs;

import dev.vertxmicro.runtime.rest.RestRequest;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * How content is added. Immutable: each method returns a copy. Starts with what ipfs-cluster's own
 * client sends.
 */
public final class AddParams {

  /** 100 MiB. */
  public static final long DEFAULT_SHARD_SIZE = 104_857_600;

  private static final List<String> LAYOUTS = List.of("", "balanced", "trickle");

  private static final AddParams DEFAULTS =
      new AddParams(
          PinOptions.none().shardSize(DEFAULT_SHARD_SIZE),
          Map.ofEntries(
              Map.entry("shard", "false"),
              Map.entry("local", "false"),
              Map.entry("recursive", "false"),
              Map.entry("layout", ""),
              Map.entry("chunker", "size-262144"),
              Map.entry("raw-leaves", "false"),
              Map.entry("hidden", "false"),
              Map.entry("wrap-with-directory", "false"),
              Map.entry("progress", "false"),
              Map.entry("cid-version", "0"),
              Map.entry("hash", "sha2-256"),
              Map.entry("stream-channels", "true"),
              Map.entry("nocopy", "false"),
              Map.entry("format", "unixfs"),
              Map.entry("no-pin", "false")));

  private final PinOptions pin;
  private final Map<String, String> parameters;

  private AddParams(PinOptions pin, Map<String, String> parameters) {
    this.pin = pin;
    this.parameters = parameters;
  }

  /** Returns the defaults. */
  public static AddParams defaults() {
    return DEFAULTS;
  }

  private AddParams with(String name, String value) {
    Map<String, String> more = new TreeMap<>(parameters);
    more.put(name, value);
    return new AddParams(pin, more);
  }

  /** Sets how what is added is pinned; the size of shards stays unless these set it. */
  public AddParams pinOptions(PinOptions options) {
    return new AddParams(options.orShardSize(DEFAULT_SHARD_SIZE), parameters);
  }

  /** Cuts what is added into shards on several peers. */
  public AddParams shard() {
    return with("shard", "true");
  }

  /** Adds to the peer that is asked, and lets others fetch it. */
  public AddParams local() {
    return with("local", "true");
  }

  /** Adds directories with what is in them. */
  public AddParams recursive() {
    return with("recursive", "true");
  }

  /** Adds files whose name begins with a dot as well. */
  public AddParams hidden() {
    return with("hidden", "true");
  }

  /**
   * Lays the tree of blocks out.
   *
   * @param layout {@code balanced}, {@code trickle}, or empty for what the peer does by default
   */
  public AddParams layout(String layout) {
    if (!LAYOUTS.contains(layout)) {
      throw new IllegalArgumentException("layout: " + layout + " (expected: " + LAYOUTS + ")");
    }
    return with("layout", layout);
  }

  /** Cuts files into blocks by that rule. Default {@code size-262144}. */
  public AddParams chunker(String chunker) {
    return with("chunker", chunker);
  }

  /** Keeps the bytes of files in blocks without an envelope. */
  public AddParams rawLeaves() {
    return with("raw-leaves", "true");
  }

  /** Puts a directory around what is added. */
  public AddParams wrapWithDirectory() {
    return with("wrap-with-directory", "true");
  }

  /** Reports how far each file is. */
  public AddParams progress() {
    return with("progress", "true");
  }

  /** Sets the version of CIDs: 0 or 1. */
  public AddParams cidVersion(int version) {
    if (version < 0 || version > 1) {
      throw new IllegalArgumentException("cidVersion: " + version + " (expected: 0 or 1)");
    }
    return with("cid-version", Integer.toString(version));
  }

  /** Sets the hash function. Default {@code sha2-256}. */
  public AddParams hash(String name) {
    return with("hash", name);
  }

  /** Leaves content where it is on the web: for uploads of nothing but {@link Upload#url}. */
  public AddParams noCopy() {
    return with("nocopy", "true");
  }

  /** Says that one CAR archive is added, and not files. */
  public AddParams car() {
    return with("format", "car");
  }

  /** Adds, and does not pin. */
  public AddParams noPin() {
    return with("no-pin", "true");
  }

  boolean isRecursive() {
    return is("recursive");
  }

  boolean isHidden() {
    return is("hidden");
  }

  boolean isNoCopy() {
    return is("nocopy");
  }

  private boolean is(String name) {
    return "true".equals(parameters.get(name));
  }

  void writeTo(RestRequest request) {
    pin.writeTo(request);
    new TreeMap<>(parameters).forEach(request::query);
  }

  @Override
  public String toString() {
    return "AddParams[" + pin + ", " + new TreeMap<>(parameters) + "]";
  }
}
