// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.errors;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.vertxmicro.metadata.Metadata;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletionException;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class RpcExceptionTest {

  private static final PhaseTimes TIMES =
      PhaseTimes.NONE.plus(Phase.CONNECT, 20_000_000).plus(Phase.WAIT, 979_000_000);

  @Test
  void saysInOneLineWhatToActOn() {
    RpcException failure =
        RpcException.of(RpcError.of("greeter", 404, "no Ada"), GrpcStatus.NOT_FOUND)
            .processed(Processed.YES)
            .target("greeter", "Greeter.Hello")
            .node("greeter-1")
            .attempt(2, 3)
            .elapsed(Duration.ofMillis(999))
            .times(TIMES)
            .build();

    assertEquals(
        "greeter Greeter.Hello on greeter-1, attempt 2/3, after 999 ms: 404 Not Found"
            + " (grpc NOT_FOUND, processed YES, from greeter): no Ada"
            + " [connect 20 ms, wait 979 ms]",
        failure.getMessage());
  }

  @Test
  void saysWhatIsKnownAndNoMore() {
    assertEquals(
        "503 Service Unavailable (grpc UNAVAILABLE, processed NOT_SENT): refused",
        RpcException.client(GrpcStatus.UNAVAILABLE, "refused").build().getMessage());
    assertEquals(
        "on n-1, after 2 ms: 503 Service Unavailable (grpc UNAVAILABLE, processed NOT_SENT)",
        RpcException.client(GrpcStatus.UNAVAILABLE, "")
            .node("n-1")
            .elapsed(Duration.ofMillis(2))
            .build()
            .getMessage());
    assertEquals(
        "news: 500 Internal Server Error (grpc INTERNAL, processed NOT_SENT): x",
        RpcException.client(GrpcStatus.INTERNAL, "x").target("news", "").build().getMessage());
  }

  @Test
  void namesTheAttemptsIfTheySayMoreThanTheError() {
    RpcError refused = RpcError.of(RpcError.CLIENT_ID, 503, "refused");
    AttemptFailure first =
        new AttemptFailure(0, "n-1", refused, Processed.NOT_SENT, PhaseTimes.NONE);
    AttemptFailure second = new AttemptFailure(1, null, refused, Processed.UNKNOWN, TIMES);

    RpcException late =
        RpcException.client(GrpcStatus.DEADLINE_EXCEEDED, "after 1 s")
            .attempts(List.of(first, second))
            .build();
    RpcException same =
        RpcException.of(refused, GrpcStatus.UNAVAILABLE).attempts(List.of(first)).build();

    assertEquals(
        "408 Request Timeout (grpc DEADLINE_EXCEEDED, processed NOT_SENT): after 1 s attempts:"
            + " {#0 on n-1: 503 refused, NOT_SENT (no time spent)}"
            + " {#1 on no node: 503 refused, UNKNOWN (connect 20 ms, wait 979 ms)}",
        late.getMessage());
    assertFalse(same.getMessage().contains("attempts"), same.getMessage());
  }

  @Test
  void staysOneBoundedLineWhateverAServerSends() {
    RpcError endless = RpcError.of("a\nb", 500, "x\r\n".repeat(100_000));
    List<AttemptFailure> attempts =
        IntStream.range(0, 100)
            .mapToObj(n -> new AttemptFailure(n, "n", endless, Processed.UNKNOWN, PhaseTimes.NONE))
            .toList();

    String message =
        RpcException.of(endless, GrpcStatus.INTERNAL).attempts(attempts).build().getMessage();

    assertTrue(message.length() < 5_000, "length " + message.length());
    assertTrue(message.contains("92 more, {#92 on n"), message);
    assertTrue(message.chars().noneMatch(Character::isISOControl));
  }

  @Test
  void hasCode499ForTheCallersCancelAnd500ForAServers() {
    RpcException local = RpcException.cancelled("user left").build();
    RpcError remote = RpcError.fromGrpc(GrpcStatus.CANCELLED, "", null);

    assertEquals(499, local.code());
    assertEquals(GrpcStatus.CANCELLED, local.grpcStatus());
    assertEquals("user left", local.detail());
    assertEquals(499, RpcException.client(GrpcStatus.CANCELLED, "x").build().code());
    assertEquals(500, remote.code());
  }

  @Test
  void hasCode408ForADeadline() {
    RpcException late = RpcException.client(GrpcStatus.DEADLINE_EXCEEDED, "x").build();

    assertEquals(408, late.code());
    assertEquals("Request Timeout", late.error().status());
    assertEquals("go.micro.client", late.error().id());
  }

  @Test
  void keepsEveryPartThroughToBuilder() {
    RpcException full = full();

    RpcException again = full.toBuilder().build();

    assertSameParts(full, again);
    assertArrayEquals(full.getSuppressed(), again.getSuppressed());
    assertSame(full.getCause(), again.getCause());
  }

  @Test
  void addsWhatItsMakerCouldNotKnow() {
    RpcException plain = RpcException.client(GrpcStatus.UNAVAILABLE, "refused").node("n-1").build();

    RpcException placed = plain.toBuilder().target("greeter", "Greeter.Hello").build();

    assertTrue(placed.getMessage().startsWith("greeter Greeter.Hello on n-1: 503"));
    assertTrue(plain.getMessage().startsWith("on n-1: 503"));
  }

  @Test
  void survivesSerialization() throws IOException, ClassNotFoundException {
    RpcException full = full();
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ObjectOutputStream out = new ObjectOutputStream(bytes)) {
      out.writeObject(full);
    }

    RpcException read;
    try (ObjectInputStream in =
        new ObjectInputStream(new ByteArrayInputStream(bytes.toByteArray()))) {
      read = (RpcException) in.readObject();
    }

    assertSameParts(full, read);
    assertEquals(1, read.getSuppressed().length);
  }

  @Test
  void hasNoStackTrace() {
    assertEquals(0, full().getStackTrace().length);
  }

  @Test
  void isItselfFromItself() {
    RpcException failure = RpcException.cancelled("x").build();

    assertSame(failure, RpcException.from(failure));
    assertSame(failure, RpcException.from(new CompletionException(failure)));
  }

  @Test
  void wrapsOtherFailures() {
    IllegalStateException cause = new IllegalStateException();

    RpcException failure = RpcException.from(cause);

    assertEquals(500, failure.code());
    assertEquals(Processed.UNKNOWN, failure.processed());
    assertSame(cause, failure.getCause());
    assertEquals("java.lang.IllegalStateException", failure.detail());
    assertNull(RpcException.from(new CompletionException("x", null)).getCause().getCause());
  }

  private static RpcException full() {
    RpcError error = RpcError.of("greeter", 409, "taken");
    return RpcException.of(error, GrpcStatus.ALREADY_EXISTS)
        .processed(Processed.YES)
        .metadata(Metadata.of("x-trace", "7"))
        .cause(new IOException("reset"))
        .target("greeter", "Greeter.Hello")
        .node("greeter-1")
        .attempt(2, 3)
        .elapsed(Duration.ofMillis(999))
        .times(TIMES)
        .attempts(List.of(new AttemptFailure(0, "n", error, Processed.YES, TIMES)))
        .suppressed(List.of(RpcException.cancelled("x").build()))
        .build();
  }

  private static void assertSameParts(RpcException expected, RpcException actual) {
    assertEquals(expected.getMessage(), actual.getMessage());
    assertEquals(expected.error(), actual.error());
    assertEquals(expected.grpcStatus(), actual.grpcStatus());
    assertEquals(expected.processed(), actual.processed());
    assertEquals(expected.metadata(), actual.metadata());
    assertEquals(expected.attempts(), actual.attempts());
    assertEquals(expected.times(), actual.times());
  }
}
