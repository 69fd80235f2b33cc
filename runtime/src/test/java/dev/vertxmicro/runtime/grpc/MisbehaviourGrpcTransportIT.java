// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.grpc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.vertxmicro.errors.GrpcStatus;
import dev.vertxmicro.errors.Processed;
import dev.vertxmicro.errors.RpcException;
import dev.vertxmicro.registry.Node;
import dev.vertxmicro.runtime.grpc.Misbehaviour.Caller;
import dev.vertxmicro.runtime.grpc.Outcome.EndedBy;
import dev.vertxmicro.runtime.grpc.Outcome.Then;
import dev.vertxmicro.runtime.transport.PoolLimits;
import dev.vertxmicro.time.Deadline;
import io.vertx.core.net.ClientSSLOptions;
import io.vertx.core.net.PemTrustOptions;
import java.time.Duration;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** That {@link GrpcTransport} reports of every misbehaviour what it must, and goes on. */
@ParameterizedClass
@EnumSource(GrpcEngine.class)
class MisbehaviourGrpcTransportIT {

  @Parameter GrpcEngine engine;

  @ParameterizedTest
  @MethodSource("dev.vertxmicro.runtime.grpc.Misbehaviour#all")
  void reportsItAndGoesOn(Misbehaviour misbehaviour) {
    Outcome expected = misbehaviour.outcome();
    try (ScriptedHttp2Server server = misbehaviour.start();
        GrpcCaller caller = caller(misbehaviour.caller())) {
      Node node = Node.of("node", address(misbehaviour.caller(), server.port()));
      GrpcCaller.Call first = caller.call(node, GrpcCaller.request("first"), Deadline.NONE);

      end(server, caller, first, expected);

      check(first, expected);
      if (expected.endedBy() == EndedBy.DIAL_TIMEOUT && expected.then() == Then.FAILS_TOO) {
        return;
      }
      GrpcCaller.Call second = caller.call(node, GrpcCaller.request("second"), Deadline.NONE);
      checkNext(server, second, expected);
    }
  }

  private static void end(
      ScriptedHttp2Server server, GrpcCaller caller, GrpcCaller.Call call, Outcome expected) {
    switch (expected.endedBy()) {
      case SERVER -> {}
      case DIAL_TIMEOUT -> {
        server.journal().await("a connection", f -> f.is(FrameType.OPENED));
        caller.time.advance(Duration.ofSeconds(5));
      }
      case KEEPALIVE -> {
        server.request(0);
        server.journal().await("nothing but the call", SeenFrame::endsStream);
        caller.time.advance(GrpcOptions.DEFAULT_KEEP_ALIVE_TIME);
        server.journal().await("PING", f -> f.is(FrameType.PING) && !f.isAck());
        assertFalse(call.isDone());
        caller.time.advance(GrpcOptions.DEFAULT_KEEP_ALIVE_TIMEOUT);
      }
      case DEADLINE -> {
        server.journal().await("SETTINGS acknowledged", SeenFrame::isAck);
        if (expected.processed().orElseThrow() == Processed.UNKNOWN) {
          server.request(0);
        }
        server.connection(0).barrier();
        assertFalse(call.isDone());
        call.cancel();
      }
    }
  }

  private static void check(GrpcCaller.Call call, Outcome expected) {
    if (expected.status() == GrpcStatus.OK) {
      assertEquals(expected.detail(), call.body());
      return;
    }
    RpcException failure = call.failure();
    boolean byDeadline = expected.endedBy() == EndedBy.DEADLINE;
    GrpcStatus status = byDeadline ? GrpcStatus.CANCELLED : expected.status();
    assertEquals(status, failure.grpcStatus(), failure::getMessage);
    assertEquals(expected.processed().orElseThrow(), failure.processed(), failure::getMessage);
    assertTrue(failure.detail().contains(expected.detail()), failure::getMessage);
    assertEquals(failure.processed() != Processed.NOT_SENT, call.isSent());
  }

  private static void checkNext(
      ScriptedHttp2Server server, GrpcCaller.Call call, Outcome expected) {
    if (expected.then() == Then.FAILS_TOO) {
      if (expected.endedBy() == EndedBy.DEADLINE) {
        call.cancel();
      }
      call.failure();
      return;
    }
    assertEquals("fine", call.body());
    int on =
        server.journal().entries().stream()
            .filter(f -> f.is(FrameType.HEADERS))
            .reduce((earlier, later) -> later)
            .orElseThrow()
            .connection();
    assertEquals(expected.then() == Then.REUSES, on == 0);
  }

  private static String address(Caller caller, int port) {
    return (caller == Caller.CLEAR_TEXT ? "" : "https://") + "127.0.0.1:" + port;
  }

  private GrpcCaller caller(Caller caller) {
    GrpcOptions options = new GrpcOptions();
    if (caller == Caller.TLS) {
      options.setSsl(
          new ClientSSLOptions()
              .setTrustOptions(
                  new PemTrustOptions()
                      .addCertValue(ConnectMisbehaviours.certificate().certificatePem())
                      .addCertValue(ConnectMisbehaviours.otherHostCertificate().certificatePem())));
    }
    return GrpcCaller.on(engine).create(new PoolLimits(4, Duration.ZERO), options);
  }
}
