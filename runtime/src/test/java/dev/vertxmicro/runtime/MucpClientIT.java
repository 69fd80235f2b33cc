// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.vertxmicro.codec.Message;
import dev.vertxmicro.errors.RpcException;
import dev.vertxmicro.greeter.EchoReply;
import dev.vertxmicro.greeter.EchoRequest;
import dev.vertxmicro.registry.Node;
import dev.vertxmicro.registry.Service;
import dev.vertxmicro.registry.StaticRegistry;
import dev.vertxmicro.runtime.mucp.MucpPeer;
import dev.vertxmicro.runtime.transport.MemoryTransport;
import dev.vertxmicro.runtime.transport.TransportObserver;
import dev.vertxmicro.runtime.transport.TransportPeer;
import dev.vertxmicro.time.TimeSource;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A client finds the transport of a node, and with it what the content type of a call is. */
class MucpClientIT {

  private record Greeting(String text) {}

  private final Vertx vertx = Vertx.vertx();
  private final Queue<TransportPeer.Call> seen = new ConcurrentLinkedQueue<>();
  private final Queue<String> inMemory = new ConcurrentLinkedQueue<>();
  private MucpPeer peer;

  @BeforeEach
  void start() {
    peer = MucpPeer.start(vertx);
    peer.serve(
        call -> {
          seen.add(call);
          call.reply(Message.reply().body(call.body()).build());
        });
  }

  @AfterEach
  void stop() {
    peer.close();
    Bench.await(vertx.close());
  }

  @Test
  void theContentTypeOfACallFollowsItsNode() {
    RpcClient client = client(peer.node());

    assertEquals(new Greeting("hi"), Bench.await(client.call(greeting())));
    EchoRequest request = EchoRequest.newBuilder().build();
    assertEquals(
        EchoReply.getDefaultInstance(),
        Bench.await(client.call(Request.of("greeter", "Greeter.Echo", request, EchoReply.class))));
    Buffer bytes = Buffer.buffer("raw");
    assertEquals(
        bytes, Bench.await(client.call(Request.of("greeter", "Greeter.Raw", bytes, Buffer.class))));

    assertEquals(
        List.of("application/json", "application/protobuf", "application/octet-stream"),
        seen.stream().map(TransportPeer.Call::contentType).toList());
    Bench.await(client.close());
  }

  @Test
  void aCallMayNameItsContentType() {
    RpcClient client = client(peer.node());

    Greeting reply =
        Bench.await(client.call(greeting(), CallOption.contentType("application/json-rpc")));

    assertEquals(new Greeting("hi"), reply);
    assertEquals("application/json-rpc", seen.remove().contentType());
    Future<Greeting> misfit =
        client.call(greeting(), CallOption.contentType("application/grpc+json"));
    RpcException unfit =
        Bench.await(
            misfit.transform(end -> Future.succeededFuture(RpcException.from(end.cause()))));
    assertTrue(unfit.detail().contains("unsupported Content-Type"), unfit.detail());
    Bench.await(client.close());
  }

  @Test
  void nodesOfSeveralProtocolsServeOneService() {
    RpcClient client = client(peer.node(), Node.builder("b", "b").protocol("grpc").build());

    List<Greeting> replies = new ArrayList<>();
    for (int i = 0; i < 40; i++) {
      replies.add(Bench.await(client.call(greeting())));
    }

    assertEquals(List.of(new Greeting("hi")), replies.stream().distinct().toList());
    assertEquals(40, seen.size() + inMemory.size());
    assertTrue(!seen.isEmpty() && !inMemory.isEmpty(), seen.size() + " of 40");
    assertTrue(seen.stream().allMatch(call -> call.contentType().equals("application/json")));
    assertEquals(List.of("application/grpc+json"), inMemory.stream().distinct().toList());
    Bench.await(client.close());
  }

  @Test
  void addressesSpeakTheProtocolOfTheClient() {
    RpcClient client = builder().with(options -> options.setProtocol("mucp")).build();

    Bench.await(client.call(greeting(), CallOption.address(peer.node().address())));

    assertEquals("application/json", seen.remove().contentType());
    Bench.await(client.close());
  }

  @Test
  void nodesWithoutProtocolAreOfGoMicrosFirstVersionsIfTheClientSpeaksMucp() {
    RpcClient client =
        builder()
            .with(options -> options.setProtocol("mucp"))
            .withRegistry(registry(Node.of("old", peer.node().address())))
            .build();

    assertEquals(new Greeting("hi"), Bench.await(client.call(greeting())));

    TransportPeer.Call call = seen.remove();
    assertEquals("application/json-rpc", call.contentType());
    assertEquals("application/json", call.headers().get("Accept"));
    Bench.await(client.close());
  }

  @Test
  void withGoMicrosPresetTheNodeSaysWhatIsSpokenAndElseItIsMucp() {
    RpcClient named = goMicro(Node.builder("b", "b").protocol("grpc").build());
    RpcClient mucp = goMicro(peer.node());
    RpcClient unnamed = goMicro(Node.of("old", peer.node().address()));

    Bench.await(named.call(greeting()));
    Bench.await(mucp.call(greeting()));
    Bench.await(unnamed.call(greeting()));
    Bench.await(unnamed.call(greeting(), CallOption.address(peer.node().address())));

    assertEquals(1, inMemory.size());
    assertEquals(
        List.of("application/json", "application/json-rpc", "application/json"),
        seen.stream().map(TransportPeer.Call::contentType).toList());
    for (RpcClient client : List.of(named, mucp, unnamed)) {
      Bench.await(client.close());
    }
  }

  private RpcClient goMicro(Node node) {
    return builder().preset(Preset.GO_MICRO).withRegistry(registry(node)).build();
  }

  @Test
  void aProxyGetsCallsUnderTheNameOfTheirService() {
    Map<String, String> variables = Map.of("MICRO_PROXY", peer.node().address());
    RpcClient client =
        builder()
            .with(options -> options.setProtocol("mucp").setProxyFromEnvironment(true))
            .withEnvironment(new ProxyEnvironment(new ProxyEnvironment.Variables(variables::get)))
            .build();

    Bench.await(client.call(greeting()));

    TransportPeer.Call call = seen.remove();
    assertEquals("greeter", call.headers().get("Micro-Service"));
    assertEquals("application/json", call.contentType());
    Bench.await(client.close());
  }

  private static Request<Greeting, Greeting> greeting() {
    return Request.of("greeter", "Greeter.Hello", new Greeting("hi"), Greeting.class);
  }

  private RpcClient client(Node... nodes) {
    return builder().withRegistry(registry(nodes)).build();
  }

  private static StaticRegistry registry(Node... nodes) {
    Service.Builder service = Service.builder("greeter");
    for (Node node : nodes) {
      service.node(node);
    }
    return StaticRegistry.of(service.build());
  }

  /** A client that finds mucp by itself, and whose gRPC stays in memory. */
  private RpcClientBuilder builder() {
    MemoryTransport grpc =
        MemoryTransport.create("grpc", TimeSource.of(vertx), TransportObserver.NONE);
    grpc.serve(
        "b",
        incoming -> {
          inMemory.add(incoming.message().contentType());
          JsonObject body = incoming.message().body().toJsonObject();
          return Future.succeededFuture(Message.reply().body(body.toBuffer()).build());
        });
    return RpcClient.builder(vertx).withTransport(grpc);
  }
}
