// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.processor;

import com.palantir.javapoet.CodeBlock;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import javax.annotation.processing.ProcessingEnvironment;
import javax.lang.model.element.ElementKind;
import javax.lang.model.element.ExecutableElement;
import javax.lang.model.element.Modifier;
import javax.lang.model.element.TypeElement;
import javax.lang.model.type.DeclaredType;
import javax.lang.model.type.ExecutableType;
import javax.lang.model.util.ElementFilter;
import org.jspecify.annotations.Nullable;

/** Reads an {@code @RpcService} interface, and notes all that is wrong with it. */
final class ServiceReader {

  /** A name that go-micro and gRPC paths can carry as one part. */
  private static final Pattern HANDLER = Pattern.compile("[A-Za-z_][A-Za-z0-9_]*");

  private static final String PARTIAL_VERSION =
      "v?(?:\\d{1,18}|[xX*])(?:\\.(?:\\d{1,18}|[xX*])){0,2}"
          + "(?:-[0-9A-Za-z.-]+)?(?:\\+[0-9A-Za-z.-]+)?";
  private static final String TERM = "(?:<=|>=|<|>|=|~|\\^)?\\s*" + PARTIAL_VERSION;
  private static final String ALTERNATIVE =
      "(?:"
          + PARTIAL_VERSION
          + "\\s+-\\s+"
          + PARTIAL_VERSION
          + "|"
          + TERM
          + "(?:\\s+"
          + TERM
          + ")*)";

  /** The form of what {@code SelectOption.versionRange} takes. */
  private static final Pattern VERSION_RANGE =
      Pattern.compile("\\s*" + ALTERNATIVE + "\\s*(?:\\|\\|\\s*" + ALTERNATIVE + "\\s*)*");

  private final ProcessingEnvironment env;
  private final Mistakes mistakes;

  ServiceReader(ProcessingEnvironment env, Mistakes mistakes) {
    this.env = env;
    this.mistakes = mistakes;
  }

  /** Returns what {@code type} says; null, or something incomplete, if there are mistakes. */
  @Nullable ServiceModel read(TypeElement type) {
    Marks marks = Marks.of(env, type, Names.RPC_SERVICE);
    if (marks == null || !isPlainInterface(type)) {
      return null;
    }
    String service = marks.text("value");
    if (service.isBlank()) {
      mistakes.add(type, "service: '" + service + "' (expected: its name in the registry)");
    }
    String handler = marks.text("handler").isEmpty() ? simpleName(type) : marks.text("handler");
    if (!HANDLER.matcher(handler).matches()) {
      mistakes.add(
          type,
          "handler: '"
              + handler
              + "' (expected: letters, digits and _, as what stands before the"
              + " dot of an endpoint)");
    }
    return new ServiceModel(type, service, selects(type, marks), methods(type, handler));
  }

  private boolean isPlainInterface(TypeElement type) {
    if (type.getKind() != ElementKind.INTERFACE) {
      mistakes.add(type, "@RpcService stands on " + kindOf(type) + " (expected: an interface)");
      return false;
    }
    if (!type.getTypeParameters().isEmpty()) {
      mistakes.add(
          type,
          "generic interface: " + type + " (expected: no type parameters, as a stub has none)");
      return false;
    }
    if (type.getModifiers().contains(Modifier.SEALED)) {
      mistakes.add(
          type, "sealed: " + type + " (expected: an interface that its stub may implement)");
      return false;
    }
    for (TypeElement around : Nesting.outwards(type)) {
      if (around.getModifiers().contains(Modifier.PRIVATE)) {
        mistakes.add(
            type, "private: " + around + " (expected: visible in its package, where the stub is)");
        return false;
      }
    }
    return true;
  }

  private static String kindOf(TypeElement type) {
    return switch (type.getKind()) {
      case ENUM -> "an enum";
      case RECORD -> "a record";
      case ANNOTATION_TYPE -> "an annotation type";
      default -> "a class";
    };
  }

  private static String simpleName(TypeElement type) {
    return type.getSimpleName().toString();
  }

  private List<CodeBlock> selects(TypeElement type, Marks marks) {
    List<CodeBlock> selects = new ArrayList<>();
    String version = marks.text("version");
    String range = marks.text("versionRange");
    if (!version.isEmpty() && !range.isEmpty()) {
      mistakes.add(type, "version and versionRange: both are set (expected: at most one)");
    }
    if (!version.isEmpty()) {
      selects.add(CodeBlock.of("$T.version($S)", Names.SelectOption, version));
    }
    if (!range.isEmpty()) {
      if (!VERSION_RANGE.matcher(range).matches()) {
        mistakes.add(
            type, "versionRange: '" + range + "' (expected: a range such as ^1.2 or >=2.1 <3)");
      }
      selects.add(CodeBlock.of("$T.versionRange($S)", Names.SelectOption, range));
    }
    Set<String> names = new HashSet<>();
    for (String label : marks.texts("labels")) {
      int equals = label.indexOf('=');
      if (equals < 1) {
        mistakes.add(type, "label: '" + label + "' (expected: name=value)");
      } else if (!names.add(label.substring(0, equals))) {
        mistakes.add(type, "label: '" + label + "' (expected: each name once, no node has two)");
      } else {
        selects.add(
            CodeBlock.of(
                "$T.label($S, $S)",
                Names.SelectOption,
                label.substring(0, equals),
                label.substring(equals + 1)));
      }
    }
    return selects;
  }

  private List<MethodModel> methods(TypeElement type, String handler) {
    List<MethodModel> methods = new ArrayList<>();
    Map<String, MethodModel> byEndpoint = new HashMap<>();
    Map<String, MethodModel> bySignature = new HashMap<>();
    MethodReader reader = new MethodReader(env, mistakes, (DeclaredType) type.asType(), handler);
    for (ExecutableElement method :
        ElementFilter.methodsIn(env.getElementUtils().getAllMembers(type))) {
      if (!isOfInterface(method)) {
        continue;
      }
      if (!method.getModifiers().contains(Modifier.ABSTRACT)) {
        refuseMarks(method);
        continue;
      }
      MethodModel read = reader.read(method);
      if (read == null || methods.stream().anyMatch(known -> isSame(type, known, read))) {
        continue;
      }
      methods.add(read);
      MethodModel before = read.isServed() ? byEndpoint.put(read.servedEndpoint(), read) : null;
      if (before != null) {
        mistakes.add(
            method,
            "endpoint: "
                + read.target()
                + " is that of "
                + before.method()
                + ", too (expected: one method each; @RpcMethod names another)");
      }
      MethodModel alike = read.isServed() ? bySignature.put(read.servedSignature(), read) : null;
      if (alike != null && before == null) {
        mistakes.add(
            method,
            (read.kind() == MethodModel.Kind.STREAM ? "opens a stream, as " : "takes what ")
                + alike.method()
                + (read.kind() == MethodModel.Kind.STREAM ? " does" : " takes")
                + " (expected: another name, as servers could not tell them apart)");
      }
    }
    if (methods.isEmpty() && mistakes.isEmpty()) {
      mistakes.add(type, "no methods: " + type + " (expected: at least one endpoint or event)");
    }
    return methods;
  }

  /** Tells whether two superinterfaces have the same method, which is implemented once. */
  private boolean isSame(TypeElement type, MethodModel one, MethodModel other) {
    return one.name().equals(other.name())
        && env.getTypeUtils().isSubsignature(signature(type, one), signature(type, other))
        && one.kind() == other.kind()
        && one.target().equals(other.target())
        && one.reply().equals(other.reply())
        && one.defaults().equals(other.defaults());
  }

  private ExecutableType signature(TypeElement type, MethodModel model) {
    DeclaredType declared = (DeclaredType) type.asType();
    return (ExecutableType) env.getTypeUtils().asMemberOf(declared, model.method());
  }

  private static boolean isOfInterface(ExecutableElement method) {
    return method.getEnclosingElement() instanceof TypeElement type
        && type.getKind() == ElementKind.INTERFACE;
  }

  private void refuseMarks(ExecutableElement method) {
    for (String mark : List.of(Names.RPC_METHOD, Names.RPC_PUBLISH)) {
      if (Marks.find(method, mark) != null) {
        mistakes.add(
            method,
            "@"
                + mark.substring(mark.lastIndexOf('.') + 1)
                + " stands on a method with a body (expected: an abstract method, which the stub"
                + " implements)");
      }
    }
  }
}
