// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.protoc;

import com.google.protobuf.DescriptorProtos.Edition;
import com.google.protobuf.DescriptorProtos.FileDescriptorProto;
import com.google.protobuf.DescriptorProtos.ServiceDescriptorProto;
import com.google.protobuf.compiler.PluginProtos.CodeGeneratorRequest;
import com.google.protobuf.compiler.PluginProtos.CodeGeneratorResponse;
import com.google.protobuf.compiler.PluginProtos.CodeGeneratorResponse.Feature;
import com.palantir.javapoet.JavaFile;
import java.io.IOException;

/**
 * Writes, for each service of the .proto files that protoc is given, the interface from which the
 * annotation processor makes the stub: a .proto file is enough to call and to serve a go-micro
 * service.
 *
 * <p>Parameters, separated by commas:
 *
 * <ul>
 *   <li>{@code name=greeter}: the name in the registry, of all services of the files. Default: the
 *       package of the .proto file, which go-micro's templates name like the service, or the name
 *       of the service in lower case if there is none.
 *   <li>{@code name:pkg.Greeter=greeter}: the same for one service, by its full name.
 *   <li>{@code paths}: endpoints are {@code /pkg.Greeter/Hello}, whatever the name in the registry:
 *       for plain gRPC servers whose package differs from that name. Without it they are {@code
 *       Greeter.Hello}, which go-micro knows over every protocol.
 *   <li>{@code blocking}: also writes {@code BlockingGreeter}, whose calls block virtual threads;
 *       without the streams.
 * </ul>
 *
 * <p>protoc speaks to it by standard input and output: a request of descriptors, an answer of
 * files, or of an error that protoc shows.
 */
public final class StubPlugin {

  private StubPlugin() {}

  /** Answers the one request of protoc. */
  public static void main(String[] args) throws IOException {
    answer(CodeGeneratorRequest.parseFrom(System.in)).writeTo(System.out);
    System.out.flush();
  }

  static CodeGeneratorResponse answer(CodeGeneratorRequest request) {
    CodeGeneratorResponse.Builder answer =
        CodeGeneratorResponse.newBuilder()
            .setSupportedFeatures(
                Feature.FEATURE_PROTO3_OPTIONAL_VALUE | Feature.FEATURE_SUPPORTS_EDITIONS_VALUE)
            .setMinimumEdition(Edition.EDITION_PROTO2_VALUE)
            .setMaximumEdition(Edition.EDITION_2023_VALUE);
    try {
      Parameters parameters = Parameters.parse(request.getParameter());
      JavaTypes types = JavaTypes.of(request.getProtoFileList());
      for (FileDescriptorProto file : request.getProtoFileList()) {
        if (request.getFileToGenerateList().contains(file.getName())) {
          write(file, types, parameters, answer);
        }
      }
      return answer.build();
    } catch (Mistake mistake) {
      return answer.clearFile().setError(mistake.getMessage()).build();
    }
  }

  private static void write(
      FileDescriptorProto file,
      JavaTypes types,
      Parameters parameters,
      CodeGeneratorResponse.Builder answer) {
    for (int i = 0; i < file.getServiceCount(); i++) {
      ServiceDescriptorProto service = file.getService(i);
      InterfaceWriter writer = new InterfaceWriter(file, i, types, parameters);
      add(file, writer.write(service), answer);
      if (parameters.blocking() && writer.hasCalls(service)) {
        add(file, writer.writeBlocking(service), answer);
      }
    }
  }

  private static void add(
      FileDescriptorProto file, JavaFile written, CodeGeneratorResponse.Builder answer) {
    String name = written.typeSpec().name() + ".java";
    String path = written.packageName().replace('.', '/');
    answer
        .addFileBuilder()
        .setName(path.isEmpty() ? name : path + "/" + name)
        .setContent(
            "// Written by vertx-micro-runtime-protoc for "
                + file.getName()
                + "; do not edit.\n"
                + written);
  }
}
