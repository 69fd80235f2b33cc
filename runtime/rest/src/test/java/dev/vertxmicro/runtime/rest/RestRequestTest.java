// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.rest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.vertxmicro.codec.Message;
import dev.vertxmicro.codec.TypeRef;
import dev.vertxmicro.metadata.Metadata;
import dev.vertxmicro.runtime.Request;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonObject;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RestRequestTest {

  private static Message message(Request<?, ?> request) {
    return Message.request(request.service(), request.endpoint())
        .headers(request.metadata())
        .contentType(RestCodec.CONTENT_TYPE)
        .build();
  }

  private static String head(RestRequest request, int bodyBytes) {
    Message message = message(request.to("users", Void.class));
    return new RequestHead(message, "a:1", new RestOptions()).of(bodyBytes);
  }

  @Test
  void theEndpointIsTheTemplate() {
    RestRequest request =
        RestRequest.get("/users/{id}/x").path("id", "a/b c").query("q", "ä&=").query("n", 7);

    Request<RestBody, Void> made = request.to("users", Void.class);

    assertEquals("GET /users/{id}/x", made.endpoint());
    assertEquals(
        new RequestLine("GET", "/users/a%2Fb%20c/x?q=%C3%A4%26%3D&n=7"),
        RequestLine.of(message(made)));
  }

  @Test
  void severalSegmentsKeepTheirSlashes() {
    RestRequest request = RestRequest.post("/pins{path}").segments("path", "/ipfs/Qm/a b");

    assertEquals(
        "/pins/ipfs/Qm/a%20b", RequestLine.of(message(request.to("x", Void.class))).target());
  }

  @ParameterizedTest
  @CsvSource({
    "GET /a?b=c, GET, /a?b=c",
    "/a, POST, /a",
    "Greeter.Hello, POST, /Greeter.Hello",
    "DELETE /, DELETE, /"
  })
  void plainEndpointsAreAsGood(String endpoint, String method, String target) {
    assertEquals(
        new RequestLine(method, target), RequestLine.of(Message.request("s", endpoint).build()));
  }

  @ParameterizedTest
  @ValueSource(strings = {"get /a", "CONNECT /a", "GET /a b", "GET /{id}", "GET /a#b", "GET /ä"})
  void whatCannotBeSentIsRefused(String endpoint) {
    assertThrows(
        IllegalArgumentException.class,
        () -> RequestLine.of(Message.request("s", endpoint).build()));
  }

  @Test
  void everyVariableMustBeFilledAndKnown() {
    RestRequest request = RestRequest.get("/a/{b}");

    assertThrows(IllegalArgumentException.class, () -> request.to("s", Void.class));
    assertThrows(IllegalArgumentException.class, () -> request.path("c", 1));
    assertThrows(IllegalArgumentException.class, () -> RestRequest.get("a"));
    assertThrows(IllegalArgumentException.class, () -> RestRequest.of("get", "/a"));
  }

  @ParameterizedTest
  @ValueSource(strings = {".", ".."})
  void dotsThatMeanAnotherPathAreRefused(String dots) {
    RestRequest request = RestRequest.get("/a/{b}/c");

    assertThrows(IllegalArgumentException.class, () -> request.path("b", dots));
    assertThrows(IllegalArgumentException.class, () -> request.segments("b", "x/" + dots + "/y"));
    request.path("b", "..." + dots);
  }

  @Test
  void writesHeads() {
    assertEquals(
        "GET /a HTTP/1.1\r\nHost: a:1\r\nUser-Agent: vertx-micro/0.1\r\n"
            + "Accept: application/json\r\nX-Y: z\r\n\r\n",
        head(RestRequest.get("/a").header("X-Y", "z"), 0));
    assertEquals(
        "POST /a HTTP/1.1\r\nHost: a:1\r\nUser-Agent: vertx-micro/0.1\r\n"
            + "Accept: text/x\r\nContent-Type: application/json\r\nContent-Length: 9\r\n\r\n",
        head(RestRequest.post("/a").json(new JsonObject()).header("Accept", "text/x"), 9));
    assertEquals(
        "PUT /a HTTP/1.1\r\nHost: a:1\r\nUser-Agent: vertx-micro/0.1\r\n"
            + "Accept: application/json\r\nContent-Length: 0\r\n\r\n",
        head(RestRequest.put("/a"), 0));
  }

  @Test
  void anAuthorizationOfItsOwnWins() {
    RestOptions options = new RestOptions().addBasicAuth("anna", "secret");
    Message plain = message(RestRequest.get("/a").to("s", Void.class));
    Message own = plain.withHeaders(Metadata.of("authorization", "Bearer x"));

    String basic = "Authorization: Basic YW5uYTpzZWNyZXQ=\r\n";
    assertEquals(1, new RequestHead(plain, "a", options).of(0).split(basic, -1).length - 1);
    assertFalse(new RequestHead(own, "a", options).of(0).contains("Basic"));
  }

  @Test
  void bodiesAreWrittenAndRepliesReadByTheirKind() {
    RestCodec codec = new RestCodec();

    assertEquals(0, codec.encode(RestBody.none()).length());
    assertEquals("{\"a\":1}", codec.encode(RestBody.json(new JsonObject().put("a", 1))).toString());
    assertEquals("ä", codec.encode(RestBody.text("ä")).toString());
    Buffer bytes = Buffer.buffer("[1,2]");
    assertEquals(bytes, codec.decode(bytes, TypeRef.of(Buffer.class)));
    assertEquals("[1,2]", codec.decode(bytes, TypeRef.of(CharSequence.class)));
    assertEquals(List.of(1, 2), codec.decode(bytes, new TypeRef<List<Integer>>() {}));
    assertThrows(RuntimeException.class, () -> codec.encode("plain"));
  }
}
