// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.websocket;

import dev.vertxmicro.errors.GrpcStatus;
import dev.vertxmicro.runtime.transport.PoolLimits;
import dev.vertxmicro.runtime.transport.Transport;
import dev.vertxmicro.runtime.transport.TransportContract;
import dev.vertxmicro.runtime.transport.TransportObserver;
import dev.vertxmicro.runtime.transport.TransportPeer;
import dev.vertxmicro.time.TimeSource;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonObject;

/**
 * The contract of transports as far as the cluster's protocol goes: bodies are JSON objects, there
 * is no metadata, there are no trailers, no time that remains, no cancel of calls, and errors are
 * texts. The contract of streams is for streams that go both ways and end: see {@link StreamsTest}.
 */
class WebSocketTransportIT extends TransportContract {

  @Override
  protected Transport transport(
      Vertx vertx, TimeSource time, TransportObserver observer, PoolLimits limits) {
    return new WebSocketTransports().create(vertx, time, observer, limits);
  }

  @Override
  protected TransportPeer peer(Vertx vertx) {
    return WebSocketPeer.start(vertx);
  }

  @Override
  protected Buffer pack(Buffer content) {
    return new JsonObject().put("content", content).toBuffer();
  }

  @Override
  protected Buffer unpack(Buffer body) {
    return body.toJsonObject().getBuffer("content");
  }

  /**
   * An object of that length if it is one of 8 or more, else none or the shortest with a member.
   */
  @Override
  protected Buffer sized(int bytes) {
    if (bytes == 0) {
      return Buffer.buffer();
    }
    return Buffer.buffer("{\"a\":\"" + "x".repeat(Math.max(0, bytes - 8)) + "\"}");
  }

  @Override
  protected boolean tellsCancel() {
    return false;
  }

  @Override
  protected boolean carriesMetadata() {
    return false;
  }

  @Override
  protected boolean tellsDeadline() {
    return false;
  }

  @Override
  protected boolean carriesErrors() {
    return false;
  }

  /** Whatever the peer fails with is a text. */
  @Override
  protected GrpcStatus arrivesAs(GrpcStatus status) {
    return GrpcStatus.UNKNOWN;
  }
}
