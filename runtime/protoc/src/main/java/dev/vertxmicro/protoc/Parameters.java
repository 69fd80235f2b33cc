// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.protoc;

import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What the user asked for, see {@link StubPlugin}.
 *
 * @param name in the registry of all services; null for one by the .proto file
 * @param names in the registry by the full names of services
 * @param paths whether endpoints are paths
 * @param blocking whether to write interfaces that block, too
 */
record Parameters(
    @Nullable String name, Map<String, String> names, boolean paths, boolean blocking) {

  private static final String NAME = "name";
  private static final String NAME_OF = "name:";

  /**
   * Reads what stands before the output directory on protoc's command line.
   *
   * @throws Mistake if something is unknown or has no value
   */
  static Parameters parse(String text) {
    String name = null;
    Map<String, String> names = new HashMap<>();
    boolean paths = false;
    boolean blocking = false;
    for (String part : text.split(",", -1)) {
      String parameter = part.strip();
      int equals = parameter.indexOf('=');
      String key = equals < 0 ? parameter : parameter.substring(0, equals);
      String value = equals < 0 ? "" : parameter.substring(equals + 1);
      if (key.equals(NAME)) {
        name = named(parameter, value);
      } else if (key.startsWith(NAME_OF)) {
        names.put(key.substring(NAME_OF.length()), named(parameter, value));
      } else if (parameter.equals("paths")) {
        paths = true;
      } else if (parameter.equals("blocking")) {
        blocking = true;
      } else if (!parameter.isEmpty()) {
        throw new Mistake(
            "parameter: '"
                + parameter
                + "' (expected: name=..., name:<package>.<Service>=..., paths or blocking)");
      }
    }
    return new Parameters(name, Map.copyOf(names), paths, blocking);
  }

  private static String named(String parameter, String value) {
    if (value.isBlank()) {
      throw new Mistake(
          "parameter: '" + parameter + "' (expected: a name in the registry behind =)");
    }
    return value;
  }

  /** Returns the name in the registry of a service. */
  String nameOf(String protoPackage, String service) {
    String own = names.get(protoPackage.isEmpty() ? service : protoPackage + "." + service);
    if (own != null) {
      return own;
    }
    return Objects.requireNonNullElseGet(
        name, () -> protoPackage.isEmpty() ? JavaNames.lower(service) : protoPackage);
  }
}
