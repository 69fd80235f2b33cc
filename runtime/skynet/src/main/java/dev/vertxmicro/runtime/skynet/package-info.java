// SPDX-License-Identifier: Apache-2.0

/**
 * skynet's cluster: its values in {@link dev.vertxmicro.runtime.skynet.LuaSeri}. Start reading at
 * {@link dev.vertxmicro.runtime.skynet.LuaValues}.
 */
@NullMarked
package dev.vertxmicro.runtime.skynet;

import org.jspecify.annotations.NullMarked;
