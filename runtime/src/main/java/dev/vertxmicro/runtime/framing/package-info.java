// SPDX-License-Identifier: Apache-2.0

/**
 * Messages on the wire of gRPC, for both sides of it, and the heads of HTTP/1.1 answers; not
 * exported but to other transports. Start reading at {@link
 * dev.vertxmicro.runtime.framing.MessageReader}.
 *
 * <p>A package of its own because client and server live in two that do not know each other.
 */
@NullMarked
package dev.vertxmicro.runtime.framing;

import org.jspecify.annotations.NullMarked;
