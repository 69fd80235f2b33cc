// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.rest.ipfs;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What stands for fields that a peer leaves out, or that Go writes as null. */
final class Absent {

  private Absent() {}

  static <T> List<T> list(@Nullable List<T> list) {
    return list == null ? List.of() : List.copyOf(list);
  }

  static <V> Map<String, V> map(@Nullable Map<String, V> map) {
    Map<String, V> present = new LinkedHashMap<>();
    if (map != null) {
      map.forEach(
          (key, value) -> {
            if (value != null) {
              present.put(key, value);
            }
          });
    }
    return Collections.unmodifiableMap(present);
  }

  static String text(@Nullable String text) {
    return text == null ? "" : text;
  }
}
