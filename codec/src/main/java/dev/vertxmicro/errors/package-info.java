// SPDX-License-Identifier: Apache-2.0

/**
 * What failed, as it looks on the wire and to the caller. Start reading at {@link
 * dev.vertxmicro.errors.RpcException}.
 */
@NullMarked
package dev.vertxmicro.errors;

import org.jspecify.annotations.NullMarked;
