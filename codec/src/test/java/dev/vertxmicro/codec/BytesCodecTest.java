// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.codec;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;

import io.vertx.core.buffer.Buffer;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class BytesCodecTest extends CodecContract {

  @Override
  protected Codec codec() {
    return new BytesCodec();
  }

  @Override
  protected Stream<Sample<?>> samples() {
    return Stream.of(
        Sample.of(new byte[] {0, -1, 2}, byte[].class),
        Sample.of(new byte[0], byte[].class),
        Sample.of(new byte[1 << 20], byte[].class),
        Sample.of(Buffer.buffer("é"), Buffer.class));
  }

  @Override
  protected Stream<Object> foreignValues() {
    return Stream.of("text", 5, List.of());
  }

  @Override
  protected Stream<Malformed> malformed() {
    return Stream.empty();
  }

  @Test
  void passesBuffersWithoutACopy() {
    Buffer body = Buffer.buffer("x");

    assertSame(body, codec().encode(body));
    assertSame(body, codec().decode(body, TypeRef.of(Buffer.class)));
  }

  @Test
  void copiesArrays() {
    byte[] bytes = {1, 2};
    Buffer body = codec().encode(bytes);

    bytes[0] = 9;

    assertEquals(1, body.getByte(0));
  }

  @Test
  void takesTheTypesOfRawBodies() {
    assertEquals(
        Set.of("application/octet-stream", "application/grpc+bytes"), codec().contentTypes());
    assertFalse(codec().handles(String.class));
  }
}
