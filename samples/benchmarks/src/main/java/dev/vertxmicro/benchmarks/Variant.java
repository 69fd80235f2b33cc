// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.benchmarks;

/** The clients that are compared. */
enum Variant {
  /** vertx-grpc-client as it is, with a deadline for each call. */
  VERTX_GRPC("raw vertx-grpc-client"),
  /** This runtime with all its defaults. */
  VERTX_MICRO("vertx-micro"),
  /** grpc-java, round_robin, callbacks on its event loop. */
  GRPC_JAVA_DIRECT("grpc-java directExecutor"),
  /** grpc-java, round_robin, callbacks on its default executor. */
  GRPC_JAVA("grpc-java default executor"),
  /** Armeria's unary gRPC client. */
  ARMERIA("Armeria UnaryGrpcClient");

  private final String title;

  Variant(String title) {
    this.title = title;
  }

  String title() {
    return title;
  }

  Load open(int port) {
    return switch (this) {
      case VERTX_GRPC -> new VertxGrpcLoad(port);
      case VERTX_MICRO -> new VertxMicroLoad(port);
      case GRPC_JAVA_DIRECT -> new GrpcJavaLoad(port, true);
      case GRPC_JAVA -> new GrpcJavaLoad(port, false);
      case ARMERIA -> new ArmeriaLoad(port);
    };
  }
}
