// SPDX-License-Identifier: Apache-2.0

/**
 * Programs to read and to copy from. {@link dev.vertxmicro.samples.QuickStart} is the smallest;
 * {@link dev.vertxmicro.samples.Demo} shows what happens when nodes fail, stall and vanish. Start
 * reading at {@code QuickStart}.
 */
@NullMarked
package dev.vertxmicro.samples;

import org.jspecify.annotations.NullMarked;
