// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.processor;

import java.util.ArrayList;
import java.util.List;
import javax.lang.model.element.Element;

/** Collects what is wrong with one interface, so that all of it is reported at once. */
final class Mistakes {

  private final List<Mistake> all = new ArrayList<>();

  void add(Element at, String text) {
    all.add(new Mistake(at, text));
  }

  boolean isEmpty() {
    return all.isEmpty();
  }

  List<Mistake> all() {
    return List.copyOf(all);
  }
}
