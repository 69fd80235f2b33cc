// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.processor;

import static java.io.File.pathSeparator;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.InputStream;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import javax.annotation.processing.Completion;
import javax.annotation.processing.Filer;
import javax.annotation.processing.ProcessingEnvironment;
import javax.annotation.processing.Processor;
import javax.annotation.processing.RoundEnvironment;
import javax.lang.model.SourceVersion;
import javax.lang.model.element.AnnotationMirror;
import javax.lang.model.element.Element;
import javax.lang.model.element.ExecutableElement;
import javax.lang.model.element.TypeElement;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** How builds find and run the processor. */
class IntegrationTest {

  private static final Map<String, String> TWO =
      Map.of(
          "app.First",
          Compilation.source("@RpcService(\"a\") interface First { Future<String> m(String q); }"),
          "app.Second",
          Compilation.source(
              "@RpcService(\"b\") interface Second extends Base { Future<Long> n(String q); }"),
          "app.Base",
          Compilation.source("interface Base { Future<String> m(String q); }"));

  @Test
  void theCompilerFindsItOnTheProcessorPath() {
    Compilation compilation =
        new Compilation(
            TWO, List.of("-processorpath", System.getProperty("java.class.path")), null);

    assertEquals(List.of(), compilation.messages());
    assertEquals(
        Set.of("app.FirstStub", "app.FirstService", "app.SecondStub", "app.SecondService"),
        Set.copyOf(compilation.writtenTypes()));
  }

  @Test
  void gradleIsToldThatItIsIsolating() throws Exception {
    String path = "META-INF/gradle/incremental.annotation.processors";
    try (InputStream file = StubProcessor.class.getClassLoader().getResourceAsStream(path)) {
      assertEquals(
          StubProcessor.class.getName() + ",isolating",
          new String(file.readAllBytes(), UTF_8).strip());
    }
  }

  /** What "isolating" promises: a file comes of one type, and nothing else of that is read. */
  @Test
  void eachWrittenTypeComesOfItsInterfaceOnly() {
    Recording recording = new Recording();
    Compilation compilation = new Compilation(TWO, List.of(), recording);

    assertTrue(compilation.succeeded(), compilation.messages()::toString);
    assertEquals(
        Map.of(
            "app.FirstStub", List.of("app.First"),
            "app.FirstService", List.of("app.First"),
            "app.SecondStub", List.of("app.Second"),
            "app.SecondService", List.of("app.Second")),
        recording.origins);
  }

  /** As a compiler that works incrementally: what did not change is there as classes only. */
  @Test
  void aChangedInterfaceIsCompiledAndWrittenAlone(@TempDir Path classes) throws Exception {
    new Compilation(TWO).writeTo(classes);
    String first =
        Compilation.source(
            "@RpcService(\"a\") interface First extends Base { Future<Long> more(Second q); }");
    String base = Compilation.source("interface Base { Future<String> other(String q); }");
    List<String> path =
        List.of("-classpath", classes + pathSeparator + System.getProperty("java.class.path"));

    Compilation changed = new Compilation(Map.of("app.First", first), path, new StubProcessor());
    assertEquals(List.of(), changed.messages());
    assertEquals(List.of("app.FirstStub", "app.FirstService"), changed.writtenTypes());
    assertTrue(changed.written("app.FirstStub").contains("\"First.More\""));

    Compilation inherited =
        new Compilation(
            Map.of("app.Base", base, "app.Second", TWO.get("app.Second")),
            path,
            new StubProcessor());
    assertEquals(List.of(), inherited.messages());
    assertEquals(List.of("app.SecondStub", "app.SecondService"), inherited.writtenTypes());
    assertTrue(inherited.written("app.SecondStub").contains("\"Second.Other\""));
  }

  /** The processor, with its origins of what it writes written down. */
  private static final class Recording implements Processor {

    private final StubProcessor processor = new StubProcessor();
    private final Map<String, List<String>> origins = new LinkedHashMap<>();

    @Override
    public void init(ProcessingEnvironment env) {
      Filer filer =
          around(
              Filer.class,
              env.getFiler(),
              arguments ->
                  origins.put(
                      arguments[0].toString(),
                      Stream.of((Element[]) arguments[1]).map(Element::toString).toList()));
      processor.init(
          (ProcessingEnvironment)
              Proxy.newProxyInstance(
                  getClass().getClassLoader(),
                  new Class<?>[] {ProcessingEnvironment.class},
                  (self, method, arguments) ->
                      method.getName().equals("getFiler") ? filer : method.invoke(env, arguments)));
    }

    private interface Seen {
      void see(Object[] arguments);
    }

    private static <T> T around(Class<T> type, T below, Seen seen) {
      return type.cast(
          Proxy.newProxyInstance(
              type.getClassLoader(),
              new Class<?>[] {type},
              (self, method, arguments) -> {
                seen.see(arguments);
                try {
                  return method.invoke(below, arguments);
                } catch (InvocationTargetException e) {
                  throw e.getCause();
                }
              }));
    }

    @Override
    public Set<String> getSupportedOptions() {
      return processor.getSupportedOptions();
    }

    @Override
    public Set<String> getSupportedAnnotationTypes() {
      return processor.getSupportedAnnotationTypes();
    }

    @Override
    public SourceVersion getSupportedSourceVersion() {
      return processor.getSupportedSourceVersion();
    }

    @Override
    public boolean process(Set<? extends TypeElement> annotations, RoundEnvironment round) {
      return processor.process(annotations, round);
    }

    @Override
    public Iterable<? extends Completion> getCompletions(
        Element element, AnnotationMirror annotation, ExecutableElement member, String text) {
      return processor.getCompletions(element, annotation, member, text);
    }
  }
}
