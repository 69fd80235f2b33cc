// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.samples.stubs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.vertxmicro.errors.RpcException;
import dev.vertxmicro.greeter.ChatReply;
import dev.vertxmicro.greeter.ChatRequest;
import dev.vertxmicro.greeter.FailRequest;
import dev.vertxmicro.greeter.Greeter;
import dev.vertxmicro.greeter.GreeterStub;
import dev.vertxmicro.greeter.SumReply;
import dev.vertxmicro.greeter.SumRequest;
import dev.vertxmicro.peers.GoPeer;
import dev.vertxmicro.registry.StaticRegistry;
import dev.vertxmicro.runtime.RpcClient;
import dev.vertxmicro.runtime.RpcStream;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;

/** The stub of the very .proto file that the Go services are generated from, against them. */
class ProtoStubsIT {

  @ParameterizedTest
  @FieldSource("dev.vertxmicro.peers.GoPeer#ALL")
  void callsAGoServiceInEveryKind(String program) throws Exception {
    Vertx vertx = Vertx.vertx();
    try (GoPeer peer = GoPeer.start(program, "greeter")) {
      RpcClient client =
          RpcClient.builder(vertx)
              .withRegistry(StaticRegistry.of("go.micro.srv.greeter", peer.address()))
              .build();
      Counting counting = new Counting(client, "go.micro.srv.greeter");
      Greeter greeter = GreeterStub.create(client, "go.micro.srv.greeter");

      assertEquals("Hello Ada", await(counting.hello("Ada")));
      assertEquals(List.of(1L, 2L, 3L), await(counting.count(3)));
      assertEquals(6L, await(greeter.sum().compose(ProtoStubsIT::sum)));
      assertEquals(List.of("a", "b"), await(greeter.chat().compose(ProtoStubsIT::chat)));
      FailRequest fail =
          FailRequest.newBuilder().setCode(418).setId("tea").setDetail("a pot").build();
      RpcException failure = assertThrows(RpcException.class, () -> await(greeter.fail(fail)));
      assertEquals(418, failure.code());
      assertEquals("tea", failure.error().id());
    } finally {
      vertx.close().await(30, TimeUnit.SECONDS);
    }
  }

  private static <T> T await(Future<T> future) throws Exception {
    return future.await(30, TimeUnit.SECONDS);
  }

  private static Future<Long> sum(RpcStream<SumRequest, SumReply> stream) {
    for (int number = 1; number <= 3; number++) {
      stream.write(SumRequest.newBuilder().setNumber(number).build());
    }
    stream.end();
    return replies(stream).map(replies -> replies.get(0).getSum());
  }

  private static Future<List<String>> chat(RpcStream<ChatRequest, ChatReply> stream) {
    stream.write(ChatRequest.newBuilder().setText("a").build());
    stream.write(ChatRequest.newBuilder().setText("b").build());
    stream.end();
    return replies(stream).map(all -> all.stream().map(ChatReply::getText).toList());
  }

  private static <R> Future<List<R>> replies(RpcStream<?, R> stream) {
    Future<List<R>> all = stream.collect(Collectors.toList());
    stream.resume();
    return all;
  }
}
