// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.samples.embedding;

import dev.vertxmicro.registry.Registry;
import dev.vertxmicro.runtime.RpcClient;
import dev.vertxmicro.runtime.RpcClientOptions;
import dev.vertxmicro.runtime.RpcObserver;
import dev.vertxmicro.samples.stubs.Warehouse;
import dev.vertxmicro.samples.stubs.Warehouse.Article;
import dev.vertxmicro.samples.stubs.WarehouseStub;
import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import io.vertx.core.eventbus.MessageConsumer;
import io.vertx.core.json.JsonObject;
import org.jspecify.annotations.Nullable;

/** Each instance has a client of its own, configured by the JSON of its deployment. */
public final class OwnClientVerticle extends VerticleBase {

  /** Where questions arrive on the event bus: the name of an article, for how many there are. */
  public static final String ADDRESS = "stock.own";

  private final Registry registry;
  private final RpcObserver observer;

  /** Makes an instance that finds services there. */
  public OwnClientVerticle(Registry registry, RpcObserver observer) {
    this.registry = registry;
    this.observer = observer;
  }

  // tag::own[]
  private @Nullable RpcClient client;

  @Override
  public Future<?> start() {
    JsonObject rpc = config().getJsonObject("rpc", new JsonObject());
    RpcClient client =
        RpcClient.builder(vertx)
            .with(new RpcClientOptions(rpc)) // {"poolSize": 4, "calls": {"timeout": 500}}
            .withRegistry(registry)
            .withObserver(observer)
            .build();
    this.client = client;
    Warehouse warehouse = WarehouseStub.create(client);
    MessageConsumer<String> questions = vertx.eventBus().consumer(ADDRESS);
    questions.handler(
        question ->
            warehouse
                .count(new Article(question.body()))
                .onSuccess(goods -> question.reply(goods.count()))
                .onFailure(failure -> question.fail(1, failure.getMessage())));
    return questions.completion();
  }

  @Override
  public Future<?> stop() {
    // Lets running calls end, for at most drainTimeout.
    return client == null ? Future.succeededFuture() : client.close();
  }
  // end::own[]
}
