// SPDX-License-Identifier: Apache-2.0

/**
 * What transports with connections share: event loops and the hop there, places for connections and
 * for those that wait, addresses, and the failures of what never left; exported to this project's
 * transports only. Start reading at {@link dev.vertxmicro.runtime.pooling.NodeLoop}.
 *
 * <p>A package of its own because each transport lives in one that does not know the others.
 */
@NullMarked
package dev.vertxmicro.runtime.pooling;

import org.jspecify.annotations.NullMarked;
