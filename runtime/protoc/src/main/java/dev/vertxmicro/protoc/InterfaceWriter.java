// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.protoc;

import com.google.protobuf.DescriptorProtos.FileDescriptorProto;
import com.google.protobuf.DescriptorProtos.MethodDescriptorProto;
import com.google.protobuf.DescriptorProtos.MethodOptions.IdempotencyLevel;
import com.google.protobuf.DescriptorProtos.ServiceDescriptorProto;
import com.palantir.javapoet.AnnotationSpec;
import com.palantir.javapoet.ArrayTypeName;
import com.palantir.javapoet.ClassName;
import com.palantir.javapoet.JavaFile;
import com.palantir.javapoet.MethodSpec;
import com.palantir.javapoet.ParameterizedTypeName;
import com.palantir.javapoet.TypeName;
import com.palantir.javapoet.TypeSpec;
import java.util.HashMap;
import java.util.Map;
import javax.lang.model.element.Modifier;

/** Writes the interfaces of one service. */
final class InterfaceWriter {

  private static final String STUB = "dev.vertxmicro.runtime.stub";
  private static final ClassName RPC_SERVICE = ClassName.get(STUB, "RpcService");
  private static final ClassName RPC_METHOD = ClassName.get(STUB, "RpcMethod");
  private static final ClassName CALL_OPTION =
      ClassName.get("dev.vertxmicro.runtime", "CallOption");
  private static final ClassName RPC_STREAM = ClassName.get("dev.vertxmicro.runtime", "RpcStream");
  private static final ClassName FUTURE = ClassName.get("io.vertx.core", "Future");

  private final FileDescriptorProto file;
  private final int index;
  private final JavaTypes types;
  private final Parameters parameters;
  private final Comments comments;

  /**
   * @param index of the service in its file
   */
  InterfaceWriter(FileDescriptorProto file, int index, JavaTypes types, Parameters parameters) {
    this.file = file;
    this.index = index;
    this.types = types;
    this.parameters = parameters;
    this.comments = new Comments(file);
  }

  JavaFile write(ServiceDescriptorProto service) {
    return write(service, JavaNames.type(service.getName()), false);
  }

  JavaFile writeBlocking(ServiceDescriptorProto service) {
    return write(service, "Blocking" + service.getName(), true);
  }

  boolean hasCalls(ServiceDescriptorProto service) {
    return service.getMethodList().stream().anyMatch(method -> !isStream(method));
  }

  private JavaFile write(ServiceDescriptorProto service, String name, boolean blocking) {
    TypeSpec.Builder type =
        TypeSpec.interfaceBuilder(name)
            .addModifiers(Modifier.PUBLIC)
            .addAnnotation(rpcService(service, name));
    String comment = comments.ofService(index);
    if (!comment.isEmpty()) {
      type.addJavadoc("$L\n", comment);
    }
    if (service.getOptions().getDeprecated()) {
      type.addAnnotation(Deprecated.class);
    }
    Map<String, String> rpcs = new HashMap<>();
    for (int i = 0; i < service.getMethodCount(); i++) {
      MethodDescriptorProto method = service.getMethod(i);
      String other = rpcs.put(JavaNames.method(method.getName()), method.getName());
      if (other != null) {
        throw new Mistake(
            file.getName()
                + ": "
                + service.getName()
                + "."
                + method.getName()
                + " and "
                + other
                + " have the same name in Java (expected: names that differ in more than _)");
      }
      if (!blocking || !isStream(method)) {
        type.addMethod(method(service, i, method, blocking));
      }
    }
    return JavaFile.builder(JavaTypes.packageOf(file), type.build())
        .skipJavaLangImports(true)
        .indent("  ")
        .build();
  }

  private AnnotationSpec rpcService(ServiceDescriptorProto service, String name) {
    AnnotationSpec.Builder annotation =
        AnnotationSpec.builder(RPC_SERVICE)
            .addMember("value", "$S", parameters.nameOf(file.getPackage(), service.getName()));
    if (!name.equals(service.getName())) {
      annotation.addMember("handler", "$S", service.getName());
    }
    return annotation.build();
  }

  private MethodSpec method(
      ServiceDescriptorProto service, int at, MethodDescriptorProto rpc, boolean blocking) {
    TypeName request = types.get(rpc.getInputType());
    TypeName reply = types.get(rpc.getOutputType());
    MethodSpec.Builder method =
        MethodSpec.methodBuilder(JavaNames.method(rpc.getName()))
            .addModifiers(Modifier.PUBLIC, Modifier.ABSTRACT);
    String comment = comments.ofMethod(index, at);
    if (!comment.isEmpty()) {
      method.addJavadoc("$L\n", comment);
    }
    AnnotationSpec annotation = rpcMethod(service, rpc);
    if (!annotation.members().isEmpty()) {
      method.addAnnotation(annotation);
    }
    if (rpc.getOptions().getDeprecated()) {
      method.addAnnotation(Deprecated.class);
    }
    if (!rpc.getClientStreaming()) {
      method.addParameter(request, "request");
    }
    return method
        .returns(blocking ? reply : future(rpc, request, reply))
        .addParameter(ArrayTypeName.of(CALL_OPTION), "options")
        .varargs()
        .build();
  }

  private AnnotationSpec rpcMethod(ServiceDescriptorProto service, MethodDescriptorProto rpc) {
    AnnotationSpec.Builder annotation = AnnotationSpec.builder(RPC_METHOD);
    String java = JavaNames.method(rpc.getName());
    String byDefault = Character.toUpperCase(java.charAt(0)) + java.substring(1);
    if (parameters.paths()) {
      String scope = file.getPackage().isEmpty() ? "" : file.getPackage() + ".";
      annotation.addMember("value", "$S", "/" + scope + service.getName() + "/" + rpc.getName());
    } else if (!byDefault.equals(rpc.getName())) {
      annotation.addMember("value", "$S", service.getName() + "." + rpc.getName());
    }
    IdempotencyLevel level = rpc.getOptions().getIdempotencyLevel();
    if (level != IdempotencyLevel.IDEMPOTENCY_UNKNOWN) {
      annotation.addMember("idempotent", "true");
    }
    return annotation.build();
  }

  private static TypeName future(MethodDescriptorProto rpc, TypeName request, TypeName reply) {
    return ParameterizedTypeName.get(
        FUTURE, isStream(rpc) ? ParameterizedTypeName.get(RPC_STREAM, request, reply) : reply);
  }

  private static boolean isStream(MethodDescriptorProto rpc) {
    return rpc.getClientStreaming() || rpc.getServerStreaming();
  }
}
