// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.broker.rabbitmq;

import com.rabbitmq.client.Connection;
import com.rabbitmq.client.ShutdownSignalException;
import dev.vertxmicro.errors.RpcException;
import dev.vertxmicro.time.Nanos;
import dev.vertxmicro.time.TimeSource;
import dev.vertxmicro.time.Timer;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.net.Socket;
import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * One connection of a broker: made on demand, once for all who ask, and made anew without end when
 * it is lost. The recovery of amqp-client is off: it would set channels up again behind our back,
 * with delivery tags that start anew, and would say nothing of publishes that were not confirmed.
 *
 * <p>A write to a server that does not read blocks, and amqp-client cannot close a connection while
 * one does: its socket is kept, to be closed from here.
 */
final class RabbitLink {

  /** Who lives on the connection; that it is lost the channels tell. */
  @FunctionalInterface
  interface Tenant {

    /** Takes a new connection into use; if it throws, the connection is closed. May block. */
    void opened(Connection connection) throws Exception;
  }

  private static final Logger LOG = System.getLogger(RabbitLink.class.getName());

  private final Vertx vertx;
  private final Context own;
  private final TimeSource time;
  private final RabbitBrokerOptions options;
  private final String purpose;
  private final Tenant tenant;
  private final ReentrantLock lock = new ReentrantLock();

  // Their threads end by themselves: amqp-client wants some after its connections have closed.
  private final ExecutorService closing = threads(Integer.MAX_VALUE, new SynchronousQueue<>());
  private final ExecutorService deliveries = threads(1, new LinkedBlockingQueue<>());

  // Guarded by the lock.
  private @Nullable Future<Void> connecting;
  private Future<Void> trying = Future.succeededFuture();
  private @Nullable Live live;
  private boolean closed;

  // Touched on our own context only.
  private @Nullable Timer again;
  private boolean complained;

  /**
   * Makes a link that is not connected.
   *
   * @param purpose what its threads are called after
   */
  RabbitLink(
      Vertx vertx, TimeSource time, RabbitBrokerOptions options, String purpose, Tenant tenant) {
    this.vertx = vertx;
    this.own = vertx.getOrCreateContext();
    this.time = time;
    this.options = options;
    this.purpose = purpose;
    this.tenant = tenant;
  }

  private ExecutorService threads(int most, BlockingQueue<Runnable> queue) {
    ThreadPoolExecutor threads =
        new ThreadPoolExecutor(
            most == 1 ? 1 : 0, most, 1, TimeUnit.SECONDS, queue, this::newThread);
    threads.allowCoreThreadTimeOut(true);
    return threads;
  }

  /** A connection that has not been lost. */
  private static final class Live {
    private final Connection connection;
    private final Socket socket;

    // Guarded by the lock of the link.
    private boolean inUse;
    private @Nullable RpcException lost;

    Live(Connection connection, Socket socket) {
      this.connection = connection;
      this.socket = socket;
    }
  }

  /** Connects, unless that is done or under way. A failed attempt is forgotten. */
  Future<Void> connect() {
    lock.lock();
    try {
      if (closed) {
        return Future.failedFuture(AmqpFailures.unavailable("closed").build());
      }
      Future<Void> joined = connecting;
      if (joined == null) {
        joined = tryServers();
        connecting = joined;
        Future<Void> failing = joined;
        joined.onFailure(failure -> forget(failing));
      }
      return joined;
    } finally {
      lock.unlock();
    }
  }

  /** Called with the lock. */
  private Future<Void> tryServers() {
    Future<Void> attempt = own.executeBlocking(this::open, false);
    trying = attempt;
    return attempt;
  }

  private void forget(Future<Void> failed) {
    lock.lock();
    try {
      if (connecting == failed) {
        connecting = null;
      }
    } finally {
      lock.unlock();
    }
  }

  /** Tries the servers in turn. Blocks. */
  private @Nullable Void open() {
    RpcException last = AmqpFailures.unavailable("no server").build();
    for (String server : options.getServers()) {
      RabbitAddress address = RabbitAddress.parse(server);
      try {
        open(address);
        return null;
      } catch (Exception failure) {
        if (failure instanceof InterruptedException) {
          Thread.currentThread().interrupt();
        }
        RpcException why = AmqpFailures.of("no connection to " + address, failure);
        if (why != last) {
          why.addSuppressed(last);
        }
        last = why;
      }
    }
    throw last;
  }

  private void open(RabbitAddress address) throws Exception {
    Socket[] socket = new Socket[1];
    Connection made =
        ConnectionSettings.of(
                options,
                address,
                vertx,
                used -> socket[0] = used,
                this::newThread,
                closing,
                deliveries)
            .newConnection(options.getConnectionName());
    Live opened = new Live(made, socket[0]);
    try {
      lock.lock();
      try {
        if (closed) {
          throw AmqpFailures.unavailable("closed").build();
        }
        live = opened;
      } finally {
        lock.unlock();
      }
      made.addShutdownListener(cause -> onShutdown(opened, cause));
      tenant.opened(made);
      RpcException lost = takeIntoUse(opened);
      if (lost != null) {
        throw lost;
      }
    } catch (Exception failure) {
      discard(opened, options.getConnectTimeout());
      throw failure;
    }
    LOG.log(Level.DEBUG, "rabbitmq: connected to {0} to {1}", address, purpose);
  }

  /** Returns why it is lost already, or null. */
  private @Nullable RpcException takeIntoUse(Live opened) {
    lock.lock();
    try {
      opened.inUse = true;
      return opened.lost;
    } finally {
      lock.unlock();
    }
  }

  /** A {@link ThreadFactory}. */
  private Thread newThread(Runnable task) {
    Thread thread = new Thread(task, "rabbitmq-" + purpose);
    thread.setDaemon(true);
    return thread;
  }

  /** On whichever thread amqp-client notices. */
  private void onShutdown(Live over, ShutdownSignalException cause) {
    RpcException why = AmqpFailures.of("connection lost", cause);
    lock.lock();
    try {
      if (over.lost != null) {
        return;
      }
      over.lost = why;
      if (!over.inUse || closed || live != over) {
        return; // Whoever opens it, or closes it, sees to the rest.
      }
      live = null;
    } finally {
      lock.unlock();
    }
    LOG.log(Level.DEBUG, "rabbitmq: {0}", why.detail());
    own.runOnContext(run -> reconnectLater());
  }

  /** Gives a connection up that works no more for its tenant, and makes another. */
  void renew(Connection over) {
    Live current;
    lock.lock();
    try {
      current = live;
    } finally {
      lock.unlock();
    }
    if (current != null && current.connection == over) {
      end(current, options.getConnectTimeout());
    }
  }

  private void reconnectLater() {
    if (isClosed()) {
      return;
    }
    again =
        time.timer(
            Nanos.of(options.getReconnectWait()),
            () -> {
              lock.lock();
              try {
                if (!closed) {
                  tryServers().onComplete(done -> tried(done.cause()));
                }
              } finally {
                lock.unlock();
              }
            });
  }

  private void tried(@Nullable Throwable failure) {
    if (failure == null) {
      complained = false;
    } else if (!isClosed()) {
      // What a server refuses a person must mend; that there is none may pass.
      boolean refused =
          !complained
              && failure instanceof RpcException rpc
              && rpc.code() != 503
              && rpc.code() != 408;
      complained |= refused;
      LOG.log(refused ? Level.WARNING : Level.DEBUG, "{0}", failure.getMessage());
      reconnectLater();
    }
  }

  private boolean isClosed() {
    lock.lock();
    try {
      return closed;
    } finally {
      lock.unlock();
    }
  }

  /** Returns the connection, or null if there is none now. */
  @Nullable Connection connection() {
    lock.lock();
    try {
      return live == null ? null : live.connection;
    } finally {
      lock.unlock();
    }
  }

  /** Refuses to connect from now on. */
  void refuse() {
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
      LOG.log(Level.DEBUG, "rabbitmq: Vert.x has ended, and its timers with it");
    }
  }

  /**
   * Closes the connection, after {@link #refuse}; takes {@code most} at most, and blocks if the
   * Vert.x instance has ended.
   */
  Future<Void> close(Duration most) {
    Future<Void> attempt;
    lock.lock();
    try {
      attempt = trying;
    } finally {
      lock.unlock();
    }
    try {
      return attempt.transform(done -> endLast(most));
    } catch (RejectedExecutionException ended) {
      return endLast(most);
    }
  }

  private Future<Void> endLast(Duration most) {
    Live last;
    lock.lock();
    try {
      last = live;
      live = null;
    } finally {
      lock.unlock();
    }
    return last == null ? Future.succeededFuture() : end(last, most);
  }

  private void discard(Live over, Duration most) {
    lock.lock();
    try {
      if (live == over) {
        live = null;
      }
    } finally {
      lock.unlock();
    }
    end(over, most);
  }

  /** Says goodbye to the server, and closes the socket if it does not answer. */
  private Future<Void> end(Live over, Duration most) {
    int millis = (int) Math.min(Integer.MAX_VALUE, Math.max(1, Nanos.millis(most)));
    Promise<Void> ended = Promise.promise();
    try {
      own.runOnContext(
          run -> {
            Timer late = time.timer(Nanos.of(Duration.ofMillis(millis)), () -> cut(over));
            own.<Void>executeBlocking(
                    () -> {
                      over.connection.abort(millis);
                      return null;
                    },
                    false)
                .onComplete(done -> late.cancel())
                .onComplete(ended);
          });
    } catch (RejectedExecutionException vertxEnded) {
      over.connection.abort(millis);
      return Future.succeededFuture();
    }
    return ended.future();
  }

  private void cut(Live over) {
    try {
      over.socket.close();
    } catch (IOException gone) {
      LOG.log(Level.TRACE, "rabbitmq: {0}", gone.getMessage());
    }
  }
}
