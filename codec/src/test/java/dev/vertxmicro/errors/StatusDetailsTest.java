// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.errors;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;

import com.google.protobuf.Any;
import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.StringValue;
import com.google.protobuf.UnknownFieldSet;
import com.google.protobuf.UnknownFieldSet.Field;
import java.util.Base64;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class StatusDetailsTest {

  private static final RpcError TEAPOT = RpcError.of("greeter", 418, "short and stout é");

  @Test
  void findsTheErrorItEncodes() {
    byte[] details = StatusDetails.encode(GrpcStatus.UNKNOWN, TEAPOT);

    assertEquals(TEAPOT, StatusDetails.find(details));
  }

  /**
   * The layout is checked with protobuf's own parser, so that both halves cannot be wrong alike.
   */
  @Test
  void encodesAStatusWithTheErrorAsItsOnlyDetail() throws InvalidProtocolBufferException {
    UnknownFieldSet status =
        UnknownFieldSet.parseFrom(StatusDetails.encode(GrpcStatus.NOT_FOUND, TEAPOT));
    Any any = Any.parseFrom(status.getField(3).getLengthDelimitedList().get(0));
    UnknownFieldSet error = UnknownFieldSet.parseFrom(any.getValue());

    assertEquals(5, status.getField(1).getVarintList().get(0));
    assertEquals(TEAPOT.toJson(), text(status.getField(2)));
    assertEquals(1, status.getField(3).getLengthDelimitedList().size());
    assertEquals("type.googleapis.com/errors.Error", any.getTypeUrl());
    assertEquals("greeter", text(error.getField(1)));
    assertEquals(418, error.getField(2).getVarintList().get(0));
    assertEquals("short and stout é", text(error.getField(3)));
    assertEquals("I'm a teapot", text(error.getField(4)));
  }

  private static String text(Field field) {
    return field.getLengthDelimitedList().get(0).toStringUtf8();
  }

  @Test
  void findsTheErrorBehindDetailsOfOtherTypes() {
    byte[] details =
        status(Any.pack(StringValue.of("x")), error("first", 404), error("second", 409));

    assertEquals(new RpcError("first", 404, "", ""), StatusDetails.find(details));
  }

  @Test
  void findsNothingAmongOtherTypes() {
    assertNull(StatusDetails.find(status(Any.pack(StringValue.of("x")))));
    assertNull(StatusDetails.find(new byte[0]));
  }

  @Test
  void readsNegativeCodesAndPassesOverUnknownFields() {
    UnknownFieldSet fields =
        UnknownFieldSet.newBuilder()
            .addField(9, Field.newBuilder().addFixed64(1).build())
            .addField(2, Field.newBuilder().addVarint(-7L).build())
            .addField(3, Field.newBuilder().addVarint(5).build())
            .build();

    assertEquals(new RpcError("", -7, "", ""), StatusDetails.find(status(packed(fields))));
  }

  @Test
  void neverThrowsOnGarbage() {
    Random random = new Random(3);
    byte[] good = StatusDetails.encode(GrpcStatus.UNKNOWN, TEAPOT);
    int found = 0;
    for (int round = 0; round < 20_000; round++) {
      byte[] bytes = good.clone();
      for (int flips = 0; flips <= random.nextInt(4); flips++) {
        bytes[random.nextInt(bytes.length)] = (byte) random.nextInt();
      }
      found += StatusDetails.find(bytes) == null ? 0 : 1;
    }

    assertFalse(found == 0 || found == 20_000, "both outcomes occur: " + found);
  }

  @Test
  void passesOverDetailsThatAreTooLong() {
    RpcError shortEnough = new RpcError("", 400, "x".repeat(30_000), "");
    RpcError tooLong = new RpcError("", 400, "x".repeat(70_000), "");

    assertNotNull(StatusDetails.find(StatusDetails.encode(GrpcStatus.INTERNAL, shortEnough)));
    assertNull(StatusDetails.find(StatusDetails.encode(GrpcStatus.INTERNAL, tooLong)));
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2, 3, 4, 5})
  void readsTheHeaderItWritesAndThePaddedOneToo(int length) {
    byte[] bytes = new byte[length];
    new Random(length).nextBytes(bytes);

    String header = StatusDetails.toHeader(bytes);

    assertFalse(header.contains("="));
    assertArrayEquals(bytes, StatusDetails.fromHeader(header));
    assertArrayEquals(bytes, StatusDetails.fromHeader(Base64.getEncoder().encodeToString(bytes)));
  }

  @Test
  void readsNoBytesFromHeadersThatAreNotBase64OrTooLong() {
    assertNull(StatusDetails.fromHeader(null));
    assertNull(StatusDetails.fromHeader("not base64!"));
    assertNull(StatusDetails.fromHeader("A"));
    assertNotNull(StatusDetails.fromHeader("A".repeat(StatusDetails.MAX_BYTES / 3 * 4)));
    assertNull(StatusDetails.fromHeader("A".repeat(StatusDetails.MAX_BYTES / 3 * 4 + 8)));
  }

  private static Any error(String id, int code) {
    return packed(
        UnknownFieldSet.newBuilder()
            .addField(1, Field.newBuilder().addLengthDelimited(ByteString.copyFromUtf8(id)).build())
            .addField(2, Field.newBuilder().addVarint(code).build())
            .build());
  }

  private static Any packed(UnknownFieldSet error) {
    return Any.newBuilder()
        .setTypeUrl("type.googleapis.com/errors.Error")
        .setValue(error.toByteString())
        .build();
  }

  private static byte[] status(Any... details) {
    Field.Builder field = Field.newBuilder();
    for (Any detail : details) {
      field.addLengthDelimited(detail.toByteString());
    }
    return UnknownFieldSet.newBuilder()
        .addField(1, Field.newBuilder().addVarint(2).build())
        .addField(3, field.build())
        .build()
        .toByteArray();
  }
}
