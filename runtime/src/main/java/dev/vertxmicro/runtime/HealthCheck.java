// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime;

import dev.vertxmicro.errors.GrpcStatus;
import dev.vertxmicro.errors.RpcException;
import dev.vertxmicro.registry.CachingRegistry;
import dev.vertxmicro.registry.Registry;
import dev.vertxmicro.runtime.ClientHealth.Reach;
import dev.vertxmicro.runtime.ClientHealth.ServiceHealth;
import dev.vertxmicro.selector.Health;
import dev.vertxmicro.selector.NodeDescription;
import dev.vertxmicro.time.Nanos;
import dev.vertxmicro.time.Timer;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Asks registry, selector and broker how they are, all at once and each for no longer than a
 * connect may take.
 *
 * <p>Called by {@link RuntimeRpcClient}; runs on the context of the caller.
 */
final class HealthCheck {

  private final ClientCore core;
  private final @Nullable Registry registry;
  private final @Nullable Registry cache;

  /**
   * @param registry what stands behind the selector; null if a selector was given
   * @param cache what stands before the registry; null if it answers from memory
   */
  HealthCheck(ClientCore core, @Nullable Registry registry, @Nullable Registry cache) {
    this.core = core;
    this.registry = registry;
    this.cache = cache;
  }

  /** Never fails. Called on {@code context}. */
  Future<ClientHealth> ask(Context context, List<String> names) {
    Future<@Nullable RpcException> listing = askRegistry(context);
    List<Future<ServiceHealth>> services = new ArrayList<>();
    names.forEach(name -> services.add(askSelector(context, name)));
    List<Future<?>> all = new ArrayList<>(services);
    all.add(listing);
    return Future.join(all)
        .map(
            answered ->
                new ClientHealth(
                    reach(listing.result()),
                    registryFailure(listing.result()),
                    core.broker().connectivity(),
                    services.stream().map(Future::result).toList()));
  }

  /** Completes with why the registry did not answer; null if it did. */
  private Future<@Nullable RpcException> askRegistry(Context context) {
    Registry asked = registry;
    return asked == null
        ? Future.succeededFuture()
        : bounded(context, asked::list, "registry")
            .transform(list -> Future.succeededFuture(failure(list.cause())));
  }

  private static @Nullable RpcException failure(@Nullable Throwable cause) {
    return cause == null ? null : RpcException.from(cause);
  }

  private Reach reach(@Nullable RpcException failure) {
    if (registry == null || isUnable(failure)) {
      return Reach.UNKNOWN;
    }
    return failure == null ? Reach.REACHABLE : Reach.UNREACHABLE;
  }

  private static @Nullable String registryFailure(@Nullable RpcException failure) {
    return failure == null || isUnable(failure) ? null : failure.getMessage();
  }

  private static boolean isUnable(@Nullable RpcException failure) {
    return failure != null && failure.grpcStatus() == GrpcStatus.UNIMPLEMENTED;
  }

  private Future<ServiceHealth> askSelector(Context context, String service) {
    return bounded(context, () -> core.selector().select(service), service)
        .transform(
            selection ->
                Future.succeededFuture(
                    selection.succeeded()
                        ? describe(service, selection.result().size())
                        : new ServiceHealth(
                            service,
                            0,
                            0,
                            isStale(service),
                            RpcException.from(selection.cause()).getMessage())));
  }

  private ServiceHealth describe(String service, int candidates) {
    List<NodeDescription> nodes =
        core.selector().describe(service).nodes().stream()
            .filter(NodeDescription::isInSubset)
            .toList();
    if (nodes.isEmpty()) {
      // A selector that describes nothing: what it offers is all that is known.
      return new ServiceHealth(service, candidates, candidates, isStale(service), null);
    }
    int healthy = (int) nodes.stream().filter(node -> node.health() == Health.HEALTHY).count();
    String failure = healthy > 0 ? null : "no healthy node: " + nodes;
    return new ServiceHealth(service, nodes.size(), healthy, isStale(service), failure);
  }

  private boolean isStale(String service) {
    return cache instanceof CachingRegistry caching && caching.isStale(service);
  }

  private <T> Future<T> bounded(Context context, Supplier<Future<T>> question, String whom) {
    Promise<T> answer = Contexts.promise(context);
    Future<T> asked;
    try {
      asked = Objects.requireNonNull(question.get(), whom + " answered null");
    } catch (Throwable thrown) {
      answer.fail(AttemptLoop.broken(whom, thrown));
      return answer.future();
    }
    Timer late =
        core.time()
            .timer(
                Nanos.of(core.options().getCalls().getDialTimeout()),
                () -> answer.tryFail(noAnswer(whom)));
    Contexts.on(
        context,
        asked,
        value -> {
          late.cancel();
          answer.tryComplete(value);
        },
        failure -> {
          late.cancel();
          answer.tryFail(failure);
        });
    return answer.future();
  }

  private static RpcException noAnswer(String whom) {
    return RpcException.client(GrpcStatus.DEADLINE_EXCEEDED, whom + ": no answer in time").build();
  }
}
