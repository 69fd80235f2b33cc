// SPDX-License-Identifier: Apache-2.0

/**
 * The one clock. Nothing else in vertx-micro reads time or arms a timer. Start reading at {@link
 * dev.vertxmicro.time.TimeSource}.
 */
@NullMarked
package dev.vertxmicro.time;

import org.jspecify.annotations.NullMarked;
