// SPDX-License-Identifier: Apache-2.0

/**
 * Values to bytes and back, by content type, and the one message that every transport and broker
 * carries. Start reading at {@link dev.vertxmicro.codec.Codecs}.
 */
@NullMarked
package dev.vertxmicro.codec;

import org.jspecify.annotations.NullMarked;
