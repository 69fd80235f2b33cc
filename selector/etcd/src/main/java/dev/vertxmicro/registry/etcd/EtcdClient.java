// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.registry.etcd;

import dev.vertxmicro.errors.GrpcStatus;
import dev.vertxmicro.errors.Processed;
import dev.vertxmicro.errors.RpcException;
import dev.vertxmicro.time.Nanos;
import io.vertx.core.AsyncResult;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Talks to etcd's v3 API: one connection at a time, to one member until it fails, then to the next.
 * Belongs to the home of the registry.
 *
 * <p>Bounded: {@value #MOST_UNDER_WAY} requests at a time, {@value #MOST_WAITING} more wait, each
 * for at most the time of a request. All watches share one stream.
 */
final class EtcdClient implements Etcd {

  static final String WATCH = "/etcdserverpb.Watch/Watch";

  private static final String RANGE = "/etcdserverpb.KV/Range";
  private static final String TXN = "/etcdserverpb.KV/Txn";
  private static final String GRANT = "/etcdserverpb.Lease/LeaseGrant";
  private static final String REVOKE = "/etcdserverpb.Lease/LeaseRevoke";
  // A stream of which one request and one answer are used: a sign of life each few seconds is not
  // worth a stream that must be looked after.
  private static final String KEEP_ALIVE = "/etcdserverpb.Lease/LeaseKeepAlive";
  private static final String AUTHENTICATE = "/etcdserverpb.Auth/Authenticate";

  private static final int MOST_UNDER_WAY = 64;
  private static final int MOST_WAITING = 10_000;

  private final Vertx vertx;
  private final Home home;
  private final EtcdOptions options;
  private final List<EtcdAddress> members;
  private final long requestNanos;
  private final Tokens tokens;
  private final Set<UnaryCall> underWay = new LinkedHashSet<>();
  private final Deque<UnaryCall> waiting = new ArrayDeque<>();

  private int member;
  private @Nullable EtcdConnection connection;
  private @Nullable EtcdConnection dialling;
  private @Nullable Promise<EtcdConnection> dialled;
  private @Nullable WatchStream watches;
  private boolean closed;

  EtcdClient(Vertx vertx, Home home, EtcdOptions options) {
    this.vertx = vertx;
    this.home = home;
    this.options = options;
    this.members = options.getEndpoints().stream().map(EtcdAddress::parse).toList();
    this.requestNanos = Nanos.of(options.getRequestTimeout());
    this.tokens = new Tokens(this, home, options);
    this.member = home.draw(members.size());
  }

  @Override
  public Future<RangeReply> range(RangeQuery query) {
    return call(RANGE, query.write().done(), !query.serializable(), RangeReply::read);
  }

  @Override
  public Future<TransactionReply> commit(Transaction transaction) {
    return call(TXN, transaction.write(), true, TransactionReply::read);
  }

  @Override
  public Future<LeaseReply> grant(long ttlSeconds) {
    return call(GRANT, new ProtoWriter().number(1, ttlSeconds).done(), true, LeaseReply::read);
  }

  @Override
  public Future<LeaseReply> keepAlive(long lease) {
    return call(KEEP_ALIVE, new ProtoWriter().number(1, lease).done(), true, LeaseReply::read);
  }

  @Override
  public Future<Void> revoke(long lease) {
    return call(REVOKE, new ProtoWriter().number(1, lease).done(), true, reply -> lease)
        .<Void>mapEmpty()
        .recover(
            failure ->
                RpcException.from(failure).grpcStatus() == GrpcStatus.NOT_FOUND
                    ? Future.succeededFuture()
                    : Future.failedFuture(failure));
  }

  private <T> Future<T> call(
      String path, Buffer request, boolean needsLeader, Function<Buffer, T> read) {
    UnaryCall call = new UnaryCall(this, home, path, request, true, needsLeader);
    Future<T> answer = ask(call, read);
    if (!call.isOver()) {
      waiting.add(call);
      beginNext();
    }
    return answer;
  }

  /** Asks for a token with user and password. */
  Future<String> authenticate(Buffer request) {
    UnaryCall call = new UnaryCall(this, home, AUTHENTICATE, request, false, true);
    Future<String> answer = ask(call, Tokens::read);
    if (!call.isOver()) {
      // Not behind the calls that wait for the token.
      begin(call);
    }
    return answer;
  }

  private <T> Future<T> ask(UnaryCall call, Function<Buffer, T> read) {
    Promise<T> promise = Promise.promise();
    call.answer()
        .onComplete(
            answer -> {
              if (answer.failed()) {
                promise.fail(answer.cause());
                return;
              }
              T value;
              try {
                value = read.apply(answer.result());
              } catch (RuntimeException malformed) {
                promise.fail(
                    RpcException.client(GrpcStatus.INTERNAL, "etcd: " + malformed.getMessage())
                        .processed(Processed.UNKNOWN)
                        .cause(malformed)
                        .build());
                return;
              }
              promise.complete(value);
            });
    if (closed) {
      call.fail(Failures.closed());
    } else if (waiting.size() >= MOST_WAITING) {
      call.fail(Failures.exhausted(MOST_WAITING + " requests wait already"));
    } else {
      call.arm();
    }
    return promise.future();
  }

  private void beginNext() {
    while (underWay.size() < MOST_UNDER_WAY) {
      UnaryCall next = waiting.poll();
      if (next == null) {
        return;
      }
      if (!next.isOver()) {
        begin(next);
      }
    }
  }

  private void begin(UnaryCall call) {
    underWay.add(call);
    call.begin();
  }

  /** Called by a call that is over. */
  void ended(UnaryCall call) {
    if (underWay.remove(call)) {
      beginNext();
    } else {
      waiting.remove(call);
    }
  }

  // watches

  @Override
  public Watching watch(WatchQuery query, Watcher watcher) {
    WatchSession session = new WatchSession(this, query, watcher);
    place(session);
    return session;
  }

  /** Finds a stream for a watch. */
  void place(WatchSession session) {
    token()
        .onFailure(failure -> session.ended(RpcException.from(failure), false))
        .onSuccess(
            token ->
                connection()
                    .onFailure(failure -> session.ended(RpcException.from(failure), false))
                    .onSuccess(live -> place(session, live, token)));
  }

  private void place(WatchSession session, EtcdConnection live, String token) {
    if (session.isOver()) {
      return;
    }
    WatchStream stream = watches;
    if (stream == null || !stream.isOn(live)) {
      stream = new WatchStream(this, home, live, token);
      if (!stream.open()) {
        live.close("no room for a stream of watches");
        session.ended(
            Failures.unavailable("no room for a stream of watches", Processed.NOT_SENT, null),
            false);
        return;
      }
      watches = stream;
    }
    stream.add(session);
  }

  /** A watch was refused on that stream: new ones go to another, with another token. */
  void replaceWatchStream(@Nullable WatchStream refused) {
    if (refused != null) {
      forgetToken(refused.token());
      if (watches == refused) {
        watches = null;
      }
    }
  }

  // for calls

  long requestNanos() {
    return requestNanos;
  }

  int members() {
    return members.size();
  }

  boolean hasCredentials() {
    return tokens.hasCredentials();
  }

  Future<String> token() {
    return tokens.get();
  }

  void forgetToken(String refused) {
    tokens.forget(refused);
  }

  /** Returns the connection, made now if there is none. Fails if no member can be reached. */
  Future<EtcdConnection> connection() {
    if (closed) {
      return Future.failedFuture(Failures.closed());
    }
    EtcdConnection live = connection;
    if (live != null) {
      if (live.isOpen()) {
        return Future.succeededFuture(live);
      }
      connection = null;
      nextMember();
    }
    Promise<EtcdConnection> running = dialled;
    if (running != null) {
      return running.future();
    }
    Promise<EtcdConnection> promise = Promise.promise();
    dialled = promise;
    dial(promise, 1, "");
    return promise.future();
  }

  private void dial(Promise<EtcdConnection> promise, int attempt, String failures) {
    EtcdConnection next =
        EtcdConnection.dial(
            vertx, home, options, members.get(member), requestNanos / members.size());
    dialling = next;
    next.opened().onComplete(result -> dialled(promise, attempt, failures, result));
  }

  private void dialled(
      Promise<EtcdConnection> promise,
      int attempt,
      String failures,
      AsyncResult<EtcdConnection> result) {
    dialling = null;
    if (result.succeeded()) {
      dialled = null;
      connection = result.result();
      promise.complete(result.result());
      return;
    }
    nextMember();
    RpcException failure = RpcException.from(result.cause());
    String all = failures.isEmpty() ? failure.detail() : failures + "; " + failure.detail();
    if (closed || attempt == members.size()) {
      dialled = null;
      promise.fail(
          RpcException.client(GrpcStatus.UNAVAILABLE, all).cause(failure.getCause()).build());
    } else {
      dial(promise, attempt + 1, all);
    }
  }

  private void nextMember() {
    member = (member + 1) % members.size();
  }

  @Override
  public Future<Void> close() {
    if (!closed) {
      closed = true;
      RpcException failure = Failures.closed();
      List.copyOf(waiting).forEach(call -> call.fail(failure));
      List.copyOf(underWay).forEach(call -> call.fail(failure));
      if (dialling != null) {
        dialling.close("the registry is closed");
      }
      if (connection != null) {
        connection.close("the registry is closed");
      }
    }
    return Future.succeededFuture();
  }

  @Override
  public String toString() {
    return "etcd " + members;
  }
}
