// SPDX-License-Identifier: Apache-2.0

/**
 * Moves messages to one node and back. Knows nothing of calls, retries or selection. Start reading
 * at {@link dev.vertxmicro.runtime.transport.Transport}.
 */
@NullMarked
package dev.vertxmicro.runtime.transport;

import org.jspecify.annotations.NullMarked;
