// SPDX-License-Identifier: Apache-2.0

/**
 * What a call costs: JMH benchmarks of selection, and one load program that runs this runtime and
 * others side by side. Start reading at {@link dev.vertxmicro.benchmarks.SideBySide}.
 */
@NullMarked
package dev.vertxmicro.benchmarks;

import org.jspecify.annotations.NullMarked;
