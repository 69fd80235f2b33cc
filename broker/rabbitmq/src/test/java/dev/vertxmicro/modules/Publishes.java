// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.modules;

import dev.vertxmicro.broker.rabbitmq.RabbitBroker;
import dev.vertxmicro.broker.rabbitmq.RabbitBrokerOptions;
import dev.vertxmicro.codec.Message;
import io.vertx.core.Vertx;
import java.util.List;

/** A program that publishes one event; in a package that is none of the broker's modules. */
public final class Publishes {

  private Publishes() {}

  /** Expects the address of the server; says in what module the broker is. */
  public static void main(String[] args) {
    Vertx vertx = Vertx.vertx();
    RabbitBroker broker =
        RabbitBroker.create(vertx, new RabbitBrokerOptions().setServers(List.of(args[0])));
    broker
        .connect()
        .compose(connected -> broker.publish("news", Message.event("news").build()))
        .compose(published -> broker.close())
        .eventually(vertx::close)
        .onSuccess(done -> System.out.println("published by " + broker.getClass().getModule()))
        .onFailure(Throwable::printStackTrace);
  }
}
