// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.broker.rabbitmq;

import com.rabbitmq.client.AlreadyClosedException;
import com.rabbitmq.client.Channel;
import io.vertx.core.Context;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.ArrayList;
import java.util.List;
import java.util.PriorityQueue;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * What is acknowledged and given back on one channel, on its way to the server: a worker thread
 * writes it, for writing may block. Deliveries have tags that count up from 1; where all up to one
 * are settled a single acknowledgement does for all of them.
 */
final class Settlements {

  private static final Logger LOG = System.getLogger(Settlements.class.getName());

  private final Channel channel;
  private final Context own;
  private final ReentrantLock lock = new ReentrantLock();

  // Guarded by the lock.
  private List<Long> acks = new ArrayList<>();
  private List<Long> requeues = new ArrayList<>();
  private @Nullable Runnable end;
  private boolean awake;

  // Touched by the writer only, of which there is one at a time.
  private final PriorityQueue<Long> settled = new PriorityQueue<>();
  private long settledUpTo;

  /**
   * Makes it for a channel.
   *
   * @param own its worker threads are used
   */
  Settlements(Channel channel, Context own) {
    this.channel = channel;
    this.own = own;
  }

  /** Tells the server that a delivery is handled; false if the channel is lost. */
  boolean ack(long tag) {
    return add(tag, true);
  }

  /** Gives a delivery back to its queue; false if the channel is lost: the server knows then. */
  boolean requeue(long tag) {
    return add(tag, false);
  }

  private boolean add(long tag, boolean handled) {
    if (!channel.isOpen()) {
      return false;
    }
    lock.lock();
    try {
      (handled ? acks : requeues).add(tag);
      wake();
      return true;
    } finally {
      lock.unlock();
    }
  }

  /** Runs {@code task} on a worker thread when all that was settled before is written. */
  void end(Runnable task) {
    lock.lock();
    try {
      end = task;
      wake();
    } finally {
      lock.unlock();
    }
  }

  /** Called with the lock. */
  private void wake() {
    if (!awake) {
      awake = true;
      own.executeBlocking(
          () -> {
            write();
            return null;
          },
          false);
    }
  }

  private void write() {
    while (true) {
      List<Long> handled;
      List<Long> givenBack;
      lock.lock();
      try {
        if (acks.isEmpty() && requeues.isEmpty()) {
          awake = false;
          break;
        }
        handled = acks;
        givenBack = requeues;
        acks = new ArrayList<>();
        requeues = new ArrayList<>();
      } finally {
        lock.unlock();
      }
      try {
        write(handled, givenBack);
      } catch (IOException | AlreadyClosedException lost) {
        // The server gives all that is not settled to somebody again.
        LOG.log(Level.DEBUG, "rabbitmq: acknowledgements lost: {0}", lost.getMessage());
      }
    }
    Runnable last;
    lock.lock();
    try {
      last = end;
      end = null;
    } finally {
      lock.unlock();
    }
    if (last != null) {
      last.run();
    }
  }

  private void write(List<Long> handled, List<Long> givenBack) throws IOException {
    // First, so that no acknowledgement of a later one takes them in.
    for (long tag : givenBack) {
      channel.basicNack(tag, false, true);
    }
    settled.addAll(givenBack);
    settled.addAll(handled);
    while (!settled.isEmpty() && settled.peek() == settledUpTo + 1) {
      settledUpTo = settled.remove();
    }
    long together =
        handled.stream().mapToLong(tag -> tag).filter(tag -> tag <= settledUpTo).max().orElse(0);
    if (together > 0) {
      channel.basicAck(together, true);
    }
    for (long tag : handled) {
      if (tag > together) {
        channel.basicAck(tag, false);
      }
    }
  }
}
