// SPDX-License-Identifier: Apache-2.0

/**
 * Calls over WebSockets: each message is one JSON object, replies belong to requests by {@code
 * op_id}, events to streams by {@code stream_id}. Start reading at {@link
 * dev.vertxmicro.runtime.websocket.WebSocketTransport}; the cluster that speaks so, typed, is
 * {@link dev.vertxmicro.runtime.websocket.cluster.ClusterRequester}.
 */
@NullMarked
package dev.vertxmicro.runtime.websocket;

import org.jspecify.annotations.NullMarked;
