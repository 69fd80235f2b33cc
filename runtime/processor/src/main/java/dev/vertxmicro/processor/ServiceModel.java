// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.processor;

import com.palantir.javapoet.ClassName;
import com.palantir.javapoet.CodeBlock;
import java.util.List;
import javax.lang.model.element.Modifier;
import javax.lang.model.element.TypeElement;

/**
 * An interface that has been found right.
 *
 * @param type the interface
 * @param service the name in the registry
 * @param selects the options by which nodes are selected, as code
 * @param methods in the order of the source
 */
record ServiceModel(
    TypeElement type, String service, List<CodeBlock> selects, List<MethodModel> methods) {

  ClassName name() {
    return ClassName.get(type);
  }

  String packageName() {
    return name().packageName();
  }

  /**
   * Returns the modifiers of types beside the interface: public if it can be seen from everywhere.
   */
  Modifier[] modifiers() {
    boolean seen =
        Nesting.outwards(type).stream()
            .allMatch(around -> around.getModifiers().contains(Modifier.PUBLIC));
    return seen ? new Modifier[] {Modifier.PUBLIC} : new Modifier[0];
  }

  /** Returns the name of a type beside the interface: {@code OuterInnerStub} for a nested one. */
  ClassName beside(String suffix) {
    return ClassName.get(packageName(), String.join("", name().simpleNames()) + suffix);
  }

  /** Tells whether a server has anything to implement. */
  boolean isServed() {
    return methods.stream().anyMatch(MethodModel::isServed);
  }
}
