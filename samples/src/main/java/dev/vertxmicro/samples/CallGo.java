// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.samples;

import dev.vertxmicro.errors.RpcException;
import dev.vertxmicro.greeter.HelloReply;
import dev.vertxmicro.greeter.HelloRequest;
import dev.vertxmicro.runtime.CallOption;
import dev.vertxmicro.runtime.Request;
import dev.vertxmicro.runtime.RpcClient;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.time.Duration;

/**
 * Calls the greeter of a go-micro program, such as those in {@code samples/go-peers}, by its
 * address. With a registry that both share, Consul or etcd, the address is not needed.
 */
public final class CallGo {

  private CallGo() {}

  // tag::call-go[]
  static Future<HelloReply> hello(RpcClient client, String address, String name) {
    HelloRequest ask = HelloRequest.newBuilder().setName(name).build();
    return client.call(
        Request.of("greeter", "Greeter.Hello", ask, HelloReply.class),
        CallOption.address(address),
        CallOption.timeout(Duration.ofSeconds(10)));
  }

  // end::call-go[]

  /**
   * Prints the greeting, or why there is none.
   *
   * @param args the address as {@code host:port}, and the name to greet
   */
  public static void main(String... args) {
    if (args.length != 2) {
      System.err.println("CallGo <host:port> <name>");
      System.exit(2);
    }
    Vertx vertx = Vertx.vertx();
    RpcClient client = RpcClient.create(vertx);
    boolean greeted = false;
    try {
      HelloReply reply = hello(client, args[0], args[1]).await();
      System.out.println(reply.getGreeting() + ", says " + reply.getServedBy());
      greeted = true;
    } catch (RpcException failure) {
      System.err.println(failure.getMessage());
    }
    client.close().await();
    vertx.close().await();
    System.exit(greeted ? 0 : 1);
  }
}
