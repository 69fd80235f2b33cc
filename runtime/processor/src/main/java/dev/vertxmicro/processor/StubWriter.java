// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.processor;

import com.palantir.javapoet.ArrayTypeName;
import com.palantir.javapoet.ClassName;
import com.palantir.javapoet.CodeBlock;
import com.palantir.javapoet.FieldSpec;
import com.palantir.javapoet.MethodSpec;
import com.palantir.javapoet.ParameterizedTypeName;
import com.palantir.javapoet.TypeName;
import com.palantir.javapoet.TypeSpec;
import dev.vertxmicro.processor.MethodModel.Kind;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import javax.annotation.processing.ProcessingEnvironment;
import javax.lang.model.element.ExecutableElement;
import javax.lang.model.element.Modifier;
import javax.lang.model.type.DeclaredType;

/**
 * Writes the class that implements an interface on a client. Options that annotations set become
 * one option, made with the stub, so that a call pays for them once in a stub's life.
 */
final class StubWriter {

  private final ProcessingEnvironment env;
  private final ServiceModel service;
  private final Map<MethodModel, String> optionNames = new HashMap<>();
  private final Map<MethodModel, String> replyTypeNames = new HashMap<>();

  StubWriter(ProcessingEnvironment env, ServiceModel service) {
    this.env = env;
    this.service = service;
    Set<String> taken = new HashSet<>();
    for (MethodModel method : service.methods()) {
      optionNames.put(method, free(method.name() + "Options", taken));
      replyTypeNames.put(method, free(Written.constant(method.name()) + "_REPLY", taken));
    }
  }

  /** Methods may differ by their parameters only, and their endpoints by the handler only. */
  private static String free(String wanted, Set<String> taken) {
    String name = wanted;
    for (int i = 2; !taken.add(name); i++) {
      name = wanted + i;
    }
    return name;
  }

  TypeSpec write() {
    ClassName stub = service.beside("Stub");
    TypeSpec.Builder type =
        TypeSpec.classBuilder(stub)
            .addOriginatingElement(service.type())
            .addJavadoc(
                "Calls {@code $L} through a client, as {@link $T} says. Whoever may use the client"
                    + " may use this.",
                service.service(),
                service.name())
            .addModifiers(service.modifiers())
            .addModifiers(Modifier.FINAL)
            .addSuperinterface(service.name())
            // What the interface nests is inherited, and hides what is imported.
            .avoidClashesWithNestedClasses(service.type())
            .addAnnotations(Written.generated(env, service));
    for (MethodModel method : service.methods()) {
      if (Written.isGeneric(method.reply())) {
        type.addField(replyType(method));
      }
    }
    type.addField(Names.RpcClient, "client", Modifier.PRIVATE, Modifier.FINAL);
    type.addField(String.class, "service", Modifier.PRIVATE, Modifier.FINAL);
    CodeBlock.Builder init = CodeBlock.builder();
    for (MethodModel method : service.methods()) {
      if (hasOptions(method)) {
        TypeName options = ArrayTypeName.of(option(method));
        type.addField(options, optionsOf(method), Modifier.PRIVATE, Modifier.FINAL);
        init.addStatement("this.$L = $L", optionsOf(method), optionsCode(method));
      }
    }
    type.addMethod(
        MethodSpec.constructorBuilder()
            .addModifiers(Modifier.PRIVATE)
            .addParameter(Names.RpcClient, "client")
            .addParameter(String.class, "service")
            .addStatement("this.client = $T.requireNonNull(client, $S)", Names.Objects, "client")
            .addStatement("this.service = $T.requireNonNull(service, $S)", Names.Objects, "service")
            .addCode(init.build())
            .build());
    type.addMethod(create(stub));
    type.addMethod(createFor(stub));
    service.methods().forEach(method -> type.addMethod(implement(method)));
    return type.build();
  }

  private MethodSpec create(ClassName stub) {
    return MethodSpec.methodBuilder("create")
        .addJavadoc("Returns a stub that calls through {@code client} and never closes it.")
        .addModifiers(service.modifiers())
        .addModifiers(Modifier.STATIC)
        .returns(service.name())
        .addParameter(Names.RpcClient, "client")
        .addStatement("return new $T(client, $S)", stub, service.service())
        .build();
  }

  private MethodSpec createFor(ClassName stub) {
    return MethodSpec.methodBuilder("create")
        .addJavadoc(
            "Returns a stub for a service that has the same endpoints under another name, {@code"
                + " service}.")
        .addModifiers(service.modifiers())
        .addModifiers(Modifier.STATIC)
        .returns(service.name())
        .addParameter(Names.RpcClient, "client")
        .addParameter(String.class, "service")
        .addStatement("return new $T(client, service)", stub)
        .build();
  }

  private FieldSpec replyType(MethodModel method) {
    TypeName type = ParameterizedTypeName.get(Names.TypeRef, method.reply());
    return FieldSpec.builder(
            type, replyTypeOf(method), Modifier.PRIVATE, Modifier.STATIC, Modifier.FINAL)
        .initializer("new $T() {}", type)
        .build();
  }

  private String optionsOf(MethodModel method) {
    return Objects.requireNonNull(optionNames.get(method));
  }

  private String replyTypeOf(MethodModel method) {
    return Objects.requireNonNull(replyTypeNames.get(method));
  }

  private boolean hasOptions(MethodModel method) {
    return !method.defaults().isEmpty() || (method.kind() != Kind.PUBLISH && selects());
  }

  private boolean selects() {
    return !service.selects().isEmpty();
  }

  private static ClassName option(MethodModel method) {
    return method.kind() == Kind.PUBLISH ? Names.PublishOption : Names.CallOption;
  }

  private CodeBlock optionsCode(MethodModel method) {
    List<CodeBlock> all = new ArrayList<>(method.defaults());
    if (method.kind() == Kind.PUBLISH) {
      return CodeBlock.of("new $T[] {$L}", Names.PublishOption, CodeBlock.join(all, ", "));
    }
    if (selects()) {
      all.add(
          CodeBlock.of("$T.select($L)", Names.CallOption, CodeBlock.join(service.selects(), ", ")));
    }
    return CodeBlock.of(
        "new $T[] {$T.of($L)}", Names.CallOption, Names.CallOption, CodeBlock.join(all, ", "));
  }

  private MethodSpec implement(MethodModel model) {
    ExecutableElement method = model.method();
    MethodSpec.Builder written =
        MethodSpec.overriding(method, (DeclaredType) service.type().asType(), env.getTypeUtils());
    if (env.getElementUtils().isDeprecated(method)) {
      written.addAnnotation(Deprecated.class);
    }
    String result = model.reply().equals(ClassName.get(Void.class)) ? "" : "return ";
    CodeBlock options = options(model);
    CodeBlock what = what(model);
    if (!model.blocking()) {
      written.addStatement("return this.client.$L($L$L)", verb(model), what, options);
    } else if (model.kind() == Kind.CALL) {
      written.addStatement("$L$T.call(this.client, $L$L)", result, Names.Blocking, what, options);
    } else {
      written.addStatement(
          "$T.await(() -> this.client.$L($L$L))", Names.Blocking, verb(model), what, options);
    }
    return written.build();
  }

  private static String verb(MethodModel model) {
    return switch (model.kind()) {
      case CALL -> "call";
      case ONE_WAY -> "send";
      case SERVER_STREAM, STREAM -> "stream";
      case PUBLISH -> "publish";
    };
  }

  private CodeBlock what(MethodModel model) {
    if (model.kind() == Kind.PUBLISH) {
      CodeBlock publication =
          CodeBlock.of("$T.of($S, $L)", Names.Publication, model.target(), body(model));
      return model.contentType() == null
          ? publication
          : CodeBlock.of("$L.withContentType($S)", publication, model.contentType());
    }
    CodeBlock reply =
        Written.isGeneric(model.reply())
            ? CodeBlock.of("$L", replyTypeOf(model))
            : CodeBlock.of("$T.class", model.reply());
    return model.kind() == Kind.STREAM
        ? CodeBlock.of(
            "$T.stream(this.service, $S, $T.class, $L)",
            Names.Request,
            model.target(),
            model.request(),
            reply)
        : CodeBlock.of(
            "$T.of(this.service, $S, $L, $L)", Names.Request, model.target(), body(model), reply);
  }

  private static String body(MethodModel model) {
    return Objects.requireNonNull(model.body(), "body");
  }

  private CodeBlock options(MethodModel model) {
    String own = model.options();
    String defaults = "this." + optionsOf(model);
    if (!hasOptions(model)) {
      return own == null ? CodeBlock.of("") : CodeBlock.of(", $L", own);
    }
    return own == null
        ? CodeBlock.of(", $L", defaults)
        : CodeBlock.of(", $T.after($L, $L)", Names.OwnOptions, defaults, own);
  }
}
