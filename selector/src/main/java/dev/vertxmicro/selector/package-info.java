// SPDX-License-Identifier: Apache-2.0

/**
 * Choosing one node for one attempt of a call. Start reading at {@link
 * dev.vertxmicro.selector.Selector}.
 */
@NullMarked
package dev.vertxmicro.selector;

import org.jspecify.annotations.NullMarked;
