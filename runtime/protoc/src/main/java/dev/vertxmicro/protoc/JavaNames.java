// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.protoc;

import java.util.Locale;
import java.util.Set;
import javax.lang.model.SourceVersion;

/** Names of Java for names of .proto files. */
final class JavaNames {

  /**
   * Methods that every object has: one without parameters but for options would hide among them.
   */
  private static final Set<String> OF_OBJECT =
      Set.of(
          "clone",
          "equals",
          "finalize",
          "getClass",
          "hashCode",
          "notify",
          "notifyAll",
          "toString",
          "wait");

  private JavaNames() {}

  /** Returns {@code addResource} for {@code AddResource} and for {@code add_resource}. */
  static String method(String rpc) {
    String name = camel(rpc, false);
    return SourceVersion.isKeyword(name) || OF_OBJECT.contains(name) ? name + "_" : name;
  }

  /**
   * Returns the name of an interface; the name of the service unless Java keeps that for itself.
   */
  static String type(String service) {
    return SourceVersion.isKeyword(service) ? service + "_" : service;
  }

  static String lower(String name) {
    return name.toLowerCase(Locale.ROOT);
  }

  /** Changes names as protoc's own Java generator does. */
  static String camel(String name, boolean upperFirst) {
    StringBuilder camel = new StringBuilder();
    boolean upper = upperFirst;
    for (int i = 0; i < name.length(); i++) {
      char c = name.charAt(i);
      if (c >= 'a' && c <= 'z') {
        camel.append(upper ? (char) (c - 'a' + 'A') : c);
        upper = false;
      } else if (c >= 'A' && c <= 'Z') {
        camel.append(i == 0 && !upper ? (char) (c - 'A' + 'a') : c);
        upper = false;
      } else if (c >= '0' && c <= '9') {
        camel.append(c);
        upper = true;
      } else {
        upper = true;
      }
    }
    return camel.toString();
  }
}
