// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.websocket;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonObject;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RequestTextTest {

  @ParameterizedTest
  @CsvSource({
    "list, list",
    "Cluster.kill_instance, kill_instance",
    "/pkg.Cluster/rm, rm",
    "a.b.c, c"
  })
  void findsTheActionInTheEndpoint(String endpoint, String action) {
    RequestText text = RequestText.of(endpoint, Buffer.buffer());

    assertEquals(action, text.action());
    assertEquals("{\"op_id\":\"5\",\"action\":\"" + action + "\"}", FakeWire.text(text, 5));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "Cluster.", "a b", "a\"b", "a\\b", "a\nb"})
  void refusesEndpointsWithoutOne(String endpoint) {
    IllegalArgumentException refused =
        assertThrows(
            IllegalArgumentException.class, () -> RequestText.of(endpoint, Buffer.buffer()));

    assertTrue(refused.getMessage().startsWith("endpoint: "), refused.getMessage());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        "{}; {\"op_id\":\"5\",\"action\":\"run\"}",
        "{ }; {\"op_id\":\"5\",\"action\":\"run\"}",
        "{\"a\":1}; {\"op_id\":\"5\",\"action\":\"run\",\"a\":1}",
        " { \"a\":[1] , \"b\":\"\u00e9\" } ; "
            + "{\"op_id\":\"5\",\"action\":\"run\",\"a\":[1] , \"b\":\"\u00e9\" }"
      })
  void putsTheParametersBesideTheIds(String parameters, String text) {
    String made = FakeWire.text(RequestText.of("run", Buffer.buffer(parameters)), 5);

    assertEquals(text, made.stripTrailing());
    assertEquals("run", new JsonObject(made).getString("action"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"[1]", "\"a\"", "1", "{\"a\":", "{\"a\":1}x", "null"})
  void refusesParametersThatAreNoObject(String parameters) {
    IllegalArgumentException refused =
        assertThrows(
            IllegalArgumentException.class, () -> RequestText.of("run", Buffer.buffer(parameters)));

    assertTrue(refused.getMessage().startsWith("parameters: "), refused.getMessage());
  }

  @ParameterizedTest
  @ValueSource(strings = {"{\"op_id\":1}", "{\"a\":1,\"action\":2}", "{\"op\\u005fid\":1}"})
  void refusesTheNamesOfTheProtocolAndSaysNothingOfTheValues(String parameters) {
    IllegalArgumentException refused =
        assertThrows(
            IllegalArgumentException.class, () -> RequestText.of("run", Buffer.buffer(parameters)));

    assertTrue(refused.getMessage().contains("op_id or action"), refused.getMessage());
  }

  @Test
  void knowsTheInstanceAndStopsStreams() {
    assertEquals(
        "i-1", RequestText.of("rm", Buffer.buffer("{\"instance_id\":\"i-1\"}")).instanceId());
    assertEquals("7", RequestText.of("rm", Buffer.buffer("{\"instance_id\":7}")).instanceId());
    JsonObject stop = new JsonObject(FakeWire.text(RequestText.stop("s\"1", "i-1"), 9));
    assertEquals("stop_stream", stop.getString("action"));
    assertEquals("s\"1", stop.getString("stream_id"));
    assertEquals("i-1", stop.getString("instance_id"));
    assertEquals(3, new JsonObject(FakeWire.text(RequestText.stop("s", null), 9)).size());
  }
}
