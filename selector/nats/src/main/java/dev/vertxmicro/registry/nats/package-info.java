// SPDX-License-Identifier: Apache-2.0

/**
 * A registry over NATS that go-micro processes share. Start reading at {@link
 * dev.vertxmicro.registry.nats.NatsRegistry}.
 */
@NullMarked
package dev.vertxmicro.registry.nats;

import org.jspecify.annotations.NullMarked;
