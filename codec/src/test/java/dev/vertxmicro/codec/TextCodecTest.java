// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.codec;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.vertx.core.buffer.Buffer;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class TextCodecTest extends CodecContract {

  @Override
  protected Codec codec() {
    return new TextCodec();
  }

  @Override
  protected Stream<Sample<?>> samples() {
    return Stream.of("", "hello", "für 日本 😀", "x".repeat(100_000))
        .map(text -> Sample.of(text, String.class));
  }

  @Override
  protected Stream<Object> foreignValues() {
    return Stream.of(5, new StringBuilder("x"), List.of(), new byte[0]);
  }

  @Override
  protected Stream<Malformed> malformed() {
    return Stream.of(
        new Malformed(Buffer.buffer(new byte[] {'a', (byte) 0xff}), TypeRef.of(String.class)),
        new Malformed(Buffer.buffer(new byte[] {(byte) 0xc3}), TypeRef.of(String.class)));
  }

  @Test
  void writesUtf8() {
    assertEquals(Buffer.buffer(new byte[] {(byte) 0xc3, (byte) 0xa9}), codec().encode("é"));
  }
}
