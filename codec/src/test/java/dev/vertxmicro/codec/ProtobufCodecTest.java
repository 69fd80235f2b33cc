// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.codec;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.DynamicMessage;
import com.google.protobuf.Empty;
import com.google.protobuf.MessageLite;
import com.google.protobuf.StringValue;
import io.vertx.core.buffer.Buffer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class ProtobufCodecTest extends CodecContract {

  @Override
  protected Codec codec() {
    return new ProtobufCodec();
  }

  @Override
  protected Stream<Sample<?>> samples() {
    return Stream.of(
        Sample.of(Samples.full(), dev.vertxmicro.codec.sample.Sample.class),
        Sample.of(StringValue.of("x".repeat(100_000)), StringValue.class),
        Sample.of(Empty.getDefaultInstance(), Empty.class));
  }

  @Override
  protected Stream<Object> foreignValues() {
    return Stream.of("text", 5, new byte[0]);
  }

  @Override
  protected Stream<Malformed> malformed() {
    return Stream.of(
        new Malformed(Buffer.buffer(new byte[] {10, 5, 'x'}), TypeRef.of(StringValue.class)),
        new Malformed(Buffer.buffer("\u0007"), TypeRef.of(StringValue.class)));
  }

  @Test
  void readsAnEmptyBodyAsTheEmptyMessage() {
    assertEquals(
        StringValue.getDefaultInstance(),
        codec().decode(Buffer.buffer(), TypeRef.of(StringValue.class)));
  }

  @Test
  void takesGeneratedClassesOnly() {
    DynamicMessage dynamic = DynamicMessage.newBuilder(StringValue.of("x")).build();

    assertEquals(codec().encode(StringValue.of("x")), codec().encode(dynamic));
    CodecException refused =
        assertThrows(
            CodecException.class,
            () -> codec().decode(Buffer.buffer(), TypeRef.of(DynamicMessage.class)));
    assertTrue(refused.getMessage().contains("generated"), refused.getMessage());
    assertThrows(
        CodecException.class, () -> codec().decode(Buffer.buffer(), TypeRef.of(MessageLite.class)));
  }

  @Test
  void isNotForBuilders() {
    assertFalse(codec().handles(StringValue.Builder.class));
    assertThrows(CodecException.class, () -> codec().encode(StringValue.newBuilder()));
  }

  @Test
  void isThere() {
    assertTrue(ProtobufCodec.isAvailable());
  }
}
