// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.mucp;

import dev.vertxmicro.registry.Node;
import dev.vertxmicro.runtime.pooling.ExclusiveNode;
import dev.vertxmicro.runtime.pooling.ExclusivePool;
import dev.vertxmicro.runtime.pooling.NodeAddress;
import io.vertx.core.Future;
import io.vertx.core.net.NetSocket;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** The connections of one event loop to one node, and its streams, which have their own. */
final class ConnectionPool extends ExclusivePool<MucpConnection, UnaryExchange, ConnectionPool> {

  private final MucpLoop loop;
  private final Node node;
  private final NodeAddress target;
  private final String host;
  private final Set<StreamingExchange> streams = new HashSet<>();

  ConnectionPool(
      MucpLoop loop,
      Node node,
      String address,
      NodeAddress target,
      ExclusiveNode<ConnectionPool> shared) {
    super(loop, address, shared);
    this.loop = loop;
    this.node = node;
    this.target = target;
    this.host = hostHeader(target);
  }

  private static String hostHeader(NodeAddress target) {
    boolean v6 = target.host().indexOf(':') >= 0;
    return (v6 ? "[" + target.host() + "]" : target.host()) + ":" + target.port();
  }

  @Override
  protected ConnectionPool self() {
    return this;
  }

  @Override
  protected Future<NetSocket> openSocket(Duration timeout) {
    return loop.connect(target, timeout);
  }

  @Override
  protected MucpConnection newConnection(NetSocket socket) {
    MucpConnection connection = new MucpConnection(this, socket, loop.jitter());
    connection.start();
    return connection;
  }

  MucpLoop loop() {
    return loop;
  }

  /** Returns the node for which the pool was made; only its address and its wish for TLS matter. */
  Node node() {
    return node;
  }

  NodeAddress target() {
    return target;
  }

  /** Returns what stands in {@code Host}. */
  String host() {
    return host;
  }

  /** Gives a stream its place; false if there are too many. */
  boolean addStream(StreamingExchange stream) {
    return takeStreamPlace(loop.options().getMaxStreamsPerNode()) && streams.add(stream);
  }

  void removeStream(StreamingExchange stream) {
    if (streams.remove(stream)) {
      giveStreamPlaceBack();
    }
  }

  @Override
  public void close() {
    super.close();
    List.copyOf(streams).forEach(StreamingExchange::closing);
  }

  @Override
  public void abort() {
    super.abort();
    List.copyOf(streams).forEach(StreamingExchange::aborted);
  }
}
