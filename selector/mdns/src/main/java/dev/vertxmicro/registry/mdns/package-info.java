// SPDX-License-Identifier: Apache-2.0

/**
 * A registry over multicast DNS that go-micro processes share. Start reading at {@link
 * dev.vertxmicro.registry.mdns.MdnsRegistry}.
 */
@NullMarked
package dev.vertxmicro.registry.mdns;

import org.jspecify.annotations.NullMarked;
