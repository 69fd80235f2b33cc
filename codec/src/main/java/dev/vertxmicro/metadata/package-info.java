// SPDX-License-Identifier: Apache-2.0

/**
 * Headers of calls and messages, looked up without case. Start reading at {@link
 * dev.vertxmicro.metadata.Metadata}.
 */
@NullMarked
package dev.vertxmicro.metadata;

import org.jspecify.annotations.NullMarked;
