// SPDX-License-Identifier: Apache-2.0
package com.example.greetings;

import dev.vertxmicro.runtime.CallOption;
import dev.vertxmicro.runtime.Request;
import dev.vertxmicro.runtime.RpcClient;
import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import java.time.Duration;

/** Has every name that arrives on the event bus greeted by the service {@code greeter}. */
public final class VisitorVerticle extends VerticleBase {

  /** Where the names arrive; the answer is the greeting. */
  public static final String ADDRESS = "visitors";

  private RpcClient client;

  @Override
  public Future<?> start() {
    client = RpcClient.create(vertx);
    return vertx
        .eventBus()
        .<String>consumer(ADDRESS)
        .handler(
            message ->
                hello(message.body())
                    .onComplete(
                        greeting -> message.reply(greeting.text()),
                        failure -> message.fail(1, failure.getMessage())))
        .completion();
  }

  private Future<Greeting> hello(String name) {
    return client.call(
        Request.of("greeter", "Greeter.Hello", new Hello(name), Greeting.class),
        CallOption.timeout(Duration.ofSeconds(5)),
        CallOption.retries(2),
        CallOption.idempotent());
  }

  @Override
  public Future<?> stop() {
    return client.close();
  }
}
