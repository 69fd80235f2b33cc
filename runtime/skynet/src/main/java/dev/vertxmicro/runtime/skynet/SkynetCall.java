// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.skynet;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What a {@link SkynetServer} hands to the handler of a service.
 *
 * @param address what the caller has named: {@code @name}, {@code .name}, {@code :handle} or the
 *     number of the handle
 * @param arguments the arguments
 * @param push whether nobody waits for what the service returns
 * @param trace the tag that the caller has put before the request, or null
 */
public record SkynetCall(
    String address, LuaValues arguments, boolean push, @Nullable String trace) {

  /** Checks the parts. */
  public SkynetCall {
    Objects.requireNonNull(address, "address");
    Objects.requireNonNull(arguments, "arguments");
  }

  /** Returns the first argument, which most services take as a command; empty if it is no text. */
  public String command() {
    return arguments.get(0) instanceof LuaString text && text.isUtf8() ? text.text() : "";
  }
}
