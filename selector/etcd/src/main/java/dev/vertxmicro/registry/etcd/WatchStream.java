// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.registry.etcd;

import dev.vertxmicro.errors.Processed;
import dev.vertxmicro.errors.RpcException;
import dev.vertxmicro.time.Timer;
import io.vertx.core.buffer.Buffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One gRPC stream with all watches of a registry: streams are what watches cost etcd. Belongs to
 * the home of the registry.
 *
 * <p>etcd gives a watch its number when it creates it, so one is created at a time, and the next
 * answer that says "created" is its. The stream ends with its last watch.
 */
final class WatchStream implements GrpcStream.Listener {

  private final EtcdClient client;
  private final Home home;
  private final EtcdConnection connection;
  private final String token;
  private final Deque<WatchSession> queue = new ArrayDeque<>();
  private final Map<Long, WatchSession> standing = new HashMap<>();

  private @Nullable GrpcStream stream;
  private @Nullable WatchSession creating;
  private @Nullable Timer patience;
  private boolean over;

  WatchStream(EtcdClient client, Home home, EtcdConnection connection, String token) {
    this.client = client;
    this.home = home;
    this.connection = connection;
    this.token = token;
  }

  /** Opens the stream; false if there is no room for it. */
  boolean open() {
    stream = connection.open(EtcdClient.WATCH, token, true, this);
    over = stream == null;
    return !over;
  }

  /** Tells whether new watches may be placed here. */
  boolean isOn(EtcdConnection wanted) {
    return !over && connection == wanted;
  }

  String token() {
    return token;
  }

  void add(WatchSession session) {
    session.placedOn(this);
    queue.add(session);
    createNext();
  }

  private void createNext() {
    while (creating == null && !over) {
      WatchSession session = queue.poll();
      if (session == null) {
        endIfUnused();
        return;
      }
      if (!session.isOver() && stream != null) {
        creating = session;
        patience =
            home.timer(client.requestNanos(), () -> connection.close("no answer to a watch"));
        stream.send(session.query().create());
      }
    }
  }

  private void endIfUnused() {
    if (standing.isEmpty() && stream != null) {
      over = true;
      stream.cancel();
    }
  }

  /** A watch is given up. */
  void drop(WatchSession session) {
    if (over || session == creating || queue.remove(session)) {
      // One that is being created is dropped when etcd has said its number.
      return;
    }
    Long number =
        standing.entrySet().stream()
            .filter(entry -> entry.getValue() == session)
            .map(Map.Entry::getKey)
            .findFirst()
            .orElse(null);
    if (number != null) {
      dropStanding(number);
      createNext();
    }
  }

  private void dropStanding(Long number) {
    standing.remove(number);
    if (stream != null) {
      stream.send(WatchQuery.cancel(number));
    }
  }

  @Override
  public void message(Buffer message) {
    WatchReply reply = WatchReply.read(message);
    if (reply.created()) {
      created(reply);
      return;
    }
    Long number = reply.watchId();
    WatchSession session = standing.get(number);
    if (session == null) {
      return; // Given up meanwhile.
    }
    if (reply.cancelled()) {
      standing.remove(number);
      session.cancelled(reply, true);
      createNext();
    } else {
      session.changed(reply);
    }
  }

  private void created(WatchReply reply) {
    WatchSession session = creating;
    creating = null;
    stopWaiting();
    if (session == null) {
      throw new IllegalStateException("a watch was created that nobody asked for");
    }
    if (reply.cancelled()) {
      session.cancelled(reply, false);
    } else {
      standing.put(reply.watchId(), session);
      if (session.isOver()) {
        dropStanding(reply.watchId());
      } else {
        session.created(reply.header());
      }
    }
    createNext();
  }

  @Override
  public void ended(@Nullable RpcException failure) {
    over = true;
    stopWaiting();
    List<WatchSession> all = new ArrayList<>(standing.values());
    if (creating != null) {
      all.add(creating);
    }
    all.addAll(queue);
    standing.clear();
    queue.clear();
    RpcException why =
        failure == null
            ? Failures.unavailable("the stream of watches has ended", Processed.UNKNOWN, null)
            : failure;
    all.forEach(session -> session.ended(why, false));
  }

  private void stopWaiting() {
    if (patience != null) {
      patience.cancel();
      patience = null;
    }
  }
}
