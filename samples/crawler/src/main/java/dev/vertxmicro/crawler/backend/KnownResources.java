// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.crawler.backend;

import io.vertx.core.buffer.Buffer;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** What a listener was told of, so that after a gap it is told what differs. */
final class KnownResources {

  private final ResourceListener listener;
  private final Map<String, Buffer> known = new HashMap<>();

  KnownResources(ResourceListener listener) {
    this.listener = listener;
  }

  void put(String name, Buffer value) {
    if (!value.equals(known.put(name, value))) {
      listener.put(name, value);
    }
  }

  void delete(String name) {
    if (known.remove(name) != null) {
      listener.deleted(name);
    }
  }

  void replaceAll(Map<String, Buffer> all) {
    for (String name : List.copyOf(known.keySet())) {
      if (!all.containsKey(name)) {
        delete(name);
      }
    }
    all.forEach(this::put);
  }
}
