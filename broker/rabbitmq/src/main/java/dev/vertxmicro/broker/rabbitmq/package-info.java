// SPDX-License-Identifier: Apache-2.0

/**
 * A broker on RabbitMQ that speaks with go-micro's: every publish confirmed, every event
 * acknowledged. Start reading at {@link dev.vertxmicro.broker.rabbitmq.RabbitBroker}.
 */
@NullMarked
package dev.vertxmicro.broker.rabbitmq;

import org.jspecify.annotations.NullMarked;
