// SPDX-License-Identifier: Apache-2.0

/**
 * The health of a client as checks of {@code vertx-health-check}, which applications that use this
 * package bring along; nothing else of the runtime needs it. Start reading at {@link
 * dev.vertxmicro.runtime.health.RpcHealthChecks}.
 */
@NullMarked
package dev.vertxmicro.runtime.health;

import org.jspecify.annotations.NullMarked;
