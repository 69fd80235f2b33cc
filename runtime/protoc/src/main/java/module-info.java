// SPDX-License-Identifier: Apache-2.0

/** Writes annotated interfaces for services of .proto files; run by protoc only. */
module dev.vertxmicro.protoc {
  requires com.google.protobuf;
  requires com.palantir.javapoet;
  requires java.compiler;
  requires static org.jspecify;
}
