// SPDX-License-Identifier: Apache-2.0

/**
 * When to try again, after how long, and how often over all calls. Knows nothing of requests and
 * clients. Start reading at {@link dev.vertxmicro.runtime.retry.RetryPolicy}.
 */
@NullMarked
package dev.vertxmicro.runtime.retry;

import org.jspecify.annotations.NullMarked;
