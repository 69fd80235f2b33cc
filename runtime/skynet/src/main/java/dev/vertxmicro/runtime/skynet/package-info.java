// SPDX-License-Identifier: Apache-2.0

/**
 * skynet's cluster protocol as a transport of the runtime, with its values, its table of nodes and
 * a node in Java. Start reading at {@link dev.vertxmicro.runtime.skynet.SkynetTransport}; values
 * are in {@link dev.vertxmicro.runtime.skynet.LuaValues}.
 */
@NullMarked
package dev.vertxmicro.runtime.skynet;

import org.jspecify.annotations.NullMarked;
