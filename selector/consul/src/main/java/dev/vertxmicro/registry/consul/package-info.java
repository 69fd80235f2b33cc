// SPDX-License-Identifier: Apache-2.0

/**
 * A registry on Consul that go-micro processes share. Start reading at {@link
 * dev.vertxmicro.registry.consul.ConsulRegistry}.
 */
@NullMarked
package dev.vertxmicro.registry.consul;

import org.jspecify.annotations.NullMarked;
