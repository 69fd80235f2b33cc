// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.wrapper;

import dev.vertxmicro.runtime.wrapper.AuthToken.Token;
import dev.vertxmicro.time.Nanos;
import dev.vertxmicro.time.TimeSource;
import io.vertx.core.AsyncResult;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.lang.System.Logger.Level;
import java.util.Objects;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** One token for all calls, fetched once for all who need it. */
final class KeptToken implements TokenSource {

  private static final System.Logger LOG = System.getLogger(AuthToken.class.getName());

  /** From one fetch that brought nothing good to the next. */
  private static final long PAUSE_NANOS = 1_000_000_000L;

  private final Supplier<Future<Token>> fetch;
  private final TimeSource time;
  private final ReentrantLock lock = new ReentrantLock();

  // Guarded by the lock.
  private @Nullable Future<String> token;
  private long refreshAt;
  private long expiresAt;
  private @Nullable Promise<String> fetching;
  private @Nullable Throwable failure;
  private long pauseUntil;
  private long fetchedAt;

  KeptToken(Supplier<Future<Token>> fetch, TimeSource time) {
    this.fetch = Objects.requireNonNull(fetch, "fetch");
    this.time = Objects.requireNonNull(time, "time");
  }

  @Override
  public Future<String> token() {
    long now = time.nanoTime();
    Promise<String> started;
    Future<String> answer;
    lock.lock();
    try {
      Future<String> valid = now - expiresAt < 0 ? token : null;
      if (valid != null && (now - refreshAt < 0 || fetching != null || isPaused(now))) {
        return valid;
      }
      if (fetching != null) {
        return fetching.future();
      }
      if (valid == null && isPaused(now)) {
        return Future.failedFuture(Objects.requireNonNull(failure));
      }
      started = Promise.promise();
      fetching = started;
      answer = valid == null ? started.future() : valid;
    } finally {
      lock.unlock();
    }
    fetch().onComplete(fetched -> fetched(fetched, started));
    return answer;
  }

  private boolean isPaused(long now) {
    return failure != null && now - pauseUntil < 0;
  }

  private Future<Token> fetch() {
    try {
      return Objects.requireNonNull(fetch.get(), "the source of the token returned null");
    } catch (RuntimeException thrown) {
      return Future.failedFuture(thrown);
    }
  }

  private void fetched(AsyncResult<Token> fetched, Promise<String> started) {
    Token fresh = fetched.result();
    lock.lock();
    try {
      long now = time.nanoTime();
      fetching = null;
      fetchedAt = now;
      if (fresh == null) {
        pause(now, fetched.cause());
      } else {
        long lifetime = Nanos.of(fresh.lifetime());
        token = Future.succeededFuture(fresh.value());
        refreshAt = now + lifetime / 5 * 4;
        expiresAt = now + lifetime;
        failure = null;
      }
    } finally {
      lock.unlock();
    }
    if (fresh == null) {
      LOG.log(Level.DEBUG, "no token, and none is asked for in the next second", fetched.cause());
      started.fail(fetched.cause());
    } else {
      started.complete(fresh.value());
    }
  }

  private void pause(long now, @Nullable Throwable why) {
    failure = why == null ? new IllegalStateException("the source of the token gave none") : why;
    pauseUntil = now + PAUSE_NANOS;
  }

  @Override
  public void refused(String refused) {
    lock.lock();
    try {
      long now = time.nanoTime();
      if (token != null && refused.equals(token.result())) {
        token = null;
        if (now - fetchedAt < PAUSE_NANOS) {
          pause(fetchedAt, new IllegalStateException("the server refuses the token that is new"));
        }
      }
    } finally {
      lock.unlock();
    }
  }

  @Override
  public String toString() {
    return "refreshed";
  }
}
