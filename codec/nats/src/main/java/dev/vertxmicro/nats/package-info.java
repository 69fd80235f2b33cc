// SPDX-License-Identifier: Apache-2.0

/**
 * Connections to NATS, for the broker and the registry that stand on it. Programs meet {@link
 * dev.vertxmicro.nats.NatsOptions} only, as what the options of both have in common.
 */
@NullMarked
package dev.vertxmicro.nats;

import org.jspecify.annotations.NullMarked;
