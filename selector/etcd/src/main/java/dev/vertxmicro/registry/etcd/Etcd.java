// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.registry.etcd;

import dev.vertxmicro.errors.RpcException;
import io.vertx.core.Future;

/**
 * What a registry asks of etcd. Called on the {@link Home} of the registry, and answers there.
 *
 * <p>Futures fail with {@link RpcException} only, within the time of a request.
 */
interface Etcd {

  /** What becomes of a watch; called until it has ended or is cancelled. */
  interface Watcher {

    /** The watch stands. */
    void created(Header header);

    /** Something changed, or the watch has come further. */
    void changed(WatchReply reply);

    /**
     * The watch is over; nothing follows.
     *
     * @param compacted whether what it was to report from is compacted
     */
    void ended(RpcException failure, boolean compacted);
  }

  /** A watch that may be given up. */
  @FunctionalInterface
  interface Watching {
    /** Ends the watch; nothing is reported afterwards. May be called twice. */
    void cancel();
  }

  Future<RangeReply> range(RangeQuery query);

  Future<TransactionReply> commit(Transaction transaction);

  /** Makes a lease. */
  Future<LeaseReply> grant(long ttlSeconds);

  /** Gives a sign of life. The TTL of the answer is 0 or less if the lease is not there. */
  Future<LeaseReply> keepAlive(long lease);

  /** Ends a lease, and with it all entries that hang on it. A lease that is not there is ended. */
  Future<Void> revoke(long lease);

  Watching watch(WatchQuery query, Watcher watcher);

  /** Ends what is under way. May be called twice. */
  Future<Void> close();
}
