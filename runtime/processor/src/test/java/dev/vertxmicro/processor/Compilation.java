// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.processor;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.StringWriter;
import java.io.Writer;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import javax.annotation.processing.Processor;
import javax.tools.Diagnostic;
import javax.tools.DiagnosticCollector;
import javax.tools.FileObject;
import javax.tools.ForwardingJavaFileManager;
import javax.tools.JavaCompiler;
import javax.tools.JavaFileManager;
import javax.tools.JavaFileObject;
import javax.tools.JavaFileObject.Kind;
import javax.tools.SimpleJavaFileObject;
import javax.tools.ToolProvider;
import org.jspecify.annotations.Nullable;

/** Sources compiled in memory, with the processor and with all warnings on. */
final class Compilation {

  private static final List<String> OPTIONS =
      List.of("-proc:full", "-Xlint:all,-processing,-classfile,-options", "-parameters");

  private final List<Diagnostic<? extends JavaFileObject>> diagnostics;
  private final Map<String, StringWriter> written = new LinkedHashMap<>();
  private final Map<String, byte[]> classes = new LinkedHashMap<>();
  private final boolean succeeded;

  /**
   * @param sources texts by the full name of their type
   */
  Compilation(Map<String, String> sources) {
    this(sources, List.of(), new StubProcessor());
  }

  /**
   * @param more options of the compiler
   * @param processor null for those that the compiler finds
   */
  Compilation(Map<String, String> sources, List<String> more, @Nullable Processor processor) {
    JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
    DiagnosticCollector<JavaFileObject> collector = new DiagnosticCollector<>();
    List<JavaFileObject> units = new ArrayList<>();
    sources.forEach((name, text) -> units.add(new Source(name, text)));
    JavaCompiler.CompilationTask task =
        compiler.getTask(
            null,
            new Memory(compiler.getStandardFileManager(collector, null, null)),
            collector,
            Stream.concat(options().stream(), more.stream()).toList(),
            null,
            units);
    if (processor != null) {
      task.setProcessors(List.of(processor));
    }
    succeeded = task.call();
    diagnostics = collector.getDiagnostics();
  }

  /** Compiles one type of package {@code app}, whose imports are there already. */
  static Compilation of(String name, String declaration) {
    return new Compilation(Map.of("app." + name, source(declaration)));
  }

  static String source(String declaration) {
    return """
        package app;
        import dev.vertxmicro.broker.*;
        import dev.vertxmicro.runtime.*;
        import dev.vertxmicro.runtime.stub.*;
        import io.vertx.core.*;
        import java.util.*;
        %s
        """
        .formatted(declaration);
  }

  /** "-proc:full" says what later compilers want to hear, and is unknown to earlier ones. */
  private static List<String> options() {
    return Runtime.version().feature() >= 21 ? OPTIONS : OPTIONS.subList(1, OPTIONS.size());
  }

  boolean succeeded() {
    return succeeded;
  }

  /** Returns errors and warnings, each as {@code line: text}. */
  List<String> messages() {
    return diagnostics.stream()
        .map(one -> (one.getLineNumber()) + ": " + one.getMessage(null))
        .toList();
  }

  /** Returns what stands at the place of the only error. */
  String marked() throws IOException {
    Diagnostic<? extends JavaFileObject> error = diagnostics.get(0);
    return error
        .getSource()
        .getCharContent(true)
        .toString()
        .substring((int) error.getStartPosition(), (int) error.getEndPosition());
  }

  List<String> writtenTypes() {
    return List.copyOf(written.keySet());
  }

  /** Returns the text of a type that the processor wrote. */
  String written(String type) {
    return written.get(type).toString();
  }

  List<String> classNames() {
    return List.copyOf(classes.keySet());
  }

  byte[] code(String type) {
    return classes.get(type).clone();
  }

  /** Writes the classes below {@code directory}. */
  void writeTo(Path directory) throws IOException {
    for (Map.Entry<String, byte[]> type : classes.entrySet()) {
      Path file = directory.resolve(type.getKey().replace('.', '/') + Kind.CLASS.extension);
      Files.createDirectories(file.getParent());
      Files.write(file, type.getValue());
    }
  }

  /** Loads a compiled type. */
  Class<?> load(String type) throws ClassNotFoundException {
    return new ClassLoader(Compilation.class.getClassLoader()) {
      @Override
      protected Class<?> findClass(String name) throws ClassNotFoundException {
        byte[] code = classes.get(name);
        if (code == null) {
          throw new ClassNotFoundException(name);
        }
        return defineClass(name, code, 0, code.length);
      }
    }.loadClass(type);
  }

  private static final class Source extends SimpleJavaFileObject {
    private final String text;

    Source(String name, String text) {
      super(URI.create("memory:///" + name.replace('.', '/') + Kind.SOURCE.extension), Kind.SOURCE);
      this.text = text;
    }

    @Override
    public CharSequence getCharContent(boolean ignoreEncodingErrors) {
      return text;
    }
  }

  private final class Memory extends ForwardingJavaFileManager<JavaFileManager> {

    Memory(JavaFileManager below) {
      super(below);
    }

    @Override
    public JavaFileObject getJavaFileForOutput(
        Location location, String type, Kind kind, FileObject sibling) {
      URI uri = URI.create("memory:///" + type.replace('.', '/') + kind.extension);
      return new SimpleJavaFileObject(uri, kind) {
        @Override
        public Writer openWriter() {
          StringWriter writer = new StringWriter();
          written.put(type, writer);
          return writer;
        }

        @Override
        public CharSequence getCharContent(boolean ignoreEncodingErrors) {
          return written(type);
        }

        @Override
        public OutputStream openOutputStream() {
          return new ByteArrayOutputStream() {
            @Override
            public void close() {
              classes.put(type, toByteArray());
            }
          };
        }
      };
    }
  }
}
