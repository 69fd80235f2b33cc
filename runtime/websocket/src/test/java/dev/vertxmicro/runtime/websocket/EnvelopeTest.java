// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.websocket;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vertx.core.buffer.Buffer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class EnvelopeTest {

  private static Envelope read(String json) {
    return Envelope.of(Buffer.buffer(json));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        "{\"op_id\":\"1\"}; {}",
        "{}; {}",
        "{\"op_id\":1,\"stream_id\":2}; {}",
        "{\"op_id\":\"1\",\"a\":1}; {\"a\":1}",
        "{ \"op_id\" : \"1\" , \"a\" : 1 }; { \"a\" : 1 }",
        "{\"a\":1,\"op_id\":\"1\"}; {\"a\":1}",
        "{\"a\":1,\"op_id\":\"1\",\"b\":[2]}; {\"a\":1,\"b\":[2]}",
        "{\"op_id\":\"1\",\"a\":1,\"stream_id\":\"s\"}; {\"a\":1}",
        "{\"stream_id\":\"s\",\"op_id\":\"1\",\"msg\":\"m\"}; {\"msg\":\"m\"}",
        "{\"op_id\":\"1\",\"op_id\":\"2\",\"a\":1}; {\"a\":1}"
      })
  void takesTheIdsOutOfTheBody(String message, String body) {
    assertEquals(body, read(message).body().toString());
  }

  @Test
  void readsWhatAMessageSaysOfItself() {
    Envelope event =
        read(
            "{\"op_id\":\"a-1\",\"stream_id\":5,\"msg\":\"m\",\"instance_id\":\"i\",\"err\":null}");

    assertTrue(event.isCorrelated());
    assertEquals(-1, event.op());
    assertEquals("5", event.streamId());
    assertEquals("i", event.instanceId());
    assertTrue(event.hasMessage());
    assertNull(event.error());
    Envelope reply = read("{\"op_id\":4294967297,\"stream\":7,\"stream_id\":\"8\",\"err\":\"\"}");
    assertEquals(4_294_967_297L, reply.op());
    assertEquals("7", reply.startedStream());
    assertFalse(reply.hasMessage());
    assertNull(reply.error());
    assertFalse(read("{\"op_id\":null,\"stream_id\":null}").isCorrelated());
    assertNull(read("{\"op_id\":null,\"stream_id\":null}").streamId());
  }

  @Test
  void printsNothingOfTheBody() {
    String text = read("{\"op_id\":\"3\",\"err\":\"secret\",\"journal\":\"secret\"}").toString();

    assertFalse(text.contains("secret"), text);
    assertTrue(text.contains("op=3"), text);
  }
}
