// SPDX-License-Identifier: Apache-2.0

/**
 * Publish and subscribe: events on topics, to every subscriber or to one of a queue group. Start
 * reading at {@link dev.vertxmicro.broker.Broker}.
 */
@NullMarked
package dev.vertxmicro.broker;

import org.jspecify.annotations.NullMarked;
