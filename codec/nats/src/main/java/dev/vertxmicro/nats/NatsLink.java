// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.nats;

import dev.vertxmicro.errors.GrpcStatus;
import dev.vertxmicro.errors.RpcException;
import dev.vertxmicro.time.Nanos;
import dev.vertxmicro.time.TimeSource;
import dev.vertxmicro.time.Timer;
import io.nats.client.Connection;
import io.nats.client.ConnectionListener;
import io.nats.client.Consumer;
import io.nats.client.ErrorListener;
import io.nats.client.Nats;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * The one connection of a broker or a registry: made on demand, once for all who ask, kept by jnats
 * over losses of the server, and made anew if jnats gives it up, as it does when a server refuses
 * the log-in twice. May be used from any thread.
 */
public final class NatsLink {

  /** Who lives on the connection. Called on threads that may block. */
  public interface Tenant {

    /** Takes a new connection into use; if it throws, the connection is closed. */
    void opened(Connection connection) throws Exception;

    /** Tells that the connection is lost for now. */
    void lost();

    /** Tells that jnats has got the connection back. */
    void back(Connection connection);
  }

  private static final Logger LOG = System.getLogger(NatsLink.class.getName());

  private final Vertx vertx;
  private final Context own;
  private final TimeSource time;
  private final NatsOptions<?> options;
  private final Tenant tenant;
  private final ReentrantLock lock = new ReentrantLock();

  // Guarded by the lock.
  private @Nullable Future<Void> connecting;
  private @Nullable Connection connection;
  private boolean closed;

  // Touched on our own context only.
  private @Nullable Timer again;

  /**
   * Makes a link that is not connected yet.
   *
   * @param options of which this keeps no copy
   * @throws IllegalArgumentException if the options hold several ways to log in, or half of one
   */
  public NatsLink(Vertx vertx, TimeSource time, NatsOptions<?> options, Tenant tenant) {
    ConnectOptions.check(options);
    this.vertx = vertx;
    this.own = vertx.getOrCreateContext();
    this.time = time;
    this.options = options;
    this.tenant = tenant;
  }

  /** Connects, unless that is done or under way. A failed attempt is forgotten. */
  public Future<Void> connect() {
    lock.lock();
    try {
      if (closed) {
        return Future.failedFuture(unavailable("closed", null));
      }
      Future<Void> joined = connecting;
      if (joined == null) {
        joined = vertx.executeBlocking(this::open, false);
        connecting = joined;
        Future<Void> attempt = joined;
        joined.onFailure(failure -> forget(attempt));
      }
      return joined;
    } finally {
      lock.unlock();
    }
  }

  private void forget(Future<Void> attempt) {
    lock.lock();
    try {
      if (connecting == attempt) {
        connecting = null;
      }
    } finally {
      lock.unlock();
    }
  }

  /** Blocks. */
  private @Nullable Void open() {
    Events events = new Events();
    Connection made = null;
    try {
      made = Nats.connect(ConnectOptions.of(options, vertx, events, events));
      lock.lock();
      try {
        if (closed) {
          throw unavailable("closed", null);
        }
        connection = made;
      } finally {
        lock.unlock();
      }
      tenant.opened(made);
      return null;
    } catch (Exception failure) {
      if (failure instanceof InterruptedException) {
        Thread.currentThread().interrupt();
      }
      if (made != null) {
        discard(made);
      }
      throw failure instanceof RpcException rpc
          ? rpc
          : unavailable("no connection to " + options.getServers(), failure);
    }
  }

  private void discard(Connection made) {
    lock.lock();
    try {
      if (connection == made) {
        connection = null;
      }
    } finally {
      lock.unlock();
    }
    try {
      made.close();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** jnats has given the connection up: makes another, for as long as it takes. */
  private void onGivenUp(Connection over) {
    lock.lock();
    try {
      if (closed || connection != over) {
        return;
      }
      connection = null;
      connecting = null;
    } finally {
      lock.unlock();
    }
    tenant.lost();
    LOG.log(Level.WARNING, "nats: the connection was given up, {0}", over.getLastError());
    own.runOnContext(run -> reconnectLater());
  }

  private void reconnectLater() {
    again =
        time.timer(
            Nanos.of(options.getReconnectWait()),
            () ->
                connect()
                    .onFailure(
                        failure -> {
                          if (!isClosed()) {
                            LOG.log(Level.DEBUG, "nats: still no connection", failure);
                            own.runOnContext(run -> reconnectLater());
                          }
                        }));
  }

  private boolean isClosed() {
    lock.lock();
    try {
      return closed;
    } finally {
      lock.unlock();
    }
  }

  /** Returns the connection, or null if there is none; it may be lost for now. */
  public @Nullable Connection connection() {
    lock.lock();
    try {
      return connection;
    } finally {
      lock.unlock();
    }
  }

  /** Refuses to connect from now on. */
  public void refuse() {
    lock.lock();
    try {
      closed = true;
    } finally {
      lock.unlock();
    }
    try {
      own.runOnContext(
          run -> {
            if (again != null) {
              again.cancel();
            }
          });
    } catch (RejectedExecutionException ended) {
      LOG.log(Level.DEBUG, "nats: Vert.x has ended, and its timers with it");
    }
  }

  /** Closes the connection, after {@link #refuse}; soon if the Vert.x instance has ended. */
  public Future<Void> close() {
    Future<Void> pending;
    lock.lock();
    try {
      pending = connecting == null ? Future.succeededFuture() : connecting;
    } finally {
      lock.unlock();
    }
    try {
      return pending.transform(done -> vertx.executeBlocking(this::discardLast, false));
    } catch (RejectedExecutionException ended) {
      // This may be a thread of the connection, which cannot wait for its own end.
      Thread last = new Thread(this::discardLast, "closing-nats");
      last.setDaemon(true);
      last.start();
      return Future.succeededFuture();
    }
  }

  private @Nullable Void discardLast() {
    Connection last = connection();
    if (last != null) {
      discard(last);
    }
    return null;
  }

  /** Returns the failure, code 503, of what cannot be done without a connection. */
  public static RpcException unavailable(String why, @Nullable Throwable cause) {
    String detail = cause == null ? why : why + ": " + cause.getMessage();
    return RpcException.client(GrpcStatus.UNAVAILABLE, "nats: " + detail).cause(cause).build();
  }

  /** What jnats tells of one connection, in order, on a thread for that. */
  private final class Events implements ConnectionListener, ErrorListener {

    /** The one method of the interface that must be there; jnats calls the other. */
    @Override
    @SuppressWarnings("deprecation")
    public void connectionEvent(Connection over, ConnectionListener.Events event) {
      connectionEvent(over, event, 0L, "");
    }

    @Override
    public void connectionEvent(
        Connection over, ConnectionListener.Events event, Long time, String uri) {
      switch (event) {
        case DISCONNECTED -> {
          LOG.log(Level.DEBUG, "nats: {0} lost", uri);
          if (connection() == over) {
            tenant.lost();
          }
        }
        case RECONNECTED -> {
          LOG.log(Level.DEBUG, "nats: back on {0}", uri);
          if (connection() == over) {
            tenant.back(over);
          }
        }
        case CLOSED -> onGivenUp(over);
        default -> LOG.log(Level.TRACE, "nats: {0}", event);
      }
    }

    @Override
    public void errorOccurred(Connection over, String error) {
      LOG.log(Level.WARNING, "nats: the server says {0}", error);
    }

    @Override
    public void exceptionOccurred(Connection over, Exception exception) {
      LOG.log(Level.DEBUG, "nats: {0}", exception.toString());
    }

    /** Cannot happen but for a subscriber whose payloads come quicker than they can be read. */
    @Override
    public void slowConsumerDetected(Connection over, Consumer consumer) {
      LOG.log(
          Level.WARNING,
          "nats: events lost before they were read, {0} so far",
          consumer.getDroppedCount());
    }
  }
}
