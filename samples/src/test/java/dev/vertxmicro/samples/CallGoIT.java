// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.samples;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.vertxmicro.greeter.HelloReply;
import dev.vertxmicro.peers.GoPeer;
import dev.vertxmicro.runtime.RpcClient;
import io.vertx.core.Vertx;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;

class CallGoIT {

  @ParameterizedTest
  @FieldSource("dev.vertxmicro.peers.GoPeer#ALL")
  void callsAGoService(String program) throws Exception {
    Vertx vertx = Vertx.vertx();
    try (GoPeer peer = GoPeer.start(program, "greeter")) {
      RpcClient client = RpcClient.create(vertx);

      HelloReply reply = CallGo.hello(client, peer.address(), "Ada").await(30, TimeUnit.SECONDS);

      assertEquals("Hello Ada", reply.getGreeting());
      assertEquals(peer.address(), reply.getServedBy());
    } finally {
      vertx.close().await(30, TimeUnit.SECONDS);
    }
  }
}
