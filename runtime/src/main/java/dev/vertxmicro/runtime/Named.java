// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime;

import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;

/**
 * Values by name, made when first asked for; beyond a bound of names all others share one value.
 */
final class Named<T> {

  private static final String OTHERS = "";

  private final ConcurrentHashMap<String, T> values = new ConcurrentHashMap<>();
  private final int most;

  Named(int most) {
    this.most = most;
  }

  T get(String name, Supplier<T> fresh) {
    T known = values.get(name);
    if (known != null) {
      return known;
    }
    String key = values.size() < most ? name : OTHERS;
    return values.computeIfAbsent(key, absent -> fresh.get());
  }
}
