// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.grpc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.vertxmicro.errors.GrpcStatus;
import dev.vertxmicro.errors.RpcException;
import io.vertx.core.buffer.Buffer;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ReplyBodyTest {

  private static final int MOST = 1 << 20;

  @ParameterizedTest
  @CsvSource({
    "20, 1",
    "20, 4",
    "20, 5",
    "20, 6",
    "20, 25",
    "70000, 3",
    "70000, 16384",
    "300000, 4",
    "300000, 16384",
    "300000, 300000",
    "300000, 299999"
  })
  void putsAMessageTogetherHoweverItIsCut(int length, int chunk) {
    byte[] bytes = new byte[length];
    new Random(length).nextBytes(bytes);
    Buffer framed = GrpcSteps.message(Buffer.buffer(bytes));
    ReplyBody body = new ReplyBody(MOST);

    for (int at = 0; at < framed.length(); at += chunk) {
      body.add(framed.getBuffer(at, Math.min(at + chunk, framed.length())));
    }

    assertEquals(Buffer.buffer(bytes), body.message(null));
  }

  @Test
  void aMessageThatIsLargerThanAnnouncedIsSeen() {
    ReplyBody body = new ReplyBody(MOST);
    body.add(GrpcSteps.prefix(0, 4).appendString("fo"));
    body.add(Buffer.buffer("ur!"));

    RpcException failure = assertThrows(RpcException.class, () -> body.message(null));

    assertEquals(GrpcStatus.INTERNAL, failure.grpcStatus());
  }
}
