// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.benchmarks;

import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;

/** Opens a stream on its event loop while the thread of the program waits. */
final class Opening {

  private static final int SECONDS = 10;

  private Opening() {}

  static <T> T await(Context context, Supplier<Future<T>> open) {
    Promise<T> opened = Promise.promise();
    context.runOnContext(here -> open.get().onComplete(opened));
    try {
      return opened.future().await(SECONDS, TimeUnit.SECONDS);
    } catch (TimeoutException late) {
      throw new IllegalStateException("no stream in " + SECONDS + " s", late);
    }
  }
}
