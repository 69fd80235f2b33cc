// SPDX-License-Identifier: Apache-2.0

/** Writes stubs for annotated interfaces; used by the compiler only. */
module dev.vertxmicro.processor {
  requires java.compiler;
  requires com.palantir.javapoet;
  requires static org.jspecify;

  provides javax.annotation.processing.Processor with
      dev.vertxmicro.processor.StubProcessor;
}
