// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.skynet;

import dev.vertxmicro.codec.CodecException;
import dev.vertxmicro.runtime.Request;
import org.jspecify.annotations.Nullable;

/**
 * Requests as skynet's users write them: {@code cluster.call("db", "@sdb", "GET", "key")} is {@code
 * client.call(SkynetRequests.of("db", "@sdb", String.class, "GET", "key"))}, and with {@code
 * client.send} it is {@code cluster.send}.
 */
public final class SkynetRequests {

  private static final String QUERY = "0";

  private SkynetRequests() {}

  /**
   * Returns a request to a service of a node.
   *
   * @param node the name of the node
   * @param address {@code @name}, {@code .name}, {@code :handle} or a handle
   * @param reply what the first value that it returns is read as, or {@code LuaValues} for all
   * @param arguments any number of values, see {@link LuaValues}
   * @throws CodecException if Lua has no type for one of them
   */
  public static <R> Request<LuaValues, R> of(
      String node, String address, Class<R> reply, @Nullable Object... arguments) {
    return Request.of(node, address, LuaValues.of(arguments), reply);
  }

  /**
   * Returns a request for the handle of a name: {@code cluster.query(node, name)}. Its call fails
   * with NOT_FOUND if the node does not have the name.
   *
   * @param name without the {@code @}
   */
  public static Request<LuaValues, Long> query(String node, String name) {
    return of(node, QUERY, Long.class, name);
  }
}
