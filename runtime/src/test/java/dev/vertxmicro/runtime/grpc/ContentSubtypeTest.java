// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.grpc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ContentSubtypeTest {

  @ParameterizedTest
  @CsvSource({
    "'', application/grpc+proto",
    "application/grpc, application/grpc+proto",
    "application/grpc+proto, application/grpc+proto",
    "application/protobuf, application/grpc+proto",
    "application/proto, application/grpc+proto",
    "application/octet-stream, application/grpc+proto",
    "application/json, application/grpc+json",
    "application/grpc+json, application/grpc+json",
    "application/grpc+bytes, application/grpc+bytes"
  })
  void writesTheSubtypesOfGoMicro(String contentType, String onTheWire) {
    assertEquals(onTheWire, ContentSubtype.of(contentType));
  }

  @Test
  void knowsNoOthers() {
    assertNull(ContentSubtype.of("text/plain"));
    assertNull(ContentSubtype.of("application/grpc+msgpack"));
    ContentSubtype.KNOWN.forEach(known -> assertNotNull(ContentSubtype.of(known), known));
  }

  @ParameterizedTest
  @CsvSource({
    "application/grpc, true",
    "application/grpc+proto, true",
    "Application/GRPC; charset=utf-8, true",
    "application/grpc-web, false",
    "application/grpcx, false",
    "application/json, false",
    "'', false"
  })
  void recognizesGrpc(String contentType, boolean grpc) {
    assertEquals(grpc, ContentSubtype.isGrpc(contentType));
  }

  @ParameterizedTest
  @CsvSource({
    "application/grpc+json, application/json, application/grpc+json",
    "application/grpc, application/grpc+bytes, application/grpc+bytes",
    "application/grpc;charset=utf-8, application/grpc+proto, application/grpc+proto"
  })
  void takesTheRequestsTypeForABareReply(String replied, String requested, String expected) {
    assertEquals(expected, ContentSubtype.ofReply(replied, requested));
  }
}
