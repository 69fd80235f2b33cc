// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.processor;

import com.palantir.javapoet.ClassName;
import java.util.Set;

/** The types that generated code uses and that signatures are checked against. */
final class Names {

  static final String RPC_SERVICE = "dev.vertxmicro.runtime.stub.RpcService";
  static final String RPC_METHOD = "dev.vertxmicro.runtime.stub.RpcMethod";
  static final String RPC_PUBLISH = "dev.vertxmicro.runtime.stub.RpcPublish";

  static final String FUTURE = "io.vertx.core.Future";
  static final String RPC_STREAM = "dev.vertxmicro.runtime.RpcStream";
  static final String CALL_OPTION = "dev.vertxmicro.runtime.CallOption";
  static final String PUBLISH_OPTION = "dev.vertxmicro.broker.PublishOption";

  /** Ways to wait that are taken for replies where somebody is used to other libraries. */
  static final Set<String> NO_VALUES =
      Set.of(
          FUTURE,
          RPC_STREAM,
          "io.vertx.core.Promise",
          "io.vertx.core.streams.ReadStream",
          "io.vertx.core.streams.WriteStream",
          "java.util.concurrent.Future",
          "java.util.concurrent.CompletionStage",
          "java.util.concurrent.CompletableFuture",
          "java.util.concurrent.Flow.Publisher",
          "java.util.stream.Stream",
          "org.reactivestreams.Publisher",
          "io.reactivex.rxjava3.core.Completable",
          "io.reactivex.rxjava3.core.Flowable",
          "io.reactivex.rxjava3.core.Maybe",
          "io.reactivex.rxjava3.core.Observable",
          "io.reactivex.rxjava3.core.Single",
          "io.smallrye.mutiny.Multi",
          "io.smallrye.mutiny.Uni");

  static final ClassName Future = ClassName.bestGuess(FUTURE);
  static final ClassName RpcStream = ClassName.bestGuess(RPC_STREAM);
  static final ClassName CallOption = ClassName.bestGuess(CALL_OPTION);
  static final ClassName PublishOption = ClassName.bestGuess(PUBLISH_OPTION);
  static final ClassName Duration = ClassName.get("java.time", "Duration");
  static final ClassName Objects = ClassName.get("java.util", "Objects");
  static final ClassName RpcClient = ClassName.get("dev.vertxmicro.runtime", "RpcClient");
  static final ClassName Request = ClassName.get("dev.vertxmicro.runtime", "Request");
  static final ClassName Publication = ClassName.get("dev.vertxmicro.runtime", "Publication");
  static final ClassName Blocking = ClassName.get("dev.vertxmicro.runtime.stub", "Blocking");
  static final ClassName Buffer = ClassName.get("io.vertx.core.buffer", "Buffer");
  static final ClassName NoReply = ClassName.get("dev.vertxmicro.runtime.stub", "NoReply");
  static final ClassName OwnOptions = ClassName.get("dev.vertxmicro.runtime.stub", "OwnOptions");
  static final ClassName SelectOption = ClassName.get("dev.vertxmicro.selector", "SelectOption");
  static final ClassName TypeRef = ClassName.get("dev.vertxmicro.codec", "TypeRef");
  static final ClassName RpcServer = ClassName.get("dev.vertxmicro.runtime.server", "RpcServer");
  static final ClassName ServerCall = ClassName.get("dev.vertxmicro.runtime.server", "ServerCall");
  static final ClassName ServerStream =
      ClassName.get("dev.vertxmicro.runtime.server", "ServerStream");

  private Names() {}
}
