// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.broker.http;

import dev.vertxmicro.broker.Broker;
import dev.vertxmicro.broker.BrokerContract;
import dev.vertxmicro.registry.MemoryRegistry;
import dev.vertxmicro.registry.Node;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpMethod;

/** Brokers that meet in a registry in memory, over real connections. */
class HttpBrokerIT extends BrokerContract {

  @Override
  protected Broker open(Vertx vertx) {
    return HttpBroker.create(vertx, MemoryRegistry.shared(vertx));
  }

  @Override
  protected boolean redelivers() {
    return true;
  }

  @Override
  protected boolean sendGarbage(String topic) {
    HttpClient client = vertx().createHttpClient();
    Node node =
        await(MemoryRegistry.shared(vertx()).get(GoMicroNode.SERVICE)).get(0).nodes().get(0);
    Target target = Target.of(node);
    await(
        client
            .request(HttpMethod.POST, target.port(), target.host(), GoMicroNode.uri(target.id()))
            .compose(request -> request.send("garbage"))
            .compose(response -> response.end()));
    await(client.close());
    return true;
  }
}
