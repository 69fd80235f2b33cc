// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.codec;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.StringValue;
import io.vertx.core.buffer.Buffer;
import java.io.IOException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class CodecsTest {

  private static final List<String> GRPC =
      List.of("application/grpc+proto", "application/grpc+json", "application/grpc+bytes");

  private final Codecs codecs = Codecs.standard();

  record Greeting(String text) {}

  /** What a plug-in brings. */
  public static final class UpperCaseProvider implements CodecProvider {
    @Override
    public String name() {
      return "upper";
    }

    @Override
    public Codec create() {
      return new UpperCase("text/plain", "text/upper");
    }
  }

  /** Another plug-in that wants the same content type. */
  public static final class RivalProvider implements CodecProvider {
    @Override
    public String name() {
      return "rival";
    }

    @Override
    public Codec create() {
      return new UpperCase("Text/Upper");
    }
  }

  private record UpperCase(Set<String> contentTypes) implements Codec {
    UpperCase(String... contentTypes) {
      this(Set.of(contentTypes));
    }

    @Override
    public boolean handles(java.lang.reflect.Type type) {
      return type == String.class;
    }

    @Override
    public Buffer encode(Object value) {
      return Buffer.buffer(value.toString().toUpperCase(java.util.Locale.ROOT));
    }

    @Override
    public <T> T decode(Buffer body, TypeRef<T> type) {
      throw new CodecException("not used", null);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "application/json, JsonCodec",
    "application/json-rpc, JsonCodec",
    "application/grpc+json, JsonCodec",
    "application/grpc, ProtobufCodec",
    "application/grpc+proto, ProtobufCodec",
    "application/protobuf, ProtobufCodec",
    "application/proto, ProtobufCodec",
    "application/proto-rpc, ProtobufCodec",
    "application/grpc+bytes, BytesCodec",
    "application/octet-stream, BytesCodec",
    "text/plain, TextCodec",
    "Application/JSON; charset=utf-8, JsonCodec",
    "' application/json ', JsonCodec",
    "text/plain;charset=utf-8, TextCodec",
  })
  void findsTheCodecOfAContentType(String contentType, String codec) {
    assertEquals(codec, codecs.get(contentType).getClass().getSimpleName());
  }

  @Test
  void namesWhatItKnowsIfAContentTypeIsUnknown() {
    IllegalArgumentException unknown =
        assertThrows(IllegalArgumentException.class, () -> codecs.get("application/x-thrift"));

    assertNull(codecs.find("application/x-thrift"));
    assertEquals(
        "contentType: application/x-thrift (expected: one of [application/grpc,"
            + " application/grpc+bytes, application/grpc+json, application/grpc+proto,"
            + " application/json, application/json-rpc, application/octet-stream,"
            + " application/proto, application/proto-rpc, application/protobuf,"
            + " application/x-protobuf, text/plain])",
        unknown.getMessage());
  }

  @Test
  void choosesTheContentTypeByTheTypeOfTheBody() {
    assertEquals("application/grpc+proto", codecs.contentTypeFor(StringValue.class, GRPC));
    assertEquals("application/grpc+json", codecs.contentTypeFor(Greeting.class, GRPC));
    assertEquals("application/grpc+json", codecs.contentTypeFor(String.class, GRPC));
    assertEquals("application/grpc+json", codecs.contentTypeFor(Map.class, GRPC));
    assertEquals("application/grpc+bytes", codecs.contentTypeFor(byte[].class, GRPC));
    assertEquals("application/grpc+bytes", codecs.contentTypeFor(Buffer.buffer().getClass(), GRPC));
    assertEquals(
        "text/plain",
        codecs.contentTypeFor(String.class, List.of("no/codec", "text/plain", "application/json")));
  }

  @Test
  void namesTheContentTypesOfWhichNoneTakesTheBody() {
    IllegalArgumentException unfit =
        assertThrows(
            IllegalArgumentException.class,
            () -> codecs.contentTypeFor(byte[].class, List.of("application/json", "text/plain")));

    assertTrue(unfit.getMessage().startsWith("type: byte[] (expected:"), unfit.getMessage());
    assertTrue(unfit.getMessage().contains("[application/json, text/plain]"), unfit.getMessage());
  }

  @Test
  void addsAndReplacesInACopy() {
    Codec upper = new UpperCase("text/plain", "Text/Upper; q=1");

    Codecs more = codecs.with(upper);

    assertSame(upper, more.get("text/plain"));
    assertSame(upper, more.get("text/upper"));
    assertInstanceOf(TextCodec.class, codecs.get("text/plain"));
    assertNull(codecs.find("text/upper"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"application/json", "application/grpc+proto", "no/codec", ""})
  void passesBytesUnderAnyContentType(String contentType) {
    Buffer body = Buffer.buffer("x");

    assertSame(body, codecs.encode(contentType, body));
    assertEquals(body, codecs.encode(contentType, new byte[] {'x'}));
    assertSame(body, codecs.decode(contentType, body, TypeRef.of(Buffer.class)));
    assertArrayEquals(new byte[] {'x'}, codecs.decode(contentType, body, TypeRef.of(byte[].class)));
  }

  @Test
  void encodesAndDecodesByContentType() {
    Buffer json = codecs.encode("application/json", new Greeting("x"));

    assertEquals("{\"text\":\"x\"}", json.toString());
    assertEquals(
        new Greeting("x"), codecs.decode("application/json", json, TypeRef.of(Greeting.class)));
  }

  @Test
  void readsABodyWithoutContentTypeByItsType() {
    StringValue text = StringValue.of("x");

    assertEquals(
        text, codecs.decode("", Buffer.buffer(text.toByteArray()), TypeRef.of(StringValue.class)));
    assertEquals(
        new Greeting("x"),
        codecs.decode("", Buffer.buffer("{\"text\":\"x\"}"), TypeRef.of(Greeting.class)));
  }

  @Test
  void failsForAContentTypeThatAPeerSentAndNobodyKnows() {
    CodecException unknown =
        assertThrows(
            CodecException.class,
            () -> codecs.decode("no/codec", Buffer.buffer(), TypeRef.of(Greeting.class)));

    assertTrue(
        unknown.getMessage().startsWith("content type: no/codec (expected: one of ["),
        unknown.getMessage());
    assertThrows(CodecException.class, () -> codecs.encode("no/codec", new Greeting("x")));
  }

  @Test
  void findsThePlugInsOfTheClassLoader(@TempDir Path folder) throws IOException {
    Codecs found = standardWith(folder, UpperCaseProvider.class);

    assertEquals("X", found.get("text/upper").encode("x").toString());
    assertEquals("X", found.get("text/plain").encode("x").toString());
  }

  @Test
  void refusesTwoPlugInsForOneContentType(@TempDir Path folder) {
    IllegalStateException refused =
        assertThrows(
            IllegalStateException.class,
            () -> standardWith(folder, UpperCaseProvider.class, RivalProvider.class));

    assertEquals("Text/Upper: codecs upper and rival (expected: one)", refused.getMessage());
  }

  private static Codecs standardWith(Path folder, Class<?>... providers) throws IOException {
    Path services = folder.resolve("META-INF/services");
    Files.createDirectories(services);
    Files.write(
        services.resolve(CodecProvider.class.getName()),
        List.of(providers).stream().map(Class::getName).toList());
    Thread thread = Thread.currentThread();
    ClassLoader before = thread.getContextClassLoader();
    try (URLClassLoader loader = new URLClassLoader(new URL[] {folder.toUri().toURL()}, before)) {
      thread.setContextClassLoader(loader);
      return Codecs.standard();
    } finally {
      thread.setContextClassLoader(before);
    }
  }
}
