// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.registry.etcd;

import dev.vertxmicro.codec.CodecException;
import dev.vertxmicro.registry.Complaints;
import dev.vertxmicro.registry.Service;
import dev.vertxmicro.registry.ServiceJson;
import io.vertx.core.buffer.Buffer;
import org.jspecify.annotations.Nullable;

/**
 * Reads what others have written: the value of an entry is the JSON of a service with the one node
 * whose key it is. What is anything else is left out, with one complaint.
 */
final class Entries {

  private final EtcdKeys keys;
  private final Complaints complaints;

  Entries(EtcdKeys keys, Complaints complaints) {
    this.keys = keys;
    this.complaints = complaints;
  }

  /** Returns what an entry of {@code service} means. */
  Entry read(String service, KeyValue entry) {
    return new Entry(entry.key(), entry.modRevision(), service(service, entry));
  }

  /** Returns an entry of which only the key was read. */
  static Entry ofKey(KeyValue entry) {
    return new Entry(entry.key(), entry.modRevision(), null);
  }

  private @Nullable Service service(String service, KeyValue entry) {
    String where = "etcd key " + entry.key();
    if (entry.value().length() == 0) {
      complaints.about(where, "no value, or one above maxReplyBytes; skipped");
      return null;
    }
    Service read;
    try {
      read = ServiceJson.read(entry.value(), where, complaints);
    } catch (CodecException unreadable) {
      String fault = String.valueOf(unreadable.getMessage());
      complaints.about(
          where,
          (fault.startsWith(where + ": ") ? fault.substring(where.length() + 2) : fault)
              + "; skipped");
      return null;
    }
    String fault = fault(service, entry.key(), read);
    if (fault != null) {
      complaints.about(where, fault + "; skipped");
      return null;
    }
    return read;
  }

  private @Nullable String fault(String service, Buffer key, Service read) {
    if (!read.name().equals(service)) {
      // Two names may share their keys; then each is served without the other's nodes.
      return "service " + read.name() + " (expected: " + service + ")";
    }
    if (read.nodes().size() != 1) {
      return read.nodes().size() + " usable nodes (expected: one)";
    }
    String id = read.nodes().get(0).id();
    return keys.ofNode(service, id).equals(key)
        ? null
        : "node " + id + " (expected: the node whose key it is)";
  }
}
