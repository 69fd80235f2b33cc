// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.processor;

import java.util.ArrayList;
import java.util.List;
import javax.lang.model.element.Element;
import javax.lang.model.element.ExecutableElement;
import javax.lang.model.element.TypeElement;
import javax.lang.model.element.VariableElement;

/**
 * Collects what is wrong with one interface, so that all of it is reported at once. What is wrong
 * with a method that it inherits is reported at the interface itself: the method may be right where
 * it stands, and may have no source.
 */
final class Mistakes {

  private final TypeElement type;
  private final List<Mistake> all = new ArrayList<>();

  Mistakes(TypeElement type) {
    this.type = type;
  }

  void add(Element at, String text) {
    Element method = at instanceof VariableElement ? at.getEnclosingElement() : at;
    Element owner = method instanceof ExecutableElement ? method.getEnclosingElement() : type;
    all.add(
        type.equals(owner)
            ? new Mistake(at, text)
            : new Mistake(type, method + " of " + owner + ", inherited: " + text));
  }

  boolean isEmpty() {
    return all.isEmpty();
  }

  List<Mistake> all() {
    return List.copyOf(all);
  }
}
