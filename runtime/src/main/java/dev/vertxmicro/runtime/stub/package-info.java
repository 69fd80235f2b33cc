// SPDX-License-Identifier: Apache-2.0

/**
 * Stubs: an annotated interface becomes a typed client of one service, and a typed way to serve it.
 * The code is written at compile time by the annotation processor of the module {@code
 * runtime/processor}, which belongs on the processor path of the compiler. Start reading at {@link
 * dev.vertxmicro.runtime.stub.RpcService}.
 */
@NullMarked
package dev.vertxmicro.runtime.stub;

import org.jspecify.annotations.NullMarked;
