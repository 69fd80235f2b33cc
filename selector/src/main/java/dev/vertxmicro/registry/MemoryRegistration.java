// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.registry;

import dev.vertxmicro.time.Timer;
import io.vertx.core.Future;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * A registration in a {@link MemoryStore}: its timers of life and expiry. Its lock is taken before
 * that of the store, never after. The siblings are what the view closes when it is closed.
 */
final class MemoryRegistration implements Registration {

  private final MemoryStore store;
  private final Service service;
  private final RegisterOptions options;
  private final Set<MemoryRegistration> siblings;
  private final ReentrantLock lock = new ReentrantLock();

  // Guarded by the lock of this registration.
  private boolean closed;
  private @Nullable Timer life;
  private @Nullable Timer expiry;

  // Guarded by the lock of the store.
  private long expiresAt;

  MemoryRegistration(
      MemoryStore store,
      Service service,
      RegisterOptions options,
      Set<MemoryRegistration> siblings) {
    this.store = store;
    this.service = service;
    this.options = options;
    this.siblings = siblings;
  }

  @Override
  public Service service() {
    return service;
  }

  RegisterOptions options() {
    return options;
  }

  long expiresAt() {
    return expiresAt;
  }

  void expireAfter(long now) {
    expiresAt = now + options.ttl().toNanos();
  }

  void open() {
    lock.lock();
    try {
      store.add(this);
      armLife();
      armExpiry();
    } finally {
      lock.unlock();
    }
  }

  private void armLife() {
    if (!options.interval().isZero()) {
      life = store.time().timer(options.interval().toNanos(), this::giveSignOfLife);
    }
  }

  private void armExpiry() {
    if (expiry != null) {
      expiry.cancel();
      expiry = null;
    }
    if (!options.ttl().isZero()) {
      expiry = store.time().timer(options.ttl().toNanos(), store::expireOverdue);
    }
  }

  private void giveSignOfLife() {
    lock.lock();
    try {
      if (!closed) {
        store.renew(this);
        armLife();
        armExpiry();
      }
    } finally {
      lock.unlock();
    }
  }

  @Override
  public Future<Void> close() {
    lock.lock();
    try {
      if (!closed) {
        closed = true;
        siblings.remove(this);
        if (life != null) {
          life.cancel();
        }
        if (expiry != null) {
          expiry.cancel();
        }
        store.remove(this);
      }
    } finally {
      lock.unlock();
    }
    return Future.succeededFuture();
  }
}
