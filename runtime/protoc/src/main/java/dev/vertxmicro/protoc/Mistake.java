// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.protoc;

/** Something that the user of the plug-in has to change; protoc shows its text. */
final class Mistake extends RuntimeException {

  private static final long serialVersionUID = 1L;

  Mistake(String text) {
    super(text);
  }
}
