// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.cli;

import dev.vertxmicro.codec.CodecException;
import dev.vertxmicro.errors.GrpcStatus;
import dev.vertxmicro.errors.RpcError;
import dev.vertxmicro.errors.RpcException;
import dev.vertxmicro.registry.Registry;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.Deque;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/**
 * What all commands have in common: a registry, how they print, and what their failures become. A
 * command waits on its own thread, and each wait is bounded; what it opened is closed at its end,
 * also when it is interrupted.
 */
abstract class BaseCommand implements Callable<Integer> {

  private static final Duration CLOSING = Duration.ofSeconds(5);

  /** More than what registries and calls allow themselves. */
  private static final Duration MARGIN = Duration.ofSeconds(10);

  @Spec CommandSpec spec = CommandSpec.create();

  @Mixin RegistryFlags registryFlags = new RegistryFlags();

  @Option(names = "--json", description = "Print JSON, one object a line.")
  boolean json;

  private final Deque<Supplier<Future<Void>>> closing = new ConcurrentLinkedDeque<>();

  /** Does what is asked and returns the exit code. */
  abstract int run(Vertx vertx, Terminal terminal);

  @Override
  public Integer call() {
    Terminal terminal = new Terminal(spec.commandLine().getOut());
    Vertx vertx = Vertx.vertx(new VertxOptions().setEventLoopPoolSize(2));
    Thread atExit = new Thread(() -> close(vertx), "end");
    Runtime.getRuntime().addShutdownHook(atExit);
    try {
      return run(vertx, terminal);
    } catch (IllegalArgumentException unfit) {
      throw new ParameterException(spec.commandLine(), String.valueOf(unfit.getMessage()), unfit);
    } catch (RpcException failure) {
      return failed(failure);
    } catch (CodecException unreadable) {
      spec.commandLine().getErr().println("micro: " + unreadable.getMessage());
      return MicroCommand.FAILED;
    } finally {
      close(vertx);
      forget(atExit);
    }
  }

  private static void forget(Thread atExit) {
    try {
      Runtime.getRuntime().removeShutdownHook(atExit);
    } catch (IllegalStateException interrupted) {
      // The process is ending already, and the hook has nothing left to close.
    }
  }

  /** Opens the registry, to be closed at the end. */
  Registry openRegistry(Vertx vertx) {
    Registry registry = registryFlags.open(vertx);
    atEnd(registry::close);
    return registry;
  }

  /** What was opened last is closed first. */
  void atEnd(Supplier<Future<Void>> close) {
    closing.push(close);
  }

  private void close(Vertx vertx) {
    Future<Void> closed = Future.succeededFuture();
    for (Supplier<Future<Void>> close = closing.poll(); close != null; close = closing.poll()) {
      Supplier<Future<Void>> next = close;
      closed = closed.transform(before -> next.get());
    }
    try {
      closed
          .transform(all -> vertx.close())
          .toCompletionStage()
          .toCompletableFuture()
          .get(CLOSING.toMillis(), TimeUnit.MILLISECONDS);
    } catch (ExecutionException | TimeoutException left) {
      spec.commandLine().getErr().println("micro: not all was closed: " + left);
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  /** Waits for something that bounds itself to {@code most}. */
  static <T> T await(Future<T> future, Duration most) {
    try {
      return future
          .toCompletionStage()
          .toCompletableFuture()
          .get(most.plus(MARGIN).toMillis(), TimeUnit.MILLISECONDS);
    } catch (ExecutionException failed) {
      Throwable cause = failed.getCause();
      if (cause instanceof IllegalArgumentException unfit) {
        throw unfit;
      }
      if (cause instanceof CodecException unreadable) {
        throw unreadable;
      }
      throw RpcException.from(cause == null ? failed : cause);
    } catch (TimeoutException endless) {
      throw RpcException.client(GrpcStatus.DEADLINE_EXCEEDED, "no end within " + most).build();
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      throw RpcException.client(GrpcStatus.CANCELLED, "interrupted").build();
    }
  }

  /** Says what failed and returns the exit code. */
  int failed(RpcException failure) {
    if (json) {
      spec.commandLine().getErr().println(errorJson(failure).encode());
    } else {
      spec.commandLine().getErr().println("micro: " + failure.getMessage());
    }
    return exitCode(failure);
  }

  static JsonObject errorJson(RpcException failure) {
    return new JsonObject()
        .put("id", failure.error().id())
        .put("code", failure.code())
        .put("detail", failure.detail())
        .put("status", failure.grpcStatus().name())
        .put("processed", failure.processed().name());
  }

  /** A service that says 404 or 503 itself has answered: that is its error. */
  static int exitCode(RpcException failure) {
    boolean own = failure.error().id().equals(RpcError.CLIENT_ID);
    return switch (failure.grpcStatus()) {
      case DEADLINE_EXCEEDED -> MicroCommand.TIMED_OUT;
      case UNIMPLEMENTED -> MicroCommand.NOT_FOUND;
      case NOT_FOUND -> own ? MicroCommand.NOT_FOUND : MicroCommand.FAILED;
      case UNAVAILABLE -> own ? MicroCommand.UNREACHABLE : MicroCommand.FAILED;
      default -> MicroCommand.FAILED;
    };
  }
}
