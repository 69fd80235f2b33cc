// SPDX-License-Identifier: Apache-2.0

/**
 * The protoc plug-in that writes an {@code @RpcService} interface for each service of a .proto
 * file. Start reading at {@link dev.vertxmicro.protoc.StubPlugin}.
 */
@NullMarked
package dev.vertxmicro.protoc;

import org.jspecify.annotations.NullMarked;
