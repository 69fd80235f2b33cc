// SPDX-License-Identifier: Apache-2.0

/**
 * The cluster that runs programs when it is asked to, typed: one interface and the values of its
 * calls. Start reading at {@link dev.vertxmicro.runtime.websocket.cluster.ClusterRequester}.
 */
@NullMarked
package dev.vertxmicro.runtime.websocket.cluster;

import org.jspecify.annotations.NullMarked;
