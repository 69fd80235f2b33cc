// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.processor;

import java.util.List;
import java.util.Map;
import javax.annotation.processing.ProcessingEnvironment;
import javax.lang.model.element.AnnotationMirror;
import javax.lang.model.element.AnnotationValue;
import javax.lang.model.element.Element;
import javax.lang.model.element.ExecutableElement;
import javax.lang.model.element.TypeElement;
import org.jspecify.annotations.Nullable;

/** The values of one annotation, its defaults among them. */
final class Marks {

  private final Map<? extends ExecutableElement, ? extends AnnotationValue> values;

  private Marks(Map<? extends ExecutableElement, ? extends AnnotationValue> values) {
    this.values = values;
  }

  /** Returns the annotation of that name on {@code element}, or null. */
  static @Nullable AnnotationMirror find(Element element, String name) {
    for (AnnotationMirror mirror : element.getAnnotationMirrors()) {
      TypeElement type = (TypeElement) mirror.getAnnotationType().asElement();
      if (type.getQualifiedName().contentEquals(name)) {
        return mirror;
      }
    }
    return null;
  }

  /** Returns the values of the annotation of that name on {@code element}, or null. */
  static @Nullable Marks of(ProcessingEnvironment env, Element element, String name) {
    AnnotationMirror mirror = find(element, name);
    return mirror == null
        ? null
        : new Marks(env.getElementUtils().getElementValuesWithDefaults(mirror));
  }

  String text(String name) {
    return (String) value(name);
  }

  int number(String name) {
    return (Integer) value(name);
  }

  boolean flag(String name) {
    return (Boolean) value(name);
  }

  List<String> texts(String name) {
    return ((List<?>) value(name))
        .stream().map(one -> (String) ((AnnotationValue) one).getValue()).toList();
  }

  private Object value(String name) {
    for (var entry : values.entrySet()) {
      if (entry.getKey().getSimpleName().contentEquals(name)) {
        return entry.getValue().getValue();
      }
    }
    throw new IllegalStateException("annotation value: " + name + " (expected: one that is there)");
  }
}
