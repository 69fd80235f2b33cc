// SPDX-License-Identifier: Apache-2.0

/**
 * Services, their nodes, and the registries that know them. Start reading at {@link
 * dev.vertxmicro.registry.Registry}.
 */
@NullMarked
package dev.vertxmicro.registry;

import org.jspecify.annotations.NullMarked;
