// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.benchmarks;

import java.util.Locale;

/** The loads of {@link Matrix}: each differs from the first in one thing. */
enum Scenario {
  /** The load that the others are variations of. */
  BASE("64 in flight, 128 B"),
  /** The next call is made by a later task, as by a service that calls out while it serves. */
  OUTSIDE("64, outside of reads"),
  /** One call after the other. */
  ONE("1 in flight"),
  /** Many at a time. */
  MANY("256 in flight"),
  /** Over four connections. */
  SPREAD("64 over 4 connections"),
  /** With TLS 1.3 of the JDK. */
  TLS("64, TLS"),
  /** Small messages. */
  BYTES_64("64, 64 B"),
  /** Messages of one kibibyte. */
  KB_1("64, 1 KB"),
  /** Messages of one HTTP/2 frame. */
  KB_16("64, 16 KB"),
  /** Large messages, fewer at a time. */
  KB_64("16 in flight, 64 KB");

  private static final int MOST_STREAMS = 1_000;

  private final String title;

  Scenario(String title) {
    this.title = title;
  }

  String title() {
    return title;
  }

  int inFlight() {
    return switch (this) {
      case ONE -> 1;
      case MANY -> 256;
      case KB_64 -> 16;
      default -> 64;
    };
  }

  boolean isOutside() {
    return this == OUTSIDE;
  }

  /** Returns what a client for this load is set up for. */
  Setup setup(int port, int tlsPort) {
    int connections = this == SPREAD ? 4 : 1;
    // Some more than are in flight: a stream whose reply is being read is still open.
    int streams = this == SPREAD ? inFlight() / connections + 2 : MOST_STREAMS;
    return new Setup(port, tlsPort, this == TLS, connections, streams, payload());
  }

  private int payload() {
    return switch (this) {
      case BYTES_64 -> 64;
      case KB_1 -> 1_024;
      case KB_16 -> 16 * 1_024 - 64;
      case KB_64 -> 64 * 1_024;
      default -> Load.PAYLOAD_BYTES;
    };
  }

  /**
   * Returns the one with that name.
   *
   * @throws IllegalArgumentException if there is none
   */
  static Scenario named(String word) {
    return valueOf(word.toUpperCase(Locale.ROOT).replace('-', '_'));
  }

  /** Returns the name as the user types it. */
  String word() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }
}
