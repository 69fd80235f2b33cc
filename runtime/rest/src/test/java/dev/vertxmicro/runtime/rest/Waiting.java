// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.rest;

import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.vertxmicro.errors.RpcException;
import io.vertx.core.Future;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Waits of tests, none of them for ever. */
public final class Waiting {

  private static final long PATIENCE_SECONDS = 20;

  private Waiting() {}

  public static <T> T await(Future<T> future) {
    return await(future, PATIENCE_SECONDS);
  }

  public static <T> T await(Future<T> future, long seconds) {
    try {
      return future.toCompletionStage().toCompletableFuture().get(seconds, TimeUnit.SECONDS);
    } catch (ExecutionException e) {
      if (e.getCause() instanceof RuntimeException failure) {
        throw failure;
      }
      throw new AssertionError(e);
    } catch (InterruptedException | TimeoutException e) {
      throw new AssertionError(e);
    }
  }

  public static RpcException failure(Future<?> future) {
    return assertThrows(RpcException.class, () -> await(future));
  }
}
