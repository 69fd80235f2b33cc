// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.benchmarks;

import io.vertx.core.Context;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** The event bus as it is: bytes to everybody, or to one who answers. */
final class EventBusLoad implements Load {

  private static final String ADDRESS = "bench";

  private final boolean request;
  private final Vertx vertx = Vertx.vertx();
  private final Context context = vertx.getOrCreateContext();
  private final Buffer body = Buffer.buffer(new byte[PAYLOAD_BYTES]);

  // Touched on the context only.
  private final Deque<Consumer<@Nullable Throwable>> open = new ArrayDeque<>();

  EventBusLoad(boolean request) {
    this.request = request;
    vertx
        .eventBus()
        .<Buffer>consumer(
            ADDRESS,
            message -> {
              if (request) {
                message.reply(null);
              }
              int size = message.body().length();
              open.remove()
                  .accept(
                      size == PAYLOAD_BYTES ? null : new IllegalStateException("event of " + size));
            })
        .completion()
        .await();
  }

  @Override
  public String options() {
    return request ? "each waits for its answer, too" : "one consumer";
  }

  @Override
  public void execute(Runnable task) {
    context.runOnContext(run -> task.run());
  }

  @Override
  public void call(Consumer<@Nullable Throwable> done) {
    open.add(done);
    if (request) {
      vertx
          .eventBus()
          .<Void>request(ADDRESS, body)
          .onFailure(
              failure -> {
                throw new IllegalStateException(failure);
              });
    } else {
      vertx.eventBus().publish(ADDRESS, body);
    }
  }

  @Override
  public void close() {
    vertx.close().await();
  }
}
