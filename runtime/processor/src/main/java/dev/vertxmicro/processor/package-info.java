// SPDX-License-Identifier: Apache-2.0

/**
 * The annotation processor that writes the stubs of {@code @RpcService} interfaces. It knows the
 * runtime by the names of its types only. Start reading at {@link
 * dev.vertxmicro.processor.StubProcessor}.
 */
@NullMarked
package dev.vertxmicro.processor;

import org.jspecify.annotations.NullMarked;
