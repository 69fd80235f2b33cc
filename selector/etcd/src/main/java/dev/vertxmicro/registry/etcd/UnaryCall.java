// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.registry.etcd;

import dev.vertxmicro.errors.GrpcStatus;
import dev.vertxmicro.errors.Processed;
import dev.vertxmicro.errors.RpcException;
import dev.vertxmicro.time.Timer;
import io.vertx.core.AsyncResult;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.buffer.Buffer;
import org.jspecify.annotations.Nullable;

/**
 * One request and its one answer, asked of one member of etcd after the other within the time of a
 * request.
 *
 * <p>Whatever fails as UNAVAILABLE is asked again: all requests of this module may be executed
 * twice. A second grant leaves a lease that ends by itself. A token that is refused is replaced
 * once. A member that does not answer within its share of the time loses its connection: nothing
 * else tells that it has vanished, and what runs on it can go on elsewhere.
 */
final class UnaryCall {

  private final EtcdClient client;
  private final Home home;
  private final String path;
  private final Buffer request;
  private final boolean authenticated;
  private final boolean needsLeader;
  private final Promise<Buffer> promise = Promise.promise();
  private final long startedAt;

  private @Nullable Timer deadline;
  private @Nullable Timer share;
  private @Nullable GrpcStream stream;
  private @Nullable EtcdConnection connection;
  private @Nullable RpcException lastFailure;
  private String token = "";
  private boolean tokenReplaced;
  private int attempts;
  private boolean over;

  /**
   * Prepares a call.
   *
   * @param authenticated whether to say who asks
   * @param needsLeader whether a member without a leader is to refuse
   */
  UnaryCall(
      EtcdClient client,
      Home home,
      String path,
      Buffer request,
      boolean authenticated,
      boolean needsLeader) {
    this.client = client;
    this.home = home;
    this.path = path;
    this.request = request;
    this.authenticated = authenticated;
    this.needsLeader = needsLeader;
    this.startedAt = home.nanoTime();
  }

  Future<Buffer> answer() {
    return promise.future();
  }

  /** Starts the clock; the call may have to wait before it begins. */
  void arm() {
    deadline = home.timer(client.requestNanos(), this::expired);
  }

  boolean isOver() {
    return over;
  }

  void begin() {
    attempt();
  }

  private void attempt() {
    int number = ++attempts;
    (authenticated ? client.token() : Future.succeededFuture(""))
        .onComplete(
            who -> {
              if (who.failed()) {
                fail(RpcException.from(who.cause()));
              } else if (isCurrent(number)) {
                token = who.result();
                client.connection().onComplete(result -> connected(number, result));
              }
            });
  }

  private boolean isCurrent(int number) {
    return !over && number == attempts;
  }

  private void connected(int number, AsyncResult<EtcdConnection> result) {
    if (!isCurrent(number)) {
      return;
    }
    EtcdConnection granted = result.result();
    if (granted == null) {
      fail(RpcException.from(result.cause()));
      return;
    }
    connection = granted;
    GrpcStream opened =
        granted.open(path, token, needsLeader, new Answer(number, granted.address()));
    if (opened == null) {
      granted.close("no room for a request");
      failed(Failures.unavailable("no room for a request", Processed.NOT_SENT, null));
      return;
    }
    stream = opened;
    long left = client.requestNanos() - (home.nanoTime() - startedAt);
    int members = Math.max(1, client.members() - attempts + 1);
    if (members > 1) {
      long nanos = Math.max(0, left / members);
      share = home.timer(nanos, () -> unanswered(number, granted, nanos));
    }
    opened.finish(request);
  }

  private void unanswered(int number, EtcdConnection asked, long nanos) {
    if (isCurrent(number)) {
      asked.close("no answer within " + nanos / 1_000_000 + " ms");
    }
  }

  private void expired() {
    if (over) {
      return;
    }
    EtcdConnection asked = stream == null ? null : connection;
    String detail = "no answer within " + client.requestNanos() / 1_000_000 + " ms";
    RpcException before = lastFailure;
    fail(
        Failures.unavailable(
            before == null ? detail : detail + ", before that " + before.detail(),
            asked == null ? Processed.NOT_SENT : Processed.UNKNOWN,
            null));
    if (asked != null) {
      asked.close(detail);
    }
  }

  private void failed(RpcException failure) {
    stream = null;
    cancelShare();
    lastFailure = failure;
    if (failure.grpcStatus() == GrpcStatus.UNAUTHENTICATED
        && authenticated
        && client.hasCredentials()
        && !tokenReplaced) {
      tokenReplaced = true;
      client.forgetToken(token);
      attempts--;
      attempt();
    } else if (failure.grpcStatus() == GrpcStatus.UNAVAILABLE
        && attempts < Math.max(2, client.members())) {
      if (connection != null && client.members() > 1) {
        connection.close("another member is asked: " + failure.detail());
      }
      attempt();
    } else {
      fail(failure);
    }
  }

  private void succeed(Buffer answer) {
    if (!over) {
      finish();
      promise.complete(answer);
    }
  }

  /** Ends the call without an answer. */
  void fail(RpcException failure) {
    if (!over) {
      finish();
      promise.fail(failure);
    }
  }

  private void finish() {
    over = true;
    cancelShare();
    if (stream != null) {
      stream.cancel();
      stream = null;
    }
    if (deadline != null) {
      deadline.cancel();
      deadline = null;
    }
    client.ended(this);
  }

  private void cancelShare() {
    if (share != null) {
      share.cancel();
      share = null;
    }
  }

  /** Collects the answer of one member. */
  private final class Answer implements GrpcStream.Listener {

    private final int number;
    private final EtcdAddress from;
    private @Nullable Buffer message;

    Answer(int number, EtcdAddress from) {
      this.number = number;
      this.from = from;
    }

    @Override
    public void message(Buffer received) {
      message = received;
    }

    @Override
    public void ended(@Nullable RpcException failure) {
      if (!isCurrent(number)) {
        return;
      }
      if (failure != null) {
        failed(failure);
      } else if (message == null) {
        failed(Failures.malformed(from, "no message in the answer"));
      } else {
        succeed(message);
      }
    }
  }
}
