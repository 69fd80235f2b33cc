// SPDX-License-Identifier: Apache-2.0

/**
 * What the request that is being served on a context brought along for the calls made while serving
 * it. Start reading at {@link dev.vertxmicro.runtime.inbound.InboundCall}.
 */
@NullMarked
package dev.vertxmicro.runtime.inbound;

import org.jspecify.annotations.NullMarked;
