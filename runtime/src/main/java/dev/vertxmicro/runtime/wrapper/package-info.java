// SPDX-License-Identifier: Apache-2.0

/**
 * Wrappers that are ready to use: {@link dev.vertxmicro.runtime.wrapper.AuthToken}, {@link
 * dev.vertxmicro.runtime.wrapper.FromService} and {@link
 * dev.vertxmicro.runtime.wrapper.ResponseCache}. Nothing else of the runtime knows them.
 */
@NullMarked
package dev.vertxmicro.runtime.wrapper;

import org.jspecify.annotations.NullMarked;
