// SPDX-License-Identifier: Apache-2.0
package com.example.greetings;

import dev.vertxmicro.registry.MemoryRegistry;
import dev.vertxmicro.runtime.server.RpcServer;
import dev.vertxmicro.runtime.server.ServerOptions;
import io.vertx.core.Future;
import io.vertx.core.VerticleBase;

/** Serves {@code Greeter.Hello}; leaves the registry when it is undeployed. */
public final class GreeterVerticle extends VerticleBase {

  @Override
  public Future<?> start() {
    return RpcServer.create(vertx, new ServerOptions("greeter"))
        .handle("Greeter.Hello", Hello.class, GreeterVerticle::greet)
        .start(MemoryRegistry.shared(vertx));
  }

  private static Future<Greeting> greet(Hello hello) {
    return Future.succeededFuture(new Greeting("Hello " + hello.name()));
  }
}
