// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.grpc;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.Map.entry;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.vertxmicro.runtime.grpc.Misbehaviour.Caller;
import dev.vertxmicro.runtime.grpc.Outcome.EndedBy;
import io.grpc.CallOptions;
import io.grpc.Grpc;
import io.grpc.InsecureChannelCredentials;
import io.grpc.ManagedChannel;
import io.grpc.MethodDescriptor;
import io.grpc.MethodDescriptor.MethodType;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.ClientCalls;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What grpc-java makes of the same misbehaviours: a second opinion on the status codes of the
 * catalogue. Where the two differ, {@link #DIFFERS} says what grpc-java reports.
 */
class MisbehaviourGrpcJavaIT {
  private static final Duration SHORT = Duration.ofMillis(300);

  private static final Map<String, Status.Code> DIFFERS =
      Map.ofEntries(
          // A peer that breaks HTTP/2 is a connection lost for us, whether it says so or not.
          entry("HTTP_1_PEER", Status.Code.INTERNAL),
          entry("GREETS_WITH_GARBAGE", Status.Code.INTERNAL),
          entry("GARBAGE", Status.Code.INTERNAL),
          entry("DATA_ON_STREAM_0", Status.Code.INTERNAL),
          entry("HEADERS_ON_STREAM_0", Status.Code.INTERNAL),
          entry("DATA_ON_A_STREAM_NOBODY_OPENED", Status.Code.INTERNAL),
          entry("BROKEN_HEADER_BLOCK", Status.Code.INTERNAL),
          entry("SHORT_SETTINGS", Status.Code.INTERNAL),
          entry("SHORT_RST_STREAM", Status.Code.INTERNAL),
          entry("CONNECTION_WINDOW_OVERFLOW", Status.Code.INTERNAL),
          // grpc-java maps the code of GOAWAY; for us it is the end of the connection.
          entry("GOAWAY_BELOW_THE_CALL_WITH_ERROR", Status.Code.RESOURCE_EXHAUSTED),
          entry("GOAWAY_AND_FIN_WITHOUT_AN_ANSWER", Status.Code.INTERNAL),
          // We follow the table of PROTOCOL-HTTP2.md to the letter.
          entry("RST_STREAM_NO_ERROR", Status.Code.UNAVAILABLE),
          entry("RST_NO_ERROR_BEFORE_TRAILERS", Status.Code.UNAVAILABLE),
          entry("RST_STREAM_HTTP_1_1_REQUIRED", Status.Code.UNKNOWN),
          // No status is no status, however it is missing.
          entry("TRAILERS_MISSING", Status.Code.INTERNAL),
          // There the call is CANCELLED by a failure to read; the cause has the code we report.
          entry("TWO_MESSAGES", Status.Code.CANCELLED),
          entry("TWO_MESSAGES_IN_ONE_FRAME", Status.Code.CANCELLED),
          entry("TWO_MESSAGES_AND_ERROR", Status.Code.CANCELLED),
          entry("GZIP_BOMB", Status.Code.CANCELLED),
          // An exception escapes there.
          entry("GZIP_OF_SOMETHING_ELSE", Status.Code.UNKNOWN),
          entry("GZIP_CUT", Status.Code.CANCELLED));

  private static final MethodDescriptor<byte[], byte[]> METHOD =
      MethodDescriptor.<byte[], byte[]>newBuilder()
          .setType(MethodType.UNARY)
          .setFullMethodName("test.Service/Method")
          .setRequestMarshaller(new Bytes())
          .setResponseMarshaller(new Bytes())
          .build();

  /** Those that need neither certificates nor a keepalive or dial timeout to end. */
  static Stream<Misbehaviour> comparable() {
    return Misbehaviour.all().stream()
        .filter(m -> m.caller() == Caller.CLEAR_TEXT && !m.name().contains("TLS"))
        .filter(
            m ->
                m.outcome().endedBy() == EndedBy.SERVER
                    || m.outcome().endedBy() == EndedBy.DEADLINE);
  }

  @ParameterizedTest
  @MethodSource("comparable")
  void reportsWhatTheCatalogueSays(Misbehaviour misbehaviour) {
    Status.Code ours = Status.Code.valueOf(misbehaviour.outcome().status().name());

    Status status = call(misbehaviour);

    assertEquals(
        DIFFERS.getOrDefault(misbehaviour.name(), ours), status.getCode(), status::toString);
    if (status.isOk()) {
      assertEquals(misbehaviour.outcome().detail(), status.getDescription());
    }
  }

  @Test
  void everyDifferenceIsOne() {
    Map<String, String> ours =
        comparable()
            .collect(Collectors.toMap(Misbehaviour::name, m -> m.outcome().status().name()));

    Set<String> names = DIFFERS.keySet();
    assertTrue(ours.keySet().containsAll(names), () -> "unknown: " + names);
    names.forEach(name -> assertTrue(!DIFFERS.get(name).name().equals(ours.get(name)), name));
  }

  /** Once in a long while a call of grpc-java has no end; nothing is said of the case then. */
  private static Status call(Misbehaviour misbehaviour) {
    boolean ends = misbehaviour.outcome().endedBy() == EndedBy.SERVER;
    CallOptions options = CallOptions.DEFAULT.withDeadlineAfter(ends ? Journal.PATIENCE : SHORT);
    try (ScriptedHttp2Server server = misbehaviour.start()) {
      ManagedChannel channel =
          Grpc.newChannelBuilder("127.0.0.1:" + server.port(), InsecureChannelCredentials.create())
              .disableRetry()
              .maxInboundMessageSize(Misbehaviour.CLIENT_MESSAGE_LIMIT)
              .maxInboundMetadataSize(Misbehaviour.CLIENT_HEADER_LIMIT)
              .build();
      try {
        return CompletableFuture.supplyAsync(() -> call(channel, options))
            .get(2 * Journal.PATIENCE.toSeconds(), TimeUnit.SECONDS);
      } catch (TimeoutException forEver) {
        return Assumptions.abort("grpc-java does not end the call, nor keeps its deadline");
      } catch (InterruptedException | ExecutionException e) {
        throw new AssertionError(e);
      } finally {
        channel.shutdownNow();
      }
    }
  }

  private static Status call(ManagedChannel channel, CallOptions options) {
    try {
      byte[] reply =
          ClientCalls.blockingUnaryCall(channel, METHOD, options, "hello".getBytes(UTF_8));
      return Status.OK.withDescription(new String(reply, UTF_8));
    } catch (StatusRuntimeException e) {
      return e.getStatus();
    }
  }

  private static final class Bytes implements MethodDescriptor.Marshaller<byte[]> {
    @Override
    public InputStream stream(byte[] value) {
      return new ByteArrayInputStream(value);
    }

    @Override
    public byte[] parse(InputStream stream) {
      try {
        return stream.readAllBytes();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }
}
