// SPDX-License-Identifier: Apache-2.0

/**
 * The HTTP broker of go-micro, its default one: no server of its own, subscribers meet publishers
 * in a registry. Start reading at {@link dev.vertxmicro.broker.http.HttpBroker}; a publish goes
 * from there to {@code Outbox}, {@code Parcel}, {@code Lane} and {@code HttpPoster}, an event that
 * comes in to {@code Inlet} and {@code HttpSource}.
 */
@NullMarked
package dev.vertxmicro.broker.http;

import org.jspecify.annotations.NullMarked;
