// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.samples.interop;

import static dev.vertxmicro.samples.interop.Wired.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.vertxmicro.greeter.HelloReply;
import dev.vertxmicro.greeter.HelloRequest;
import dev.vertxmicro.peers.GoPeer;
import dev.vertxmicro.registry.MemoryRegistry;
import dev.vertxmicro.runtime.Environments;
import dev.vertxmicro.runtime.Preset;
import dev.vertxmicro.runtime.Request;
import dev.vertxmicro.runtime.RpcClient;
import dev.vertxmicro.runtime.grpc.FlakyProxy;
import dev.vertxmicro.runtime.grpc.FlakyProxy.Direction;
import dev.vertxmicro.runtime.grpc.FrameType;
import dev.vertxmicro.runtime.grpc.SeenFrame;
import dev.vertxmicro.runtime.server.RpcServer;
import dev.vertxmicro.runtime.server.ServerOptions;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonObject;
import java.nio.charset.StandardCharsets;
import java.util.Map;

/** {@code MICRO_PROXY} says where calls go, and not what is called there, on both sides. */
abstract class ProxyCases {

  private static final String ELSEWHERE = "elsewhere";
  private static final HelloRequest ADA = HelloRequest.newBuilder().setName("Ada").build();

  @InteropCase(
      number = "23a",
      value =
          "`MICRO_PROXY=host:port`: J's calls go there, by mucp and by gRPC; `Micro-Service` and the"
              + " path name the service")
  void javaCallsAProxy(String program) throws Exception {
    try (Wired wired = Wired.toMucp(program)) {
      assertEquals(wired.peer().address(), servedBy(wired, "mucp"));

      String sent = wired.tap().bytes(0, Direction.TO_SERVER).toString(StandardCharsets.UTF_8);
      assertTrue(sent.contains("\r\nMicro-Service: " + ELSEWHERE + "\r\n"), sent);
    }
    try (Wired wired = Wired.to(program)) {
      assertEquals(wired.peer().address(), servedBy(wired, "grpc"));

      assertEquals("/" + ELSEWHERE + ".Greeter/Hello", Wired.header(wired.request(), ":path"));
    }
  }

  private static String servedBy(Wired proxy, String protocol) {
    RpcClient client =
        Environments.with(
                RpcClient.builder(proxy.vertx())
                    .preset(Preset.GO_MICRO)
                    .with(options -> options.setProtocol(protocol)),
                Map.of("MICRO_PROXY", proxy.address()))
            .build();
    HelloReply reply =
        await(client.call(Request.of(ELSEWHERE, "Greeter.Hello", ADA, HelloReply.class)));
    await(client.close());
    return reply.getServedBy();
  }

  @InteropCase(
      number = "23b",
      value = "`MICRO_PROXY=host:port`: G's calls reach J there, whatever address they name")
  void goMicroCallsAProxy(String program) throws Exception {
    Vertx vertx = Vertx.vertx();
    RpcServer server =
        RpcServer.create(vertx, new ServerOptions(ELSEWHERE))
            .handle(
                "Greeter.Hello",
                HelloRequest.class,
                hello ->
                    Future.succeededFuture(
                        HelloReply.newBuilder().setGreeting("Hello " + hello.getName()).build()));
    await(server.start(MemoryRegistry.create(vertx)));
    try (FlakyProxy proxy = FlakyProxy.to(Wired.port(server.node().address()))) {
      JsonObject outcome =
          GoPeer.run(
              program,
              Map.of("MICRO_PROXY", "127.0.0.1:" + proxy.port()),
              "-mode",
              "call",
              "-name",
              ELSEWHERE,
              "-target",
              "127.0.0.1:1",
              "-json",
              "{\"name\":\"Ada\"}");

      assertEquals(
          "Hello Ada",
          outcome.getJsonObject("reply", new JsonObject()).getString("greeting"),
          outcome::encode);
      SeenFrame request =
          proxy.tap().awaitFrame("a request", 0, Direction.TO_SERVER, f -> f.is(FrameType.HEADERS));
      assertEquals("/" + ELSEWHERE + ".Greeter/Hello", Wired.header(request, ":path"));
    }
    await(server.close());
    await(vertx.close());
  }
}
