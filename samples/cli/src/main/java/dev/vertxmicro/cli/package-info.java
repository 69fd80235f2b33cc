// SPDX-License-Identifier: Apache-2.0

/**
 * The command line {@code ./micro services}, {@code call} and so on, for people and scripts. Start
 * reading at {@link dev.vertxmicro.cli.MicroCommand}.
 */
@NullMarked
package dev.vertxmicro.cli;

import org.jspecify.annotations.NullMarked;
