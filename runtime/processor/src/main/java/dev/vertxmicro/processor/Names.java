// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.processor;

import com.palantir.javapoet.ClassName;

/** The types that generated code uses and that signatures are checked against. */
final class Names {

  static final String RPC_SERVICE = "dev.vertxmicro.runtime.stub.RpcService";
  static final String RPC_METHOD = "dev.vertxmicro.runtime.stub.RpcMethod";
  static final String RPC_PUBLISH = "dev.vertxmicro.runtime.stub.RpcPublish";

  static final String FUTURE = "io.vertx.core.Future";
  static final String RPC_STREAM = "dev.vertxmicro.runtime.RpcStream";
  static final String CALL_OPTION = "dev.vertxmicro.runtime.CallOption";
  static final String PUBLISH_OPTION = "dev.vertxmicro.broker.PublishOption";

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
  static final ClassName OwnOptions = ClassName.get("dev.vertxmicro.runtime.stub", "OwnOptions");
  static final ClassName SelectOption = ClassName.get("dev.vertxmicro.selector", "SelectOption");
  static final ClassName TypeRef = ClassName.get("dev.vertxmicro.codec", "TypeRef");
  static final ClassName RpcServer = ClassName.get("dev.vertxmicro.runtime.server", "RpcServer");
  static final ClassName ServerCall = ClassName.get("dev.vertxmicro.runtime.server", "ServerCall");
  static final ClassName ServerStream =
      ClassName.get("dev.vertxmicro.runtime.server", "ServerStream");

  private Names() {}
}
