// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.codec;

import io.vertx.core.buffer.Buffer;
import java.lang.reflect.Type;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.ServiceLoader;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * The table from content type to {@link Codec}. Immutable.
 *
 * <p>Content types are compared without case and without parameters: {@code Application/JSON;
 * charset=utf-8} finds {@code application/json}.
 */
public final class Codecs {

  private static final BytesCodec BYTES = new BytesCodec();

  /** What a body without a content type can be. */
  private static final List<String> UNNAMED =
      List.of("application/protobuf", "application/json", "application/octet-stream");

  private final Map<String, Codec> byContentType;

  private Codecs(Map<String, Codec> byContentType) {
    this.byContentType = byContentType;
  }

  /**
   * Returns the built-in codecs (raw bytes, text, JSON, and Protobuf if protobuf-java is there) and
   * those that a {@link ServiceLoader} finds; a found one replaces a built-in one.
   *
   * @throws IllegalStateException if two found ones claim the same content type
   */
  public static Codecs standard() {
    Codecs codecs =
        new Codecs(Map.of()).with(new TextCodec()).with(new JsonCodec()).with(new BytesCodec());
    if (ProtobufCodec.isAvailable()) {
      codecs = codecs.with(new ProtobufCodec());
    }
    Map<String, String> claims = new HashMap<>();
    for (CodecProvider provider : ServiceLoader.load(CodecProvider.class)) {
      Codec codec = provider.create();
      for (String contentType : codec.contentTypes()) {
        String other = claims.putIfAbsent(normalize(contentType), provider.name());
        if (other != null) {
          throw new IllegalStateException(
              contentType + ": codecs " + other + " and " + provider.name() + " (expected: one)");
        }
      }
      codecs = codecs.with(codec);
    }
    return codecs;
  }

  /** Returns this table with the content types of {@code codec} added or replaced. */
  public Codecs with(Codec codec) {
    Map<String, Codec> table = new HashMap<>(byContentType);
    for (String contentType : codec.contentTypes()) {
      table.put(normalize(contentType), codec);
    }
    return new Codecs(Map.copyOf(table));
  }

  /**
   * Returns the codec of {@code contentType}.
   *
   * @throws IllegalArgumentException if there is none; the message lists those that are known
   */
  public Codec get(String contentType) {
    Codec codec = find(contentType);
    if (codec == null) {
      throw new IllegalArgumentException(
          "contentType: " + contentType + " (expected: one of " + contentTypes() + ")");
    }
    return codec;
  }

  /** Returns the codec of {@code contentType}, or null if there is none. */
  public @Nullable Codec find(String contentType) {
    Codec exact = byContentType.get(contentType);
    return exact != null ? exact : byContentType.get(normalize(contentType));
  }

  /** Returns the known content types, sorted. */
  public List<String> contentTypes() {
    return List.copyOf(new TreeSet<>(byContentType.keySet()));
  }

  /**
   * Returns the first of {@code contentTypes} whose codec handles {@code type}.
   *
   * @throws IllegalArgumentException if none does
   */
  public String contentTypeFor(Type type, List<String> contentTypes) {
    for (String contentType : contentTypes) {
      Codec codec = find(contentType);
      if (codec != null && codec.handles(type)) {
        return contentType;
      }
    }
    throw new IllegalArgumentException(
        "type: "
            + type.getTypeName()
            + " (expected: a type that one of "
            + contentTypes
            + " takes)");
  }

  /**
   * Returns the bytes of {@code value} under {@code contentType}. A {@link Buffer} and a {@code
   * byte[]} count as encoded already and pass under any content type, as go-micro's raw frames do.
   *
   * @throws CodecException if there is no codec, or it cannot encode the value
   */
  public Buffer encode(String contentType, Object value) {
    return BytesCodec.isRaw(value.getClass())
        ? BYTES.encode(value)
        : known(contentType).encode(value);
  }

  /**
   * Returns the value in {@code body}, which came as {@code contentType}. A {@link Buffer} and a
   * {@code byte[]} are the body as it is, whatever its content type. If the peer named none, the
   * type decides: Protobuf, JSON or bytes.
   *
   * @throws CodecException if there is no codec, or the bytes are not a {@code type}
   */
  public <T> T decode(String contentType, Buffer body, TypeRef<T> type) {
    if (BytesCodec.isRaw(type.type())) {
      return BYTES.decode(body, type);
    }
    return contentType.isEmpty()
        ? get(contentTypeFor(type.type(), UNNAMED)).decode(body, type)
        : known(contentType).decode(body, type);
  }

  private Codec known(String contentType) {
    Codec codec = find(contentType);
    if (codec == null) {
      throw new CodecException(
          "content type: " + contentType + " (expected: one of " + contentTypes() + ")", null);
    }
    return codec;
  }

  private static String normalize(String contentType) {
    Objects.requireNonNull(contentType, "contentType");
    int parameters = contentType.indexOf(';');
    String plain = parameters < 0 ? contentType : contentType.substring(0, parameters);
    return plain.trim().toLowerCase(Locale.ROOT);
  }

  @Override
  public String toString() {
    return "Codecs" + contentTypes();
  }
}
