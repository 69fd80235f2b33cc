// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.stub;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.vertxmicro.runtime.server.ServerCall;
import io.vertx.core.buffer.Buffer;
import java.lang.reflect.Proxy;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class NoReplyTest {

  @ParameterizedTest
  @CsvSource({
    "application/grpc+json, {}",
    "application/json, {}",
    "application/grpc, ''",
    "application/grpc+proto, ''",
    "application/grpc+bytes, ''"
  })
  void isEmptyInTheContentTypeOfTheCall(String contentType, String expected) {
    ServerCall call =
        (ServerCall)
            Proxy.newProxyInstance(
                getClass().getClassLoader(),
                new Class<?>[] {ServerCall.class},
                (self, method, none) -> contentType);

    assertEquals(Buffer.buffer(expected), NoReply.to(call));
  }
}
