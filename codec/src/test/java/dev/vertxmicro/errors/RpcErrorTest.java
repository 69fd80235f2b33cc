// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.errors;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class RpcErrorTest {

  static Stream<Arguments> texts() {
    return Stream.of(
        Arguments.of(
            "{\"id\":\"go.micro.client\",\"code\":404,\"detail\":\"x\",\"status\":\"Not Found\"}",
            new RpcError("go.micro.client", 404, "x", "Not Found")),
        Arguments.of("{\"Code\":409,\"DETAIL\":\"d\"}", new RpcError("", 409, "d", "")),
        Arguments.of(" {\"code\":1,\"more\":[1]}\n", new RpcError("", 1, "", "")),
        Arguments.of("{\"code\":-3}", new RpcError("", -3, "", "")),
        Arguments.of("{\"id\":null,\"code\":null}", new RpcError("", 0, "", "")),
        Arguments.of("{\"detail\":\"a \\u003c b\"}", new RpcError("", 0, "a < b", "")),
        Arguments.of("{}", new RpcError("", 0, "", "")),
        Arguments.of("null", new RpcError("", 0, "", "")),
        Arguments.of("", new RpcError("", 0, "", "")));
  }

  @ParameterizedTest
  @MethodSource("texts")
  void parsesJsonObjects(String text, RpcError error) {
    assertEquals(error, RpcError.parse(text));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "plain text",
        " ",
        "5",
        "\"str\"",
        "[1]",
        "no object",
        "{\"code\":\"x\"}",
        "{\"code\":404.0}",
        "{\"code\":4e2}",
        "{\"code\":99999999999}",
        "{\"detail\":5}",
        "{\"id\":{}}",
        "{\"code\":404} and more",
        "null and void",
        "{\"code\":404",
      })
  void keepsEverythingElseAsTheDetail(String text) {
    assertEquals(new RpcError("", 0, text, ""), RpcError.parse(text));
  }

  @Test
  void parsesDeepJsonWithoutThrowing() {
    String deep = "{\"a\":" + "[".repeat(100_000) + "]".repeat(100_000) + "}";

    assertEquals(deep, RpcError.parse(deep).detail());
  }

  @Test
  void writesTheJsonThatItParses() {
    RpcError error = RpcError.of("greeter", 404, "no \"Ada\"\n");

    assertEquals(error, RpcError.parse(error.toJson()));
  }

  @Test
  void leavesEmptyFieldsOutOfItsJson() {
    assertEquals("{}", new RpcError("", 0, "", "").toJson());
    assertEquals("{\"code\":500}", new RpcError("", 500, "", "").toJson());
  }

  @ParameterizedTest
  @ValueSource(ints = {0, -1, 299, 418, 430, 499, 599, 1000})
  void hasNoReasonForCodesThatGoDoesNotName(int code) {
    assertEquals(code == 418 ? "I'm a teapot" : "", RpcError.reason(code));
  }

  @Test
  void takesTheErrorOfTheDetailsFirst() {
    RpcError detailed = RpcError.of("greeter", 418, "short and stout");
    byte[] details = StatusDetails.encode(GrpcStatus.UNKNOWN, detailed);

    assertEquals(
        detailed,
        RpcError.fromGrpc(GrpcStatus.UNKNOWN, RpcError.of("x", 404, "y").toJson(), details));
  }

  @Test
  void takesTheCodeOfTheStatusIfTheDetailsHaveNone() {
    byte[] details =
        StatusDetails.encode(GrpcStatus.NOT_FOUND, new RpcError("greeter", 0, "gone", ""));
    byte[] named =
        StatusDetails.encode(GrpcStatus.NOT_FOUND, new RpcError("greeter", 0, "gone", "Gone"));

    assertEquals(
        new RpcError("greeter", 404, "gone", "Not Found"),
        RpcError.fromGrpc(GrpcStatus.NOT_FOUND, "m", details));
    assertEquals(
        new RpcError("greeter", 404, "gone", "Gone"),
        RpcError.fromGrpc(GrpcStatus.NOT_FOUND, "m", named));
  }

  @Test
  void takesTheJsonOfTheMessageIfItsCodeIsPositive() {
    RpcError error = RpcError.of("greeter", 409, "taken");

    assertEquals(error, RpcError.fromGrpc(GrpcStatus.ALREADY_EXISTS, error.toJson(), null));
    assertEquals(
        error, RpcError.fromGrpc(GrpcStatus.ALREADY_EXISTS, error.toJson(), new byte[] {1, 2}));
  }

  @ParameterizedTest
  @ValueSource(strings = {"no such greeter", "", "{\"code\":0,\"detail\":\"x\"}", "{\"code\":-1}"})
  void makesAClientErrorOfAnyOtherMessage(String message) {
    assertEquals(
        new RpcError("go.micro.client", 404, message, "Not Found"),
        RpcError.fromGrpc(GrpcStatus.NOT_FOUND, message, null));
  }

  @ParameterizedTest
  @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "OK")
  void mapsTheCodeOfAnyStatus(GrpcStatus status) {
    RpcError error = RpcError.fromGrpc(status, "m", null);

    assertEquals(status.microCode(), error.code());
    assertEquals(RpcError.reason(status.microCode()), error.status());
  }

  @Test
  void refusesSuccess() {
    IllegalArgumentException refused =
        assertThrows(
            IllegalArgumentException.class, () -> RpcError.fromGrpc(GrpcStatus.OK, "", null));

    assertTrue(refused.getMessage().startsWith("status: OK (expected"), refused.getMessage());
  }

  @Test
  void hasAReasonForEachCodeThatAStatusMapsTo() {
    assertTrue(
        Arrays.stream(GrpcStatus.values())
            .mapToInt(GrpcStatus::microCode)
            .mapToObj(RpcError::reason)
            .noneMatch(String::isEmpty));
  }
}
