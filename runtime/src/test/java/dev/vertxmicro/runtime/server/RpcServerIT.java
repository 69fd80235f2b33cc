// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.server;

import static dev.vertxmicro.runtime.server.RawCaller.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.vertxmicro.errors.GrpcStatus;
import dev.vertxmicro.errors.RpcError;
import dev.vertxmicro.errors.RpcException;
import dev.vertxmicro.errors.StatusDetails;
import dev.vertxmicro.greeter.HelloReply;
import dev.vertxmicro.greeter.HelloRequest;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.json.JsonObject;
import java.util.Base64;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What callers see on the wire. */
class RpcServerIT {

  record Hello(String name) {}

  record Greeting(String greeting) {}

  private Vertx vertx;
  private RpcServer server;
  private RawCaller caller;

  @BeforeEach
  void start() throws Exception {
    vertx = Vertx.vertx();
    server =
        RpcServer.create(vertx, new ServerOptions("greeter"))
            .handle("Greeter.Hello", HelloRequest.class, RpcServerIT::hello)
            .handle(
                "Greeter.Json",
                Hello.class,
                hello -> Future.succeededFuture(new Greeting("Hello " + hello.name())))
            .handle("Greeter.Echo", Buffer.class, Future::succeededFuture)
            .handle("Greeter.Fail", Buffer.class, RpcServerIT::fail)
            .handle(
                "Greeter.Plain",
                Buffer.class,
                text -> Future.<Buffer>failedFuture(new IllegalStateException(text.toString())))
            .handle("Greeter.Panic", Buffer.class, RpcServerIT::panic);
    await(server.start());
    caller = new RawCaller(vertx, server.node().address());
  }

  private static Future<HelloReply> hello(HelloRequest request) {
    return Future.succeededFuture(
        HelloReply.newBuilder().setGreeting("Hello " + request.getName()).build());
  }

  private static Future<Buffer> fail(Buffer code) {
    int number = Integer.parseInt(code.toString());
    return Future.failedFuture(
        RpcException.of(
                RpcError.of("greeter", number, "caf\u00e9 100 %"), GrpcStatus.ofMicroCode(number))
            .build());
  }

  private static Future<Buffer> panic(Buffer text) {
    throw new IllegalStateException(text.toString());
  }

  @AfterEach
  void stop() throws Exception {
    await(vertx.close());
  }

  @ParameterizedTest
  @ValueSource(strings = {"/greeter.Greeter/Hello", "/any.pkg.Greeter/Hello", "/Greeter/Hello"})
  void findsTheEndpointByWhatFollowsTheLastDot(String path) throws Exception {
    Buffer ada = Buffer.buffer(HelloRequest.newBuilder().setName("Ada").build().toByteArray());

    RawCaller.Answer answer = caller.call(path, ada);

    assertEquals("0", answer.status());
    assertEquals("Hello Ada", HelloReply.parseFrom(answer.message().getBytes()).getGreeting());
    assertFalse(answer.headers().contains("content-length"), answer.headers()::toString);
    assertEquals("identity", answer.headers().get("grpc-accept-encoding"));
  }

  @ParameterizedTest
  @CsvSource({
    "application/grpc, application/grpc",
    "application/grpc+proto, application/grpc+proto",
    "application/grpc+json, application/grpc+json",
    "application/grpc+bytes, application/grpc+bytes",
    "Application/GRPC+Proto; charset=utf-8, application/grpc+proto",
  })
  void answersWithTheContentTypeOfTheRequest(String sent, String answered) throws Exception {
    RawCaller.Answer answer =
        caller.call("/x.Greeter/Echo", Buffer.buffer("raw"), "content-type", sent);

    assertEquals("0", answer.status());
    assertEquals(answered, answer.headers().get("content-type"));
    assertEquals("raw", answer.message().toString());
  }

  @Test
  void speaksJson() throws Exception {
    RawCaller.Answer answer =
        caller.call(
            "/greeter.Greeter/Json",
            new JsonObject().put("name", "Ada").toBuffer(),
            "content-type",
            "application/grpc+json",
            "x-content-type",
            "application/json");

    assertEquals("Hello Ada", answer.message().toJsonObject().getString("greeting"));
  }

  @ParameterizedTest
  @CsvSource({
    "/x.Greeter/Nope, 12, unknown service Greeter.Nope",
    "/x.Nope/Hello, 12, unknown service Nope",
    "/x.greeter/Hello, 12, unknown service greeter",
    "/a/b/c, 3, malformed method name: \"/a/b/c\"",
    "/x.Greeter/, 3, malformed method name: \"/x.Greeter/\"",
    "/x.Greeter, 3, malformed method name: \"/x.Greeter\"",
    "//Hello, 3, malformed method name: \"//Hello\"",
  })
  void saysWhichPathItDoesNotKnow(String path, String status, String message) throws Exception {
    RawCaller.Answer answer = caller.call(path, Buffer.buffer());

    assertEquals(200, answer.httpStatus());
    assertTrue(answer.isTrailersOnly());
    assertEquals(status, answer.status());
    assertEquals(message, answer.trailer("grpc-message"));
    assertFalse(answer.headers().contains("content-length"));
  }

  @Test
  void refusesWhatItHasNoCodecFor() throws Exception {
    RawCaller.Answer answer =
        caller.call("/x.Greeter/Json", Buffer.buffer(), "content-type", "application/grpc+msgpack");

    assertEquals("2", answer.status());
    RpcError error = RpcError.parse(answer.trailer("grpc-message"));
    assertEquals("unsupported Content-Type: application/grpc+msgpack", error.detail());
    assertEquals(500, error.code());
  }

  @ParameterizedTest
  @CsvSource({
    "POST, application/json, 415",
    "POST, application/grpcx, 415",
    "GET, application/grpc, 405"
  })
  void answersWhatIsNotGrpcWithAnHttpStatus(String method, String contentType, int status)
      throws Exception {
    RawCaller.Answer answer =
        await(
            caller.send(
                HttpMethod.valueOf(method),
                "/x.Greeter/Echo",
                Buffer.buffer(),
                "content-type",
                contentType));

    assertEquals(status, answer.httpStatus());
  }

  @ParameterizedTest
  @CsvSource({
    "404, 5", "400, 3", "401, 16", "403, 7", "408, 4", "409, 6", "412, 9", "418, 2", "500, 13",
    "501, 12", "503, 14"
  })
  void sendsTheErrorAsGoMicroDoes(int code, String status) throws Exception {
    RawCaller.Answer answer = caller.call("/x.Greeter/Fail", Buffer.buffer("" + code));

    assertTrue(answer.isTrailersOnly());
    assertEquals(status, answer.status());
    String message = answer.trailer("grpc-message");
    assertTrue(message.contains("caf%C3%A9 100 %25"), message);
    String details = answer.trailer("grpc-status-details-bin");
    assertFalse(details.endsWith("="), details);
    RpcError error = StatusDetails.find(Base64.getDecoder().decode(details));
    assertEquals(RpcError.of("greeter", code, "caf\u00e9 100 %"), error);
  }

  @Test
  void sendsAnyOtherFailureAsItsText() throws Exception {
    RawCaller.Answer answer = caller.call("/x.Greeter/Plain", Buffer.buffer("broken"));

    assertEquals("2", answer.status());
    assertEquals("broken", answer.trailer("grpc-message"));
    assertNull(answer.trailer("grpc-status-details-bin"));
  }

  @Test
  void sendsWhatAHandlerThrowsAsAPanic() throws Exception {
    RawCaller.Answer answer = caller.call("/x.Greeter/Panic", Buffer.buffer("boom"));

    assertEquals("13", answer.status());
    RpcError error = RpcError.parse(answer.trailer("grpc-message"));
    assertEquals("go.micro.server", error.id());
    assertEquals("panic recovered: boom", error.detail());
  }
}
