// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.grpc;

import dev.vertxmicro.runtime.http2.ClientConnection;
import dev.vertxmicro.runtime.http2.ConnectionListener;
import dev.vertxmicro.runtime.pooling.EventLoops;
import io.vertx.core.Future;

/** An own connection in a pool. What it reports is told as the context of the loop. */
final class NettyConnection extends Connection implements ConnectionListener {

  private final ClientConnection wire;
  private final NettyHead heads;

  NettyConnection(ConnectionPool pool, Dialer dialer, ClientConnection wire, NettyHead heads) {
    super(pool, dialer);
    this.wire = wire;
    this.heads = heads;
  }

  @Override
  void listen() {
    wire.listen(this);
  }

  @Override
  long streamsOnTheWire() {
    return wire.activeStreams();
  }

  @Override
  WireStream open(PooledExchange exchange, GrpcRoute route, long remainingNanos) {
    if (wire.isOnLastNumber()) {
      retire();
    }
    return new NettyStream(wire, exchange, heads.of(exchange, route, remainingNanos));
  }

  @Override
  Future<?> ping(long data) {
    return wire.ping(data);
  }

  @Override
  Future<?> askForSettingsAck() {
    return wire.askForSettingsAck();
  }

  @Override
  void closeWire() {
    wire.shutdown();
  }

  // ---- what the connection reports

  @Override
  public void streamsAllowed(long most) {
    asLoop(() -> allowStreams(most));
  }

  @Override
  public void goAway(int lastStreamId) {
    asLoop(() -> goneAway(lastStreamId));
  }

  @Override
  public void streamClosed() {
    pool().streamIsFree();
  }

  @Override
  public void ending() {
    asLoop(this::lost);
  }

  @Override
  public void closed() {
    asLoop(this::gone);
  }

  private void asLoop(Runnable task) {
    EventLoops.dispatch(pool().loop().context(), task);
  }
}
