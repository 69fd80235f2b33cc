// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.samples;

import dev.vertxmicro.greeter.HelloReply;
import dev.vertxmicro.greeter.HelloRequest;
import dev.vertxmicro.registry.Node;
import dev.vertxmicro.runtime.Reply;
import dev.vertxmicro.runtime.Request;
import io.vertx.core.Future;

/** Greets each name twice: with records as JSON, and with protobuf messages. */
final class GreetingScene implements Scene {

  @Override
  public String title() {
    return "Whoever calls the service by its name is answered by one of its nodes";
  }

  @Override
  public Future<Void> play(Stage stage) {
    Future<Void> greeted = Future.succeededFuture();
    for (String name : stage.names()) {
      greeted = greeted.compose(before -> greet(stage, name));
    }
    return greeted;
  }

  private Future<Void> greet(Stage stage, String name) {
    Future<Node> json =
        stage.hello(name).map(reply -> checked(name, reply.body().greeting(), reply.node()));
    Future<Node> proto =
        protoHello(stage, name)
            .map(reply -> checked(name, reply.body().getGreeting(), reply.node()));
    return Future.all(json, proto)
        .map(
            both -> {
              stage.say(
                  "\"%s\", says %s in JSON and %s in protobuf"
                      .formatted(
                          Names.shown(Greeter.text(name)),
                          json.result().id(),
                          proto.result().id()));
              return null;
            });
  }

  private Future<Reply<HelloReply>> protoHello(Stage stage, String name) {
    HelloRequest hello = HelloRequest.newBuilder().setName(name).build();
    Request<HelloRequest, HelloReply> request =
        Request.of(Greeter.SERVICE, "ProtoGreeter.Hello", hello, HelloReply.class);
    return stage.client().start(request).response();
  }

  private Node checked(String name, String greeting, Node node) {
    Check.that(greeting.equals(Greeter.text(name)), Greeter.text(name), greeting);
    return node;
  }
}
