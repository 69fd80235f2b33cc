// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.codec;

import java.lang.reflect.Type;
import java.util.LinkedHashMap;
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

  private final Map<String, Codec> byContentType;

  private Codecs(Map<String, Codec> byContentType) {
    this.byContentType = byContentType;
  }

  /**
   * Returns the built-in codecs (raw bytes, text, JSON, and Protobuf if protobuf-java is there) and
   * those that a {@link ServiceLoader} finds; a found one replaces a built-in one.
   */
  public static Codecs standard() {
    Codecs codecs =
        new Codecs(Map.of()).with(new TextCodec()).with(new JsonCodec()).with(new BytesCodec());
    if (ProtobufCodec.isAvailable()) {
      codecs = codecs.with(new ProtobufCodec());
    }
    for (CodecProvider provider : ServiceLoader.load(CodecProvider.class)) {
      codecs = codecs.with(provider.create());
    }
    return codecs;
  }

  /** Returns this table with the content types of {@code codec} added or replaced. */
  public Codecs with(Codec codec) {
    Map<String, Codec> table = new LinkedHashMap<>(byContentType);
    for (String contentType : codec.contentTypes()) {
      table.put(normalize(contentType), codec);
    }
    return new Codecs(table);
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
