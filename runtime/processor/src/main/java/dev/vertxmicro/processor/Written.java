// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.processor;

import com.palantir.javapoet.AnnotationSpec;
import com.palantir.javapoet.ArrayTypeName;
import com.palantir.javapoet.ClassName;
import com.palantir.javapoet.ParameterizedTypeName;
import com.palantir.javapoet.TypeName;
import java.util.List;
import java.util.Locale;
import javax.annotation.processing.ProcessingEnvironment;
import javax.lang.model.element.ModuleElement;
import javax.lang.model.element.TypeElement;

/** What all written types have in common. */
final class Written {

  private static final String GENERATED = "javax.annotation.processing.Generated";

  private Written() {}

  /** Returns the mark of written code, where the module of the interface can see it. */
  static List<AnnotationSpec> generated(ProcessingEnvironment env, ServiceModel service) {
    ModuleElement module = env.getElementUtils().getModuleOf(service.type());
    TypeElement mark =
        module == null ? null : env.getElementUtils().getTypeElement(module, GENERATED);
    return mark == null
        ? List.of()
        : List.of(
            AnnotationSpec.builder(ClassName.get(mark))
                .addMember("value", "$S", StubProcessor.class.getName())
                .build());
  }

  /** Returns {@code ADD_RESOURCE} for {@code AddResource}. */
  static String constant(String name) {
    return name.replaceAll("([a-z0-9])([A-Z])", "$1_$2").toUpperCase(Locale.ROOT);
  }

  /** Such a type is told by a {@code TypeRef}, others by their class. */
  static boolean isGeneric(TypeName type) {
    return type instanceof ParameterizedTypeName
        || (type instanceof ArrayTypeName array && isGeneric(array.componentType()));
  }
}
