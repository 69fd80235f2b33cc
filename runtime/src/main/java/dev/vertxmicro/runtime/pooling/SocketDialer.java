// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.pooling;

import dev.vertxmicro.time.Nanos;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.net.ConnectOptions;
import io.vertx.core.net.NetClient;
import io.vertx.core.net.NetClientOptions;
import io.vertx.core.net.NetSocket;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Opens the sockets of one event loop, to which it belongs.
 *
 * <p>Its client is made with the first socket, as the context of the loop, so that no verticle
 * closes it. It is held for as long as there may be sockets: Vert.x closes those of a client that
 * nothing references.
 */
public final class SocketDialer {

  private final Context context;
  private @Nullable NetClient client;

  /** Makes one without a client, for the loop that {@code context} belongs to. */
  public SocketDialer(Context context) {
    this.context = context;
  }

  /** Opens a socket, or fails after {@code timeout}. Runs as the context of the loop. */
  public Future<NetSocket> connect(ConnectOptions to, Duration timeout) {
    NetClient through = client;
    if (through == null) {
      NetClientOptions options = new NetClientOptions().setTcpKeepAlive(true).setTcpNoDelay(true);
      through = context.owner().createNetClient(options);
      client = through;
    }
    to.setTimeout((int) Math.min(Integer.MAX_VALUE, Math.max(1, Nanos.millis(timeout))));
    try {
      return through.connect(to);
    } catch (RuntimeException badOptions) {
      return Future.failedFuture(badOptions);
    }
  }

  /** Frees the client; all sockets are gone. */
  public Future<Void> close() {
    NetClient unused = client;
    client = null;
    return unused == null ? Future.succeededFuture() : unused.close();
  }
}
