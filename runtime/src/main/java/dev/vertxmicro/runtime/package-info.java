// SPDX-License-Identifier: Apache-2.0

/**
 * The RPC client. A call walks down {@link dev.vertxmicro.runtime.RpcClient}, its client wrappers,
 * {@code RuntimeRpcClient}, {@code CallPlan}, {@code AttemptLoop}, {@code Attempt}, its call
 * wrappers and a transport; the reply comes back the same way. Start reading at {@link
 * dev.vertxmicro.runtime.RpcClient}.
 */
@NullMarked
package dev.vertxmicro.runtime;

import org.jspecify.annotations.NullMarked;
