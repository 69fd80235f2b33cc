// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.cli;

import com.google.protobuf.ByteString;
import com.google.protobuf.DescriptorProtos.FileDescriptorProto;
import com.google.protobuf.InvalidProtocolBufferException;
import dev.vertxmicro.cli.reflection.Answer;
import dev.vertxmicro.cli.reflection.Question;
import dev.vertxmicro.cli.reflection.ServiceName;
import dev.vertxmicro.errors.GrpcStatus;
import dev.vertxmicro.errors.RpcException;
import dev.vertxmicro.runtime.CallOption;
import dev.vertxmicro.runtime.Request;
import dev.vertxmicro.runtime.RpcClient;
import dev.vertxmicro.runtime.RpcStream;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.buffer.Buffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * Asks a gRPC server which services it has and what their messages are: server reflection, v1 and,
 * of servers that do not know it, v1alpha. Each question is a stream of its own.
 */
final class Reflection {

  private static final List<String> PATHS =
      List.of(
          "/grpc.reflection.v1.ServerReflection/ServerReflectionInfo",
          "/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo");

  private static final Duration PATIENCE = Duration.ofSeconds(5);

  private final RpcClient client;
  private final String address;
  private final String path;

  private Reflection(RpcClient client, String address, String path) {
    this.client = client;
    this.address = address;
    this.path = path;
  }

  /**
   * Returns the files that describe the services of a server; fails with UNIMPLEMENTED if it does
   * not describe itself.
   */
  static Future<List<FileDescriptorProto>> files(RpcClient client, String address) {
    return files(client, address, 0);
  }

  private static Future<List<FileDescriptorProto>> files(
      RpcClient client, String address, int version) {
    return new Reflection(client, address, PATHS.get(version))
        .all()
        .recover(
            failure ->
                version + 1 < PATHS.size()
                        && RpcException.from(failure).grpcStatus() == GrpcStatus.UNIMPLEMENTED
                    ? files(client, address, version + 1)
                    : Future.failedFuture(failure));
  }

  private Future<List<FileDescriptorProto>> all() {
    List<FileDescriptorProto> files = new ArrayList<>();
    return ask(Question.newBuilder().setAllServices("*").build())
        .compose(
            answer -> {
              Future<Void> asked = Future.succeededFuture();
              for (ServiceName service : answer.getServices().getServiceList()) {
                asked = asked.compose(before -> symbol(service.getName(), files));
              }
              return asked;
            })
        .map(files);
  }

  private Future<Void> symbol(String name, List<FileDescriptorProto> files) {
    return ask(Question.newBuilder().setFileWithSymbol(name).build())
        .compose(answer -> add(answer, files));
  }

  /** Servers may send what a file imports along with it, or wait to be asked. */
  private Future<Void> add(Answer answer, List<FileDescriptorProto> files) {
    List<String> missing = new ArrayList<>();
    for (ByteString bytes : answer.getFiles().getFileList()) {
      FileDescriptorProto file;
      try {
        file = FileDescriptorProto.parseFrom(bytes);
      } catch (InvalidProtocolBufferException malformed) {
        return Future.failedFuture(unreadable(malformed));
      }
      if (!has(files, file.getName())) {
        files.add(file);
      }
    }
    for (FileDescriptorProto file : files) {
      file.getDependencyList().stream()
          .filter(name -> !has(files, name) && !missing.contains(name))
          .forEach(missing::add);
    }
    Future<Void> asked = Future.succeededFuture();
    for (String name : missing) {
      asked =
          asked.compose(
              before ->
                  has(files, name)
                      ? Future.succeededFuture()
                      : ask(Question.newBuilder().setFileByName(name).build())
                          .compose(more -> add(more, files)));
    }
    return asked;
  }

  private static boolean has(List<FileDescriptorProto> files, String name) {
    return files.stream().anyMatch(file -> file.getName().equals(name));
  }

  private Future<Answer> ask(Question question) {
    Promise<Answer> promise = Promise.promise();
    Buffer body = Buffer.buffer(question.toByteArray());
    client.stream(
            Request.of("", path, body, Buffer.class),
            CallOption.address(address),
            CallOption.contentType("application/grpc+proto"),
            CallOption.timeout(PATIENCE),
            CallOption.streamTimeout(PATIENCE))
        .onSuccess(stream -> read(stream, promise))
        .onFailure(promise::tryFail);
    return promise.future();
  }

  private static void read(RpcStream<Buffer, Buffer> stream, Promise<Answer> promise) {
    stream
        .handler(
            bytes -> {
              try {
                Answer answer = Answer.parseFrom(bytes.getBytes());
                if (answer.hasRefusal()) {
                  promise.tryFail(
                      RpcException.client(
                              GrpcStatus.ofCode(answer.getRefusal().getCode()),
                              "reflection: " + answer.getRefusal().getMessage())
                          .build());
                } else {
                  promise.tryComplete(answer);
                }
              } catch (InvalidProtocolBufferException malformed) {
                promise.tryFail(unreadable(malformed));
              }
            })
        .exceptionHandler(promise::tryFail)
        .endHandler(
            end ->
                promise.tryFail(
                    RpcException.client(GrpcStatus.INTERNAL, "reflection: no answer").build()))
        .resume();
  }

  private static RpcException unreadable(Exception cause) {
    return RpcException.client(GrpcStatus.INTERNAL, "reflection: " + cause.getMessage())
        .cause(cause)
        .build();
  }
}
