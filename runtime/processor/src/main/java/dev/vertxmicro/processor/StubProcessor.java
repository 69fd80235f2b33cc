// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.processor;

import com.palantir.javapoet.JavaFile;
import com.palantir.javapoet.TypeSpec;
import java.io.IOException;
import java.util.Set;
import javax.annotation.processing.AbstractProcessor;
import javax.annotation.processing.FilerException;
import javax.annotation.processing.RoundEnvironment;
import javax.lang.model.SourceVersion;
import javax.lang.model.element.Element;
import javax.lang.model.element.TypeElement;
import javax.tools.Diagnostic.Kind;

/**
 * Writes, for each interface with {@code @RpcService}, the stub that calls the service and the
 * interface that serves it. Each interface is read and written by itself, so that compilers that
 * work incrementally need to see no other ("isolating" in Gradle's terms).
 *
 * <p>The steps: {@link ServiceReader} checks the interface and makes a {@link ServiceModel} of it;
 * {@link StubWriter} and {@link ServingWriter} write it down. A mistake is an error at the element
 * that has it; nothing is written for its interface then.
 */
public final class StubProcessor extends AbstractProcessor {

  /** Made by the compiler. */
  public StubProcessor() {}

  @Override
  public Set<String> getSupportedAnnotationTypes() {
    return Set.of(Names.RPC_SERVICE, Names.RPC_METHOD, Names.RPC_PUBLISH);
  }

  @Override
  public SourceVersion getSupportedSourceVersion() {
    return SourceVersion.latestSupported();
  }

  @Override
  public boolean process(Set<? extends TypeElement> annotations, RoundEnvironment round) {
    for (TypeElement annotation : annotations) {
      boolean onTypes = annotation.getQualifiedName().contentEquals(Names.RPC_SERVICE);
      for (Element element : round.getElementsAnnotatedWith(annotation)) {
        if (onTypes) {
          write((TypeElement) element);
        } else {
          checkPlace(element, annotation);
        }
      }
    }
    return false;
  }

  private void checkPlace(Element method, TypeElement annotation) {
    Element type = method.getEnclosingElement();
    if (type == null || Marks.find(type, Names.RPC_SERVICE) == null) {
      report(
          new Mistake(
              method,
              "@"
                  + annotation.getSimpleName()
                  + " stands outside of an @RpcService interface and would do nothing"));
    }
  }

  private void write(TypeElement type) {
    Mistakes mistakes = new Mistakes(type);
    ServiceModel service = new ServiceReader(processingEnv, mistakes).read(type);
    if (service == null || !mistakes.isEmpty()) {
      mistakes.all().forEach(this::report);
      return;
    }
    write(service, new StubWriter(processingEnv, service).write());
    if (service.isServed()) {
      write(service, new ServingWriter(processingEnv, service).write());
    }
  }

  private void write(ServiceModel service, TypeSpec type) {
    JavaFile file =
        JavaFile.builder(service.packageName(), type)
            .skipJavaLangImports(true)
            .indent("  ")
            .build();
    try {
      file.writeTo(processingEnv.getFiler());
    } catch (FilerException taken) {
      report(new Mistake(service.type(), "cannot write " + type.name() + ": it is there already"));
    } catch (IOException e) {
      report(new Mistake(service.type(), "cannot write " + type.name() + ": " + e.getMessage()));
    }
  }

  private void report(Mistake mistake) {
    processingEnv.getMessager().printMessage(Kind.ERROR, mistake.text(), mistake.at());
  }
}
