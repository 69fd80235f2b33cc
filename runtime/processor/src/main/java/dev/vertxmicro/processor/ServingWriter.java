// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.processor;

import com.palantir.javapoet.ClassName;
import com.palantir.javapoet.CodeBlock;
import com.palantir.javapoet.MethodSpec;
import com.palantir.javapoet.ParameterizedTypeName;
import com.palantir.javapoet.TypeName;
import com.palantir.javapoet.TypeSpec;
import com.palantir.javapoet.WildcardTypeName;
import javax.annotation.processing.ProcessingEnvironment;
import javax.lang.model.element.Modifier;

/** Writes the interface that a server implements, with what adds it to an {@code RpcServer}. */
final class ServingWriter {

  private final ProcessingEnvironment env;
  private final ServiceModel service;

  ServingWriter(ProcessingEnvironment env, ServiceModel service) {
    this.env = env;
    this.service = service;
  }

  TypeSpec write() {
    ClassName name = service.beside("Service");
    TypeSpec.Builder type =
        TypeSpec.interfaceBuilder(name)
            .addOriginatingElement(service.type())
            .addJavadoc(
                "What a server of {@code $L} implements: the endpoints of {@link $T}. Methods are"
                    + " called on the context of each call and must not block it.",
                service.service(),
                service.name())
            .addModifiers(service.modifiers())
            .addAnnotations(Written.generated(env, service));
    MethodSpec.Builder serve =
        MethodSpec.methodBuilder("serve")
            .addJavadoc(
                "Adds all endpoints to {@code server}, which has not been started, and returns it.")
            .addModifiers(Modifier.PUBLIC, Modifier.STATIC)
            .returns(Names.RpcServer)
            .addParameter(Names.RpcServer, "server")
            .addParameter(name, "service");
    for (MethodModel method : service.methods()) {
      if (method.isServed()) {
        type.addMethod(declare(method));
        serve.addCode(add(method));
      }
    }
    return type.addMethod(serve.addStatement("return server").build()).build();
  }

  private MethodSpec declare(MethodModel model) {
    TypeName stream = ParameterizedTypeName.get(Names.ServerStream, model.request(), model.reply());
    TypeName end =
        ParameterizedTypeName.get(Names.Future, WildcardTypeName.subtypeOf(Object.class));
    MethodSpec.Builder method =
        MethodSpec.methodBuilder(model.name()).addModifiers(Modifier.PUBLIC, Modifier.ABSTRACT);
    switch (model.kind()) {
      case CALL ->
          method
              .addJavadoc("Answers {@code $L}.", model.servedEndpoint())
              .returns(ParameterizedTypeName.get(Names.Future, model.reply()))
              .addParameter(model.request(), "request")
              .addParameter(Names.ServerCall, "call");
      case ONE_WAY ->
          method
              .addJavadoc("Takes {@code $L}, whose caller wants no reply.", model.servedEndpoint())
              .returns(ParameterizedTypeName.get(Names.Future, model.reply()))
              .addParameter(model.request(), "request")
              .addParameter(Names.ServerCall, "call");
      case SERVER_STREAM ->
          method
              .addJavadoc(
                  "Answers {@code $L} with a stream; the future ends it.", model.servedEndpoint())
              .returns(end)
              .addParameter(model.request(), "request")
              .addParameter(stream, "replies");
      default ->
          method
              .addJavadoc(
                  "Serves the streams of {@code $L}; the future ends one.", model.servedEndpoint())
              .returns(end)
              .addParameter(stream, "stream");
    }
    return method.build();
  }

  /**
   * With the types and the parameters spelled out, as methods of the same name may differ by type.
   */
  private static CodeBlock add(MethodModel model) {
    String how =
        switch (model.kind()) {
          case SERVER_STREAM -> "handleServerStream";
          case STREAM -> "handleStream";
          default -> "handle";
        };
    String parameters =
        switch (model.kind()) {
          case SERVER_STREAM -> "request, replies";
          case STREAM -> "stream";
          default -> "request, call";
        };
    boolean replies = model.kind().isStream() || !model.reply().equals(ClassName.get(Void.class));
    return CodeBlock.builder()
        .addStatement(
            "server.<$T, $T>$L($S, $L, ($L) -> service.$L($L)$L)",
            model.request(),
            replies ? model.reply() : Names.Buffer,
            how,
            model.servedEndpoint(),
            type(model),
            parameters,
            model.name(),
            parameters,
            replies ? "" : CodeBlock.of(".map(done -> $T.to(call))", Names.NoReply))
        .build();
  }

  private static CodeBlock type(MethodModel model) {
    return Written.isGeneric(model.request())
        ? CodeBlock.of("new $T() {}", ParameterizedTypeName.get(Names.TypeRef, model.request()))
        : CodeBlock.of("$T.class", model.request());
  }
}
