// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.cli;

import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What flags and environment variables say, in that order. */
final class Environment {

  private Environment() {}

  static String choose(@Nullable String flag, String variable, String otherwise) {
    String set = flag != null ? flag : System.getenv(variable);
    return set == null || set.isEmpty() ? otherwise : set;
  }

  /** Returns addresses, separated by commas; none if nobody names any. */
  static List<String> addresses(@Nullable String flag, String variable) {
    return Arrays.stream(choose(flag, variable, "").split(","))
        .map(String::strip)
        .filter(address -> !address.isEmpty())
        .toList();
  }
}
