// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime;

import dev.vertxmicro.errors.GrpcStatus;
import dev.vertxmicro.errors.RpcException;
import dev.vertxmicro.time.Alarm;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.lang.System.Logger.Level;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;

/**
 * The calls of one client that have not ended, so that closing the client can wait for them and end
 * them. Linked lists, one for each of some threads: a call enters and leaves on the same event
 * loop, so that locks are as good as never contended.
 */
final class OpenCalls {

  private static final System.Logger LOG = System.getLogger(OpenCalls.class.getName());

  private static final int SHARDS = 64;

  private final Shard[] shards = new Shard[SHARDS];
  private volatile int most;
  private volatile @Nullable Promise<Void> drained;

  OpenCalls(int most) {
    this.most = most;
    for (int i = 0; i < SHARDS; i++) {
      shards[i] = new Shard();
    }
  }

  void setMost(int most) {
    this.most = most;
  }

  /** Enters a call; returns why not if the client is closed or full. */
  @Nullable RpcException add(Entry call) {
    Shard shard = shards[(int) Thread.currentThread().getId() & (SHARDS - 1)];
    int size;
    synchronized (shard) {
      size = shard.size;
      if (drained == null && size < most) {
        shard.link(call);
        shard.size++;
        return null;
      }
    }
    return drained != null
        ? RpcException.client(GrpcStatus.UNAVAILABLE, "the client is closed").build()
        : RpcException.client(
                GrpcStatus.RESOURCE_EXHAUSTED,
                "open calls: " + size + " (expected: fewer than " + most + ", see maxOpenCalls)")
            .build();
  }

  /**
   * Stops counting a call that has ended, before its caller is told: the caller may start the next
   * call from within. Does nothing if the call never entered.
   */
  void makeRoom(Entry call) {
    Shard shard = call.shard;
    if (shard != null) {
      synchronized (shard) {
        shard.size--;
      }
    }
  }

  /**
   * Lets a call leave whose caller has been told, after {@link #makeRoom}; does nothing if it never
   * entered.
   */
  void remove(Entry call) {
    Shard shard = call.shard;
    if (shard == null) {
      return;
    }
    synchronized (shard) {
      shard.unlink(call);
    }
    Promise<Void> waiting = drained;
    if (waiting != null && isEmpty()) {
      waiting.tryComplete();
    }
  }

  /** Refuses new calls. The future completes when the last open call has left. */
  Future<Void> drain() {
    Promise<Void> waiting = drained;
    if (waiting == null) {
      waiting = Promise.promise();
      drained = waiting;
    }
    if (isEmpty()) {
      waiting.tryComplete();
    }
    return waiting.future();
  }

  /** Tells every call that is still open that the client closes. */
  void closeAll() {
    for (Shard shard : shards) {
      for (Entry call : shard.snapshot()) {
        tell(call);
      }
    }
  }

  private static void tell(Entry call) {
    try {
      call.closed();
    } catch (RejectedExecutionException gone) {
      LOG.log(Level.WARNING, "left behind, its context has ended: " + call, gone);
    }
  }

  boolean isClosed() {
    return drained != null;
  }

  /** Returns how many calls are open. */
  int size() {
    int size = 0;
    for (Shard shard : shards) {
      synchronized (shard) {
        size += shard.size;
      }
    }
    return size;
  }

  private boolean isEmpty() {
    for (Shard shard : shards) {
      synchronized (shard) {
        if (shard.first != null) {
          return false;
        }
      }
    }
    return true;
  }

  /**
   * A call in the list: the list's links live in the call, so that entering allocates nothing. So
   * does its deadline, which rings unless the call ends before.
   */
  abstract static class Entry extends Alarm {
    private @Nullable Shard shard;
    private @Nullable Entry before;
    private @Nullable Entry after;

    /** Ends the call because the client closes. May be called from any thread. */
    abstract void closed();
  }

  private static final class Shard {
    private @Nullable Entry first;
    private int size;

    private void link(Entry call) {
      call.shard = this;
      call.after = first;
      if (first != null) {
        first.before = call;
      }
      first = call;
    }

    private void unlink(Entry call) {
      if (call.before == null) {
        first = call.after;
      } else {
        call.before.after = call.after;
      }
      if (call.after != null) {
        call.after.before = call.before;
      }
      call.before = null;
      call.after = null;
      call.shard = null;
    }

    private synchronized List<Entry> snapshot() {
      List<Entry> calls = new ArrayList<>(size);
      for (Entry call = first; call != null; call = call.after) {
        calls.add(Objects.requireNonNull(call));
      }
      return calls;
    }
  }
}
