// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.crawler;

import dev.vertxmicro.registry.Node;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonObject;
import org.jspecify.annotations.Nullable;

/**
 * A resource as the store keeps it: {@code {"ID", "Name", "AssignedNode", "CreationTime"}}.
 *
 * @param id a decimal number, see {@link Snowflake}
 * @param name unique
 * @param assignedNode {@code <node id>|<address>} of the worker that has it; empty if none has
 * @param creationTime nanoseconds since 1970, of the assignment
 */
record Resource(String id, String name, String assignedNode, long creationTime) {

  /** Returns what a worker is called in {@code assignedNode}. */
  static String assignee(Node worker) {
    return worker.id() + "|" + worker.address();
  }

  /** Reads a resource; null if it is none. */
  static @Nullable Resource read(Buffer json) {
    try {
      JsonObject fields = new JsonObject(json);
      String name = fields.getString("Name");
      return name == null
          ? null
          : new Resource(
              fields.getString("ID", ""),
              name,
              fields.getString("AssignedNode", ""),
              fields.getLong("CreationTime", 0L));
    } catch (DecodeException | ClassCastException foreign) {
      return null;
    }
  }

  JsonObject toJson() {
    return new JsonObject()
        .put("ID", id)
        .put("Name", name)
        .put("AssignedNode", assignedNode)
        .put("CreationTime", creationTime);
  }

  /** Returns the id of the worker that has it. */
  String nodeId() {
    int bar = assignedNode.indexOf('|');
    return bar < 0 ? assignedNode : assignedNode.substring(0, bar);
  }

  /** Returns the address of the worker that has it. */
  String nodeAddress() {
    int bar = assignedNode.indexOf('|');
    return bar < 0 ? "" : assignedNode.substring(bar + 1);
  }
}
