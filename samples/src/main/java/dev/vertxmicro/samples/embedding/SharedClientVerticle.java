// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.samples.embedding;

import dev.vertxmicro.runtime.RpcClient;
import dev.vertxmicro.samples.stubs.Warehouse;
import dev.vertxmicro.samples.stubs.Warehouse.Article;
import dev.vertxmicro.samples.stubs.WarehouseStub;
import io.vertx.core.DeploymentOptions;
import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import io.vertx.core.Vertx;
import io.vertx.core.eventbus.MessageConsumer;

/** All instances call through one client, which whoever deploys them makes and closes. */
public final class SharedClientVerticle extends VerticleBase {

  /** Where questions arrive on the event bus: the name of an article, for how many there are. */
  public static final String ADDRESS = "stock.shared";

  private final Warehouse warehouse;

  /** Makes an instance that calls through that stub. */
  public SharedClientVerticle(Warehouse warehouse) {
    this.warehouse = warehouse;
  }

  // tag::shared[]
  /** Deploys as many instances as there are to be, on as many event loops. */
  public static Future<String> deploy(Vertx vertx, RpcClient client, int instances) {
    Warehouse warehouse = WarehouseStub.create(client);
    return vertx.deployVerticle(
        () -> new SharedClientVerticle(warehouse), new DeploymentOptions().setInstances(instances));
  }

  // end::shared[]

  @Override
  public Future<?> start() {
    MessageConsumer<String> questions = vertx.eventBus().consumer(ADDRESS);
    questions.handler(
        question ->
            warehouse
                .count(new Article(question.body()))
                .onSuccess(goods -> question.reply(goods.count()))
                .onFailure(failure -> question.fail(1, failure.getMessage())));
    return questions.completion();
  }
}
