// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.codec;

/** Tells which optional libraries are there. */
final class ClassPath {

  private ClassPath() {}

  static boolean has(String className) {
    try {
      Class.forName(className, false, ClassPath.class.getClassLoader());
      return true;
    } catch (ClassNotFoundException absent) {
      return false;
    }
  }
}
