// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.skynet;

import dev.vertxmicro.codec.JsonFields;
import dev.vertxmicro.codec.Ranges;
import io.vertx.core.json.JsonObject;
import org.jspecify.annotations.Nullable;

/** How {@link SkynetServer} serves. Not thread-safe: the server copies what it is given. */
public final class SkynetServerOptions {

  /** This machine only: whoever can connect can call every service. */
  public static final String DEFAULT_HOST = "127.0.0.1";

  /** 1,024 connections, as skynet. */
  public static final int DEFAULT_MAX_CONNECTIONS = 1_024;

  /** 10,000 calls. */
  public static final int DEFAULT_MAX_OPEN_PER_CONNECTION = 10_000;

  /** 16 MiB. */
  public static final int DEFAULT_MAX_REQUEST_BYTES = 16 * 1024 * 1024;

  /** 64 MiB. */
  public static final int DEFAULT_MAX_PARTS_BYTES = 64 * 1024 * 1024;

  /** 1 MiB. */
  public static final int DEFAULT_MAX_UNWRITTEN_BYTES = 1024 * 1024;

  private static final int LEAST_UNWRITTEN = 1_024;

  private String host = DEFAULT_HOST;
  private int maxConnections = DEFAULT_MAX_CONNECTIONS;
  private int maxOpenPerConnection = DEFAULT_MAX_OPEN_PER_CONNECTION;
  private int maxRequestBytes = DEFAULT_MAX_REQUEST_BYTES;
  private int maxPartsBytes = DEFAULT_MAX_PARTS_BYTES;
  private int maxUnwrittenBytes = DEFAULT_MAX_UNWRITTEN_BYTES;

  /** Makes options with all defaults. */
  public SkynetServerOptions() {}

  /** Makes a copy. */
  public SkynetServerOptions(SkynetServerOptions other) {
    host = other.host;
    maxConnections = other.maxConnections;
    maxOpenPerConnection = other.maxOpenPerConnection;
    maxRequestBytes = other.maxRequestBytes;
    maxPartsBytes = other.maxPartsBytes;
    maxUnwrittenBytes = other.maxUnwrittenBytes;
  }

  /**
   * Makes options from JSON; what is absent keeps its default.
   *
   * @throws IllegalArgumentException if a value is out of its range or of a wrong type
   */
  public SkynetServerOptions(JsonObject json) {
    JsonFields fields = new JsonFields(json);
    fields.string("host", this::setHost);
    fields.integer("maxConnections", this::setMaxConnections);
    fields.integer("maxOpenPerConnection", this::setMaxOpenPerConnection);
    fields.integer("maxRequestBytes", this::setMaxRequestBytes);
    fields.integer("maxPartsBytes", this::setMaxPartsBytes);
    fields.integer("maxUnwrittenBytes", this::setMaxUnwrittenBytes);
  }

  /** Returns all settings. */
  public JsonObject toJson() {
    return new JsonObject()
        .put("host", host)
        .put("maxConnections", maxConnections)
        .put("maxOpenPerConnection", maxOpenPerConnection)
        .put("maxRequestBytes", maxRequestBytes)
        .put("maxPartsBytes", maxPartsBytes)
        .put("maxUnwrittenBytes", maxUnwrittenBytes);
  }

  /** Returns the name or address of the interface to listen on. */
  public String getHost() {
    return host;
  }

  /**
   * Sets the interface to listen on. Default {@value #DEFAULT_HOST}: the protocol has no password.
   *
   * @param host a name or an IP address, not blank
   */
  public SkynetServerOptions setHost(String host) {
    this.host = Ranges.notBlank("host", host);
    return this;
  }

  /** Returns the most connections. */
  public int getMaxConnections() {
    return maxConnections;
  }

  /**
   * Sets the most connections; those beyond are closed when they come. Default 1,024.
   *
   * @param most at least 1
   */
  public SkynetServerOptions setMaxConnections(int most) {
    maxConnections = Ranges.within("maxConnections", most, 1, Integer.MAX_VALUE);
    return this;
  }

  /** Returns the most calls and pushes of a connection that services have. */
  public int getMaxOpenPerConnection() {
    return maxOpenPerConnection;
  }

  /**
   * Sets how many calls and pushes of a connection services may have before no more is read from
   * it. Default 10,000.
   *
   * @param most at least 1
   */
  public SkynetServerOptions setMaxOpenPerConnection(int most) {
    maxOpenPerConnection = Ranges.within("maxOpenPerConnection", most, 1, Integer.MAX_VALUE);
    return this;
  }

  /** Returns the most bytes of arguments. */
  public int getMaxRequestBytes() {
    return maxRequestBytes;
  }

  /**
   * Sets the most bytes of the arguments of one request; a larger one gets the error {@code Invalid
   * large req}. Default 16 MiB.
   *
   * @param bytes at least 32,768, below which requests are not in parts
   */
  public SkynetServerOptions setMaxRequestBytes(int bytes) {
    maxRequestBytes =
        Ranges.within("maxRequestBytes", bytes, RequestFrames.PART, Integer.MAX_VALUE);
    return this;
  }

  /** Returns the most bytes of parts of a connection. */
  public int getMaxPartsBytes() {
    return maxPartsBytes;
  }

  /**
   * Sets how many bytes of large requests that are not whole yet a connection may have; what comes
   * beyond gets the error {@code Invalid large req}. Default 64 MiB.
   *
   * @param bytes at least 32,768
   */
  public SkynetServerOptions setMaxPartsBytes(int bytes) {
    maxPartsBytes = Ranges.within("maxPartsBytes", bytes, RequestFrames.PART, Integer.MAX_VALUE);
    return this;
  }

  /** Returns how many bytes of replies a socket holds back before no more is read from it. */
  public int getMaxUnwrittenBytes() {
    return maxUnwrittenBytes;
  }

  /**
   * Sets how many bytes of replies a socket holds back, of a caller that does not read, before no
   * more requests are read from it. Default 1 MiB.
   *
   * @param bytes at least 1,024
   */
  public SkynetServerOptions setMaxUnwrittenBytes(int bytes) {
    maxUnwrittenBytes =
        Ranges.within("maxUnwrittenBytes", bytes, LEAST_UNWRITTEN, Integer.MAX_VALUE);
    return this;
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof SkynetServerOptions that && toJson().equals(that.toJson());
  }

  @Override
  public int hashCode() {
    return toJson().hashCode();
  }

  /** Returns all settings. */
  @Override
  public String toString() {
    return "SkynetServerOptions" + toJson().encode();
  }
}
