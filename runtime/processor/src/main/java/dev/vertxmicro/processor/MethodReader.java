// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.processor;

import com.palantir.javapoet.CodeBlock;
import com.palantir.javapoet.TypeName;
import dev.vertxmicro.processor.MethodModel.Kind;
import java.util.List;
import java.util.regex.Pattern;
import javax.annotation.processing.ProcessingEnvironment;
import javax.lang.model.element.ExecutableElement;
import javax.lang.model.element.TypeElement;
import javax.lang.model.element.VariableElement;
import javax.lang.model.type.ArrayType;
import javax.lang.model.type.DeclaredType;
import javax.lang.model.type.ExecutableType;
import javax.lang.model.type.TypeKind;
import javax.lang.model.type.TypeMirror;
import org.jspecify.annotations.Nullable;

/** Reads the methods of one interface, and notes all that is wrong with them. */
final class MethodReader {

  private static final Pattern ENDPOINT =
      Pattern.compile("[A-Za-z_][A-Za-z0-9_]*\\.[A-Za-z_][A-Za-z0-9_]*|/[^/\\s]+/[^/\\s]+");

  private final ProcessingEnvironment env;
  private final Mistakes mistakes;
  private final DeclaredType type;
  private final String handler;

  MethodReader(ProcessingEnvironment env, Mistakes mistakes, DeclaredType type, String handler) {
    this.env = env;
    this.mistakes = mistakes;
    this.type = type;
    this.handler = handler;
  }

  /** Returns what {@code method} says; null if there are mistakes. */
  @Nullable MethodModel read(ExecutableElement method) {
    int before = mistakes.all().size();
    Marks call = Marks.of(env, method, Names.RPC_METHOD);
    Marks publish = Marks.of(env, method, Names.RPC_PUBLISH);
    if (call != null && publish != null) {
      mistakes.add(method, "@RpcMethod and @RpcPublish: both are there (expected: one)");
      return null;
    }
    if (!method.getTypeParameters().isEmpty()) {
      mistakes.add(
          method,
          "generic method: its types are not known when the stub is written (expected: no type"
              + " parameters)");
      return null;
    }
    ExecutableType signature = (ExecutableType) env.getTypeUtils().asMemberOf(type, method);
    Returned returned = returned(method, signature.getReturnType());
    Parameters parameters = parameters(method, signature, publish != null);
    if (returned == null || parameters == null) {
      return null;
    }
    MethodModel read =
        publish != null
            ? publish(method, publish, returned, parameters)
            : call(method, call, returned, parameters);
    return mistakes.all().size() > before ? null : read;
  }

  /**
   * What a method returns.
   *
   * @param blocking not in a future
   * @param isStream an {@code RpcStream} in the future
   * @param requests the type of the stream's requests
   * @param reply the type of the reply or replies; {@code Void} for void
   */
  private record Returned(
      boolean blocking, boolean isStream, @Nullable TypeMirror requests, TypeMirror reply) {}

  private @Nullable Returned returned(ExecutableElement method, TypeMirror whole) {
    if (whole.getKind() == TypeKind.VOID) {
      TypeElement nothing = env.getElementUtils().getTypeElement("java.lang.Void");
      return new Returned(true, false, null, nothing.asType());
    }
    if (!is(whole, Names.FUTURE)) {
      if (whole.getKind().isPrimitive() || is(whole, Names.RPC_STREAM)) {
        mistakes.add(
            method,
            "returns " + whole + " (expected: " + expected(is(whole, Names.RPC_STREAM)) + ")");
        return null;
      }
      return concrete(method, whole, "returns " + whole)
          ? new Returned(true, false, null, whole)
          : null;
    }
    List<? extends TypeMirror> arguments = ((DeclaredType) whole).getTypeArguments();
    if (arguments.size() != 1) {
      mistakes.add(method, "returns a raw Future (expected: Future<R>, R the type of the reply)");
      return null;
    }
    TypeMirror content = arguments.get(0);
    if (!is(content, Names.RPC_STREAM)) {
      return concrete(method, content, "returns " + whole)
          ? new Returned(false, false, null, content)
          : null;
    }
    List<? extends TypeMirror> ends = ((DeclaredType) content).getTypeArguments();
    if (ends.size() != 2) {
      mistakes.add(method, "returns a raw RpcStream (expected: Future<RpcStream<Q, R>>)");
      return null;
    }
    return concrete(method, ends.get(0), "returns " + whole)
            && concrete(method, ends.get(1), "returns " + whole)
        ? new Returned(false, true, ends.get(0), ends.get(1))
        : null;
  }

  private static String expected(boolean stream) {
    return stream
        ? "Future<RpcStream<Q, R>>, as a stream is opened first"
        : "Future<R>, or R for a call that blocks, R a class";
  }

  /** Tells whether values of the type can be decoded: it says at run time all that it is. */
  private boolean concrete(ExecutableElement method, TypeMirror part, String where) {
    boolean fits =
        switch (part.getKind()) {
          case DECLARED -> isValue(method, (DeclaredType) part, where);
          case ARRAY -> {
            TypeMirror component = ((ArrayType) part).getComponentType();
            yield component.getKind().isPrimitive() || concrete(method, component, where);
          }
          case ERROR -> true; // The compiler says so itself, or another processor writes it.
          default -> {
            mistakes.add(method, where + ": " + part + " (expected: a class)");
            yield false;
          }
        };
    return fits;
  }

  private boolean isValue(ExecutableElement method, DeclaredType part, String where) {
    if (Names.NO_VALUES.contains(nameOf(part))) {
      mistakes.add(
          method,
          where
              + ": "
              + nameOf(part)
              + " is no value that could be sent (expected: Future<R> or Future<RpcStream<Q, R>> of"
              + " Vert.x, or R for a call that blocks)");
      return false;
    }
    return part.getTypeArguments().stream().allMatch(one -> concrete(method, one, where));
  }

  /**
   * What a method takes.
   *
   * @param body the parameter with the request
   * @param bodyType its type
   * @param options the parameter with the options
   */
  private record Parameters(
      @Nullable String body, @Nullable TypeMirror bodyType, @Nullable String options) {}

  private @Nullable Parameters parameters(
      ExecutableElement method, ExecutableType signature, boolean publishes) {
    String optionType = publishes ? Names.PUBLISH_OPTION : Names.CALL_OPTION;
    String optionName = optionType.substring(optionType.lastIndexOf('.') + 1);
    List<? extends VariableElement> names = method.getParameters();
    int bodies = names.size();
    String options = null;
    if (method.isVarArgs()) {
      bodies--;
      ArrayType last = (ArrayType) signature.getParameterTypes().get(bodies);
      if (!is(last.getComponentType(), optionType)) {
        mistakes.add(
            names.get(bodies),
            "takes "
                + last.getComponentType()
                + "... (expected: "
                + optionName
                + "... as the last parameter)");
        return null;
      }
      options = names.get(bodies).getSimpleName().toString();
    }
    for (int i = 0; i < bodies; i++) {
      TypeMirror parameter = signature.getParameterTypes().get(i);
      boolean option =
          is(parameter, Names.CALL_OPTION)
              || is(parameter, Names.PUBLISH_OPTION)
              || (parameter.getKind() == TypeKind.ARRAY
                  && (is(((ArrayType) parameter).getComponentType(), Names.CALL_OPTION)
                      || is(((ArrayType) parameter).getComponentType(), Names.PUBLISH_OPTION)));
      if (option) {
        mistakes.add(
            names.get(i),
            "takes " + parameter + " (expected: " + optionName + "... as the last parameter)");
        return null;
      }
    }
    if (bodies > 1) {
      mistakes.add(
          names.get(1),
          "takes " + bodies + " requests (expected: one; a record can hold several values)");
      return null;
    }
    if (bodies == 0) {
      return new Parameters(null, null, options);
    }
    TypeMirror body = signature.getParameterTypes().get(0);
    if (body.getKind().isPrimitive() || is(body, "java.lang.Void")) {
      mistakes.add(names.get(0), "takes " + body + " (expected: a class)");
      return null;
    }
    return concrete(method, body, "takes " + body)
        ? new Parameters(names.get(0).getSimpleName().toString(), body, options)
        : null;
  }

  private MethodModel call(
      ExecutableElement method, @Nullable Marks marks, Returned returned, Parameters parameters) {
    Kind kind = kind(marks, returned, parameters);
    check(method, kind, returned, parameters);
    TypeMirror request = returned.isStream() ? returned.requests() : parameters.bodyType();
    String target = marks == null ? "" : marks.text("value");
    if (target.isEmpty()) {
      target = handler + "." + upper(method.getSimpleName().toString());
    } else if (!ENDPOINT.matcher(target).matches()) {
      mistakes.add(
          method,
          "endpoint: '" + target + "' (expected: Handler.Method or /package.Service/Method)");
    }
    List<CodeBlock> defaults =
        marks == null ? List.of() : new DefaultsReader(mistakes, method, marks).ofCall(kind);
    return new MethodModel(
        method,
        kind,
        returned.blocking(),
        target,
        request == null ? TypeName.VOID : TypeName.get(request),
        parameters.body(),
        TypeName.get(returned.reply()),
        parameters.options(),
        defaults,
        null);
  }

  private static Kind kind(@Nullable Marks marks, Returned returned, Parameters parameters) {
    if (returned.isStream()) {
      return parameters.body() == null ? Kind.STREAM : Kind.SERVER_STREAM;
    }
    return marks != null && marks.flag("oneWay") ? Kind.ONE_WAY : Kind.CALL;
  }

  private void check(
      ExecutableElement method, Kind kind, Returned returned, Parameters parameters) {
    if (parameters.body() == null && kind != Kind.STREAM) {
      mistakes.add(
          method, "takes no request (expected: one parameter with it, before the options)");
    }
    if (kind == Kind.ONE_WAY && !is(returned.reply(), "java.lang.Void")) {
      mistakes.add(
          method, "one-way, but returns " + returned.reply() + " (expected: Future<Void> or void)");
    }
    if (kind.isStream() && !isClass(returned.requests())) {
      mistakes.add(
          method,
          "streams requests of a generic type: "
              + returned.requests()
              + " (expected: a class without type arguments)");
    }
    if (kind == Kind.SERVER_STREAM
        && !env.getTypeUtils().isSameType(returned.requests(), parameters.bodyType())) {
      mistakes.add(
          method,
          "takes "
              + parameters.bodyType()
              + ", but returns a stream of requests of "
              + returned.requests()
              + " (expected: the same type)");
    }
  }

  private static boolean isClass(@Nullable TypeMirror mirror) {
    return mirror instanceof DeclaredType declared && declared.getTypeArguments().isEmpty();
  }

  private MethodModel publish(
      ExecutableElement method, Marks marks, Returned returned, Parameters parameters) {
    String topic = marks.text("value");
    if (topic.isBlank()) {
      mistakes.add(method, "topic: '" + topic + "' (expected: not blank)");
    }
    if (parameters.bodyType() == null) {
      mistakes.add(method, "takes no event (expected: one parameter with it, before the options)");
    }
    if (returned.isStream() || !is(returned.reply(), "java.lang.Void")) {
      mistakes.add(
          method,
          "publishes, but returns " + method.getReturnType() + " (expected: Future<Void> or void)");
    }
    DefaultsReader defaults = new DefaultsReader(mistakes, method, marks);
    String contentType = defaults.contentType();
    return new MethodModel(
        method,
        Kind.PUBLISH,
        returned.blocking(),
        topic,
        parameters.bodyType() == null ? TypeName.VOID : TypeName.get(parameters.bodyType()),
        parameters.body(),
        TypeName.get(returned.reply()),
        parameters.options(),
        defaults.ofPublish(),
        contentType.isEmpty() ? null : contentType);
  }

  private static String upper(String name) {
    return Character.toUpperCase(name.charAt(0)) + name.substring(1);
  }

  private static boolean is(@Nullable TypeMirror mirror, String name) {
    return mirror instanceof DeclaredType declared && nameOf(declared).equals(name);
  }

  private static String nameOf(DeclaredType type) {
    return ((TypeElement) type.asElement()).getQualifiedName().toString();
  }
}
