// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime;

import dev.vertxmicro.runtime.inbound.InboundCall;
import dev.vertxmicro.time.Deadline;
import io.vertx.core.Context;
import org.jspecify.annotations.Nullable;

/**
 * Where and when a call is made, and what is served there.
 *
 * @param inbound the request that is being served, or null
 * @param inherited when that ends at the latest
 * @param nanos what the clock said, in nanoseconds
 */
record Caller(Context context, @Nullable InboundCall inbound, Deadline inherited, long nanos) {}
