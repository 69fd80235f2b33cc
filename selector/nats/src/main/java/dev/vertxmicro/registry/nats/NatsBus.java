// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.registry.nats;

import dev.vertxmicro.errors.GrpcStatus;
import dev.vertxmicro.errors.RpcException;
import dev.vertxmicro.nats.NatsLink;
import dev.vertxmicro.registry.Home;
import dev.vertxmicro.time.TimeSource;
import io.nats.client.Connection;
import io.nats.client.Dispatcher;
import io.nats.client.Message;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/** NATS itself, over one connection that is made again for as long as it takes. */
final class NatsBus implements Bus {

  private static final Logger LOG = System.getLogger(NatsBus.class.getName());

  /** Messages on their way from the thread of jnats to the home; those beyond are dropped. */
  private static final int MOST_WAITING = 10_000;

  private static final int NO_RESPONDERS = 503;

  private final Home home;
  private final NatsLink link;
  private final AtomicInteger waiting = new AtomicInteger();
  private final ReentrantLock lock = new ReentrantLock();

  // Guarded by the lock.
  private final Set<String> subjects = new LinkedHashSet<>();
  private @Nullable Dispatcher dispatcher;

  // Touched at home only.
  private @Nullable Listener listener;
  private boolean open;

  NatsBus(Vertx vertx, TimeSource time, NatsRegistryOptions options, Home home) {
    this.home = home;
    this.link = new NatsLink(vertx, time, options, new Tenancy());
  }

  /** What the connection carries. */
  private final class Tenancy implements NatsLink.Tenant {

    @Override
    public void opened(Connection connection) {
      Dispatcher fresh = connection.createDispatcher(NatsBus.this::onMessage);
      lock.lock();
      try {
        dispatcher = fresh;
        subjects.forEach(fresh::subscribe);
      } finally {
        lock.unlock();
      }
      atHome(() -> turn(true));
    }

    @Override
    public void lost() {
      atHome(() -> turn(false));
    }

    @Override
    public void back(Connection connection) {
      atHome(() -> turn(true));
    }
  }

  private void turn(boolean now) {
    Listener told = listener;
    if (open != now && told != null) {
      open = now;
      if (now) {
        told.back();
      } else {
        told.lost();
      }
    }
  }

  /** On a thread of jnats. */
  private void onMessage(Message message) {
    if (waiting.incrementAndGet() > MOST_WAITING) {
      waiting.decrementAndGet();
      LOG.log(Level.DEBUG, "nats registry: too slow, a message on {0} lost", message.getSubject());
      return;
    }
    boolean taken =
        atHome(
            () -> {
              waiting.decrementAndGet();
              tell(message);
            });
    if (!taken) {
      waiting.decrementAndGet();
    }
  }

  private void tell(Message message) {
    Listener told = listener;
    if (told == null) {
      return;
    }
    if (!message.isStatusMessage()) {
      byte[] payload = message.getData();
      told.received(
          message.getSubject(), message.getReplyTo(), payload == null ? new byte[0] : payload);
    } else if (message.getStatus().getCode() == NO_RESPONDERS) {
      told.nobody(message.getSubject());
    }
  }

  private boolean atHome(Runnable task) {
    try {
      home.execute(task);
      return true;
    } catch (RejectedExecutionException vertxEnded) {
      return false;
    }
  }

  @Override
  public Future<Void> open(Listener listener) {
    this.listener = listener;
    if (open) {
      return Future.succeededFuture();
    }
    return link.connect()
        .compose(
            up ->
                open
                    ? Future.succeededFuture()
                    : Future.failedFuture(NatsLink.unavailable("connection lost", null)));
  }

  @Override
  public boolean isOpen() {
    return open;
  }

  @Override
  public void subscribe(String subject) {
    lock.lock();
    try {
      if (subjects.add(subject) && dispatcher != null && dispatcher.isActive()) {
        dispatcher.subscribe(subject);
      }
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void unsubscribe(String subject) {
    lock.lock();
    try {
      if (subjects.remove(subject) && dispatcher != null && dispatcher.isActive()) {
        dispatcher.unsubscribe(subject);
      }
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void publish(String subject, @Nullable String reply, byte[] payload) {
    Connection connection = link.connection();
    if (connection == null || !open) {
      throw NatsLink.unavailable("not connected", null);
    }
    try {
      connection.publish(subject, reply, payload);
    } catch (IllegalStateException lost) {
      throw NatsLink.unavailable("connection lost", lost);
    } catch (IllegalArgumentException tooLarge) {
      throw RpcException.client(
              GrpcStatus.RESOURCE_EXHAUSTED,
              "nats: " + payload.length + " bytes: " + tooLarge.getMessage())
          .cause(tooLarge)
          .build();
    }
  }

  @Override
  public Future<Void> close() {
    open = false;
    link.refuse();
    return link.close().otherwiseEmpty();
  }
}
