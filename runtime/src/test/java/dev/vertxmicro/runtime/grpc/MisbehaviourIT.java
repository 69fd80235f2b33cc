// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.grpc;

import static dev.vertxmicro.runtime.grpc.PlainClient.failure;
import static dev.vertxmicro.runtime.grpc.PlainClient.value;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import dev.vertxmicro.runtime.grpc.Misbehaviour.Caller;
import dev.vertxmicro.runtime.grpc.Outcome.EndedBy;
import dev.vertxmicro.runtime.grpc.Outcome.Then;
import dev.vertxmicro.runtime.grpc.PlainClient.Answer;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.net.PemTrustOptions;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** That the scripts of the catalogue do what their names and outcomes say, on the wire. */
class MisbehaviourIT {

  /** A plain HTTP client falls back to HTTP/1.1 here, and waits for the rest of large messages. */
  private static final Set<String> OTHER_CLIENTS_MATTER =
      Set.of(
          "TLS_WITHOUT_ALPN",
          "TLS_FOR_HTTP_1_ONLY",
          "PREFIX_TOO_BIG",
          "PREFIX_PAST_THE_INT_RANGE",
          "PREFIX_OF_ALL_ONES");

  static Stream<Misbehaviour> ending() {
    return Misbehaviour.all().stream()
        .filter(m -> m.outcome().endedBy() == EndedBy.SERVER)
        .filter(m -> !OTHER_CLIENTS_MATTER.contains(m.name()));
  }

  static Stream<Misbehaviour> open() {
    return Misbehaviour.all().stream().filter(m -> m.outcome().endedBy() != EndedBy.SERVER);
  }

  @Test
  void everyNameIsThereOnce() {
    List<String> names = Misbehaviour.all().stream().map(Misbehaviour::name).toList();

    assertEquals(names.stream().distinct().toList(), names);
  }

  @ParameterizedTest
  @MethodSource("ending")
  void endsTheCallAndTheConnectionAsItSays(Misbehaviour misbehaviour) {
    try (ScriptedHttp2Server server = misbehaviour.start();
        PlainClient client = client(misbehaviour.caller())) {
      awaitEnd(client.post(server.port(), "first"));
      if (misbehaviour.outcome().equals(Outcome.lost())) {
        server.journal().await("end", f -> f.is(FrameType.CLOSED) && f.connection() == 0);
      }

      Future<Answer> second = client.post(server.port(), "second");

      if (misbehaviour.outcome().then() == Then.FAILS_TOO) {
        failure(second);
        return;
      }
      assertEquals(GrpcSteps.message(Buffer.buffer("fine")), value(second).body());
      boolean first = lastRequest(server).connection() == 0;
      assertEquals(misbehaviour.outcome().then() == Then.REUSES, first);
    }
  }

  @ParameterizedTest
  @MethodSource("open")
  void leavesTheCallOpenAsItSays(Misbehaviour misbehaviour) {
    try (ScriptedHttp2Server server = misbehaviour.start();
        PlainClient client = client(misbehaviour.caller())) {
      Future<Answer> answer = client.post(server.port(), "first");
      server.journal().await("bytes of the client", f -> !f.is(FrameType.OPENED));

      if (misbehaviour.outcome().endedBy() != EndedBy.DIAL_TIMEOUT) {
        server.connection(0).barrier();
      }

      assertFalse(answer.isComplete());
    }
  }

  private static PlainClient client(Caller caller) {
    HttpClientOptions options = PlainClient.headerLimit(Misbehaviour.CLIENT_HEADER_LIMIT);
    PemTrustOptions trust =
        new PemTrustOptions()
            .addCertValue(ConnectMisbehaviours.certificate().certificatePem())
            .addCertValue(ConnectMisbehaviours.otherHostCertificate().certificatePem());
    return PlainClient.create(
        switch (caller) {
          case CLEAR_TEXT -> options;
          case TLS -> options.setSsl(true).setUseAlpn(true).setTrustOptions(trust);
          case TLS_STRANGER -> options.setSsl(true).setUseAlpn(true);
        });
  }

  private static void awaitEnd(Future<?> call) {
    value(call.transform(end -> Future.succeededFuture()));
  }

  private static SeenFrame lastRequest(ScriptedHttp2Server server) {
    return server.journal().entries().stream()
        .filter(f -> f.is(FrameType.HEADERS))
        .reduce((earlier, later) -> later)
        .orElseThrow();
  }
}
