// SPDX-License-Identifier: Apache-2.0

/**
 * A cluster of the kind that {@code ClusterRequester} asks: it starts programs on this machine and
 * watches over them; and the demo that asks it. Start reading at {@link
 * dev.vertxmicro.samples.cluster.RequesterDemo}, or for the other side at {@link
 * dev.vertxmicro.samples.cluster.ClusterServer}.
 */
@NullMarked
package dev.vertxmicro.samples.cluster;

import org.jspecify.annotations.NullMarked;
