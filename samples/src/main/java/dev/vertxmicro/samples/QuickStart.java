// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.samples;

import dev.vertxmicro.registry.MemoryRegistry;
import dev.vertxmicro.runtime.CallOption;
import dev.vertxmicro.runtime.Request;
import dev.vertxmicro.runtime.RpcClient;
import dev.vertxmicro.runtime.server.RpcServer;
import dev.vertxmicro.runtime.server.ServerOptions;
import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import io.vertx.core.Vertx;
import java.time.Duration;

/** The smallest whole program, which the README shows: a verticle that serves and calls. */
public final class QuickStart {

  private QuickStart() {}

  // tag::quickstart[]
  static final class HelloVerticle extends VerticleBase {
    record Hello(String name) {}

    record Greeting(String greeting) {}

    @Override
    public Future<?> start() {
      RpcServer server = RpcServer.create(vertx, new ServerOptions("greeter"));
      server.handle("Greeter.Hello", Hello.class, HelloVerticle::greet);
      RpcClient client = RpcClient.create(vertx);
      var request = Request.of("greeter", "Greeter.Hello", new Hello("Ada"), Greeting.class);
      return server
          .start(MemoryRegistry.shared(vertx))
          .compose(v -> client.call(request, CallOption.timeout(Duration.ofSeconds(2))))
          .onSuccess(reply -> System.out.println(reply.greeting()));
    }

    static Future<Greeting> greet(Hello hello) {
      return Future.succeededFuture(new Greeting("Hello " + hello.name()));
    }
  }

  // end::quickstart[]

  /** Deploys the verticle, which prints {@code Hello Ada}, and ends. */
  public static void main(String[] args) {
    Vertx vertx = Vertx.vertx();
    try {
      vertx.deployVerticle(new HelloVerticle()).await();
    } finally {
      vertx.close().await();
    }
  }
}
