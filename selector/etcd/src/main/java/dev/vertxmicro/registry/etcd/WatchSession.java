// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.registry.etcd;

import dev.vertxmicro.errors.Processed;
import dev.vertxmicro.errors.RpcException;
import org.jspecify.annotations.Nullable;

/**
 * One watch of an {@link EtcdClient}, on whichever stream of watches it is. Belongs to the home of
 * the registry.
 */
final class WatchSession implements Etcd.Watching {

  private final EtcdClient client;
  private final WatchQuery query;
  private final Etcd.Watcher watcher;

  private @Nullable WatchStream stream;
  private boolean tokenReplaced;
  private boolean over;

  WatchSession(EtcdClient client, WatchQuery query, Etcd.Watcher watcher) {
    this.client = client;
    this.query = query;
    this.watcher = watcher;
  }

  WatchQuery query() {
    return query;
  }

  boolean isOver() {
    return over;
  }

  void placedOn(WatchStream stream) {
    this.stream = stream;
  }

  void created(Header header) {
    if (!over) {
      watcher.created(header);
    }
  }

  void changed(WatchReply reply) {
    if (!over) {
      watcher.changed(reply);
    }
  }

  /**
   * etcd has ended the watch. One that never stood may have been refused because the token of its
   * stream is old, which etcd 3.4 does not tell from a lack of permission: it is tried once more.
   */
  void cancelled(WatchReply reply, boolean stood) {
    boolean compacted = reply.compactRevision() > 0;
    if (!over && !stood && !compacted && client.hasCredentials() && !tokenReplaced) {
      tokenReplaced = true;
      client.replaceWatchStream(stream);
      client.place(this);
    } else {
      ended(
          compacted
              ? Failures.unavailable(
                  "revision " + query.revision() + " is compacted", Processed.NOT_SENT, null)
              : Failures.watchCancelled(reply.cancelReason()),
          compacted);
    }
  }

  void ended(RpcException failure, boolean compacted) {
    if (!over) {
      over = true;
      watcher.ended(failure, compacted);
    }
  }

  @Override
  public void cancel() {
    if (!over) {
      over = true;
      if (stream != null) {
        stream.drop(this);
      }
    }
  }
}
