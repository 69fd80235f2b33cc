// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.websocket.cluster;

import java.util.List;
import java.util.Objects;

/**
 * A program to start.
 *
 * @param name what people call it; not unique
 * @param cmd the program
 * @param args its arguments; copied
 */
public record Run(String name, String cmd, List<String> args) {

  /** Checks and copies the parts. */
  public Run {
    Objects.requireNonNull(name, "name");
    Objects.requireNonNull(cmd, "cmd");
    args = List.copyOf(args);
  }

  /** Returns everything but the arguments, which may hold secrets. */
  @Override
  public String toString() {
    return "Run[name=" + name + ", cmd=" + cmd + ", args=" + args.size() + "]";
  }
}
