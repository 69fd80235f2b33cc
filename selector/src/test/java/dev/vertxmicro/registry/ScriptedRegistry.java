// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.registry;

import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.Promise;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A registry that answers what a test says, when the test says. For one service; only {@code
 * answer} and {@code get} may be called by several threads.
 */
public final class ScriptedRegistry implements Registry {

  private final Deque<Promise<List<Service>>> open = new ArrayDeque<>();
  private final List<ScriptedWatch> watches = new ArrayList<>();
  private volatile Supplier<Future<List<Service>>> answer = () -> Future.succeededFuture(List.of());
  private @Nullable Supplier<Watch> otherWatch;
  private volatile boolean holding;
  private Future<Void> ready = Future.succeededFuture();
  private int lookUps;

  /** Makes a registry that knows nothing. */
  public ScriptedRegistry() {}

  /** Answers {@code versions} from now on. */
  public void answer(Service... versions) {
    Future<List<Service>> future = Future.succeededFuture(List.of(versions));
    answerWith(() -> future);
  }

  /** Fails look-ups from now on. */
  public void fail(Throwable failure) {
    Future<List<Service>> future = Future.failedFuture(failure);
    answerWith(() -> future);
  }

  /** Does at look-ups what {@code answer} does from now on: null and throwing are garbage. */
  public void answerWith(Supplier<Future<List<Service>>> answer) {
    this.answer = answer;
    holding = false;
  }

  /** Does at watches what {@code watch} does from now on; null: watches as usual. */
  public void watchWith(@Nullable Supplier<Watch> watch) {
    otherWatch = watch;
  }

  /** Leaves look-ups open from now on, to be completed by {@link #held}. */
  public void hold() {
    holding = true;
  }

  /** Returns the oldest look-up that was left open and has not been returned yet. */
  public Promise<List<Service>> held() {
    return open.remove();
  }

  /** Says when watches that are opened from now on stand. */
  public void ready(Future<Void> ready) {
    this.ready = ready;
  }

  /** Reports a change to all watches. */
  public void report(RegistryEvent event) {
    List.copyOf(watches).forEach(watch -> watch.handler.handle(event));
  }

  /** Returns how often a service was looked up. */
  public int lookUps() {
    return lookUps;
  }

  /** Returns how many watches are open. */
  public int watches() {
    return watches.size();
  }

  @Override
  public Future<List<Service>> get(String service) {
    lookUps++;
    if (!holding) {
      return answer.get();
    }
    Promise<List<Service>> promise = Promise.promise();
    open.add(promise);
    return promise.future();
  }

  @Override
  public Future<List<String>> list() {
    return answer.get().map(versions -> versions.stream().map(Service::name).distinct().toList());
  }

  @Override
  public Future<Registration> register(Service service, RegisterOptions options) {
    return Future.failedFuture("not part of the script");
  }

  @Override
  public Watch watch(String service, Handler<RegistryEvent> handler) {
    if (otherWatch != null) {
      return otherWatch.get();
    }
    ScriptedWatch watch = new ScriptedWatch(ready, handler);
    watches.add(watch);
    return watch;
  }

  @Override
  public Future<Void> close() {
    watches.clear();
    return Future.succeededFuture();
  }

  private final class ScriptedWatch implements Watch {
    private final Future<Void> ready;
    private final Handler<RegistryEvent> handler;

    ScriptedWatch(Future<Void> ready, Handler<RegistryEvent> handler) {
      this.ready = ready;
      this.handler = handler;
    }

    @Override
    public Future<Void> ready() {
      return ready;
    }

    @Override
    public void close() {
      watches.remove(this);
    }
  }
}
