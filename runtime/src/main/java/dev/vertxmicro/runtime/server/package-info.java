// SPDX-License-Identifier: Apache-2.0

/**
 * Serves endpoints over gRPC so that this runtime, go-micro and plain gRPC clients can call them,
 * and keeps the node registered while it does. Start reading at {@link
 * dev.vertxmicro.runtime.server.RpcServer}.
 */
@NullMarked
package dev.vertxmicro.runtime.server;

import org.jspecify.annotations.NullMarked;
