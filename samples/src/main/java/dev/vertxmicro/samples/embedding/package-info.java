// SPDX-License-Identifier: Apache-2.0

/**
 * Clients in verticles: one for each instance, and one for all. Start reading at {@link
 * dev.vertxmicro.samples.embedding.OwnClientVerticle}.
 */
@NullMarked
package dev.vertxmicro.samples.embedding;

import org.jspecify.annotations.NullMarked;
