// SPDX-License-Identifier: Apache-2.0

/**
 * A broker on NATS that speaks with go-micro's: at most once on core NATS, at least once on
 * JetStream. Start reading at {@link dev.vertxmicro.broker.nats.NatsBroker}.
 */
@NullMarked
package dev.vertxmicro.broker.nats;

import org.jspecify.annotations.NullMarked;
