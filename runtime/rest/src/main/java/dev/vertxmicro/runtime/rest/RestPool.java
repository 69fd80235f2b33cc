// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.rest;

import dev.vertxmicro.registry.Node;
import dev.vertxmicro.runtime.pooling.ExclusiveNode;
import dev.vertxmicro.runtime.pooling.ExclusivePool;
import io.vertx.core.Future;
import io.vertx.core.net.NetSocket;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The connections of one event loop to one node, and its streams, which have their own. */
final class RestPool extends ExclusivePool<RestConnection, RestCall, RestPool> {

  private final RestLoop loop;
  private final Node node;
  private final RestAddress target;
  private final Set<RestStream> streams = new HashSet<>();

  RestPool(
      RestLoop loop, Node node, String key, RestAddress target, ExclusiveNode<RestPool> shared) {
    super(loop, key, shared);
    this.loop = loop;
    this.node = node;
    this.target = target;
  }

  @Override
  protected RestPool self() {
    return this;
  }

  @Override
  protected Future<NetSocket> openSocket(Duration timeout) {
    return loop.connect(node, target, timeout);
  }

  @Override
  protected RestConnection newConnection(NetSocket socket) {
    RestConnection connection = new RestConnection(this, socket, loop.jitter());
    connection.start();
    return connection;
  }

  RestLoop loop() {
    return loop;
  }

  /** Returns the node for which the pool was made; only its address and its wish for TLS matter. */
  Node node() {
    return node;
  }

  RestAddress target() {
    return target;
  }

  /** Gives a stream its place; false if there are too many. */
  boolean addStream(RestStream stream) {
    return takeStreamPlace(loop.options().getMaxStreamsPerNode()) && streams.add(stream);
  }

  void removeStream(RestStream stream) {
    if (streams.remove(stream)) {
      giveStreamPlaceBack();
    }
  }

  /** Lends a stream a connection that nobody uses; null if there is none. */
  @Nullable RestConnection lendToStream() {
    return lend();
  }

  /** Makes a connection for a stream, beside those of the pool. */
  RestConnection connectionOfStream(NetSocket socket) {
    socketOpened();
    RestConnection connection = newConnection(socket);
    connection.makeSurplus();
    return connection;
  }

  @Override
  public void close() {
    super.close();
    List.copyOf(streams).forEach(RestStream::closing);
  }

  @Override
  public void abort() {
    super.abort();
    List.copyOf(streams).forEach(RestStream::aborted);
  }
}
