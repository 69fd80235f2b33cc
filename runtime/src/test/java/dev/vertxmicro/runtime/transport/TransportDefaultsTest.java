// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.transport;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.vertxmicro.codec.Message;
import dev.vertxmicro.errors.GrpcStatus;
import dev.vertxmicro.errors.Processed;
import dev.vertxmicro.errors.RpcException;
import dev.vertxmicro.registry.Node;
import dev.vertxmicro.time.Deadline;
import dev.vertxmicro.time.FakeTimeSource;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What a transport does that knows calls only. */
class TransportDefaultsTest {

  private final List<String> sent = new ArrayList<>();
  private final MemoryTransport memory = MemoryTransport.create(new FakeTimeSource());
  private final Transport callsOnly =
      new Transport() {
        @Override
        public String protocol() {
          return "plain";
        }

        @Override
        public List<String> contentTypes() {
          return memory.contentTypes();
        }

        @Override
        public Exchange send(Node node, Message request, Deadline deadline, SendOptions options) {
          sent.add(request.endpoint());
          return memory.send(node, request, deadline, options);
        }

        @Override
        public void setPool(PoolLimits limits) {}

        @Override
        public Future<Void> close(Deadline grace) {
          return memory.close(grace);
        }
      };

  private static Message request() {
    return Message.request("greeter", "Greeter.Hello").build();
  }

  @Test
  void refusesStreamsWithItsName() {
    StreamExchange refused =
        callsOnly.open(Node.of("n1", "n1"), request(), Deadline.NONE, SendOptions.DEFAULT);

    RpcException failure = (RpcException) refused.reply().cause();
    assertEquals(GrpcStatus.UNIMPLEMENTED, failure.grpcStatus());
    assertEquals(501, failure.code());
    assertEquals(Processed.NOT_SENT, failure.processed());
    assertEquals("protocol plain carries no streams", failure.detail());
    assertFalse(refused.isSent());
    for (Future<?> all :
        List.of(
            refused.opened(),
            refused.trailers(),
            refused.write(Buffer.buffer("late")),
            refused.end())) {
      assertSame(failure, all.cause());
    }
  }

  @Test
  void sendsOneWayAsACall() {
    memory.serve("n1", incoming -> Future.succeededFuture(Message.reply().build()));

    Exchange exchange =
        callsOnly.sendOneWay(Node.of("n1", "n1"), request(), Deadline.NONE, SendOptions.DEFAULT);

    assertTrue(exchange.reply().succeeded());
    assertEquals(List.of("Greeter.Hello"), sent);
    assertFalse(callsOnly.isOrdered());
  }
}
