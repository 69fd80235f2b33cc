// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.processor;

import java.util.ArrayList;
import java.util.List;
import javax.lang.model.element.Element;
import javax.lang.model.element.TypeElement;
import org.jspecify.annotations.Nullable;

/** What stands around what. */
final class Nesting {

  private Nesting() {}

  /** Returns the type and those around it, from the inside out. */
  static List<TypeElement> outwards(TypeElement type) {
    List<TypeElement> types = new ArrayList<>();
    @Nullable Element around = type;
    while (around instanceof TypeElement next) {
      types.add(next);
      around = next.getEnclosingElement();
    }
    return types;
  }
}
