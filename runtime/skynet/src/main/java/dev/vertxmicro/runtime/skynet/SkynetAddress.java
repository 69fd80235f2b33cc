// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.skynet;

import io.vertx.core.buffer.Buffer;
import org.jspecify.annotations.Nullable;

/**
 * Which service of a node a request goes to, and what its first argument is, as an endpoint says
 * it: {@code "@sdb"}, {@code ".launcher"}, {@code ":0000000a"}, {@code "10"} (a handle), each
 * perhaps with a command behind it: {@code "@sdb/GET"}. Immutable.
 */
final class SkynetAddress {

  /** Stands for the address of a request that has none and is not sent. */
  static final SkynetAddress NOWHERE = new SkynetAddress(null, 0, null);

  private static final int MOST_NAME_BYTES = 255;
  private static final long MOST_HANDLE = 0xffff_ffffL;
  private static final int MOST_DIGITS = 10;
  private static final char COMMAND = '/';

  private final byte @Nullable [] name;
  private final int handle;
  private final @Nullable Buffer command;

  private SkynetAddress(byte @Nullable [] name, int handle, @Nullable Buffer command) {
    this.name = name;
    this.handle = handle;
    this.command = command;
  }

  /**
   * Reads an endpoint.
   *
   * @throws IllegalArgumentException if it names no address
   */
  static SkynetAddress of(String endpoint) {
    int slash = endpoint.indexOf(COMMAND);
    String address = slash < 0 ? endpoint : endpoint.substring(0, slash);
    Buffer command = slash < 0 ? null : LuaSeri.pack(LuaValues.of(endpoint.substring(slash + 1)));
    if (isNumber(address)) {
      long handle = Long.parseLong(address);
      if (handle > MOST_HANDLE) {
        throw unfit(endpoint);
      }
      return new SkynetAddress(null, (int) handle, command);
    }
    byte[] name = LuaString.of(address).bytes();
    if (name.length == 0 || name.length > MOST_NAME_BYTES) {
      throw unfit(endpoint);
    }
    return new SkynetAddress(name, 0, command);
  }

  private static boolean isNumber(String address) {
    return !address.isEmpty()
        && address.length() <= MOST_DIGITS
        && address.chars().allMatch(c -> c >= '0' && c <= '9');
  }

  private static IllegalArgumentException unfit(String endpoint) {
    return new IllegalArgumentException(
        "endpoint: '%s' (expected: @name, .name, :handle in hex, or a handle; 1 to 255 bytes)"
            .formatted(endpoint));
  }

  /** Returns the bytes of the name, or null if the address is a handle. */
  byte @Nullable [] name() {
    return name;
  }

  /** Returns the handle, unsigned; 0 unless the address is one. */
  int handle() {
    return handle;
  }

  /** Returns the arguments with the command before them, if there is one. */
  Buffer arguments(Buffer body) {
    return command == null ? body : command.copy().appendBuffer(body);
  }

  /** Returns how many bytes the arguments have before those of the body. */
  int commandBytes() {
    return command == null ? 0 : command.length();
  }
}
