// SPDX-License-Identifier: Apache-2.0

/**
 * An annotated interface with every kind of method, who serves it and who calls it. Start reading
 * at {@link dev.vertxmicro.samples.stubs.Warehouse}.
 */
@NullMarked
package dev.vertxmicro.samples.stubs;

import org.jspecify.annotations.NullMarked;
