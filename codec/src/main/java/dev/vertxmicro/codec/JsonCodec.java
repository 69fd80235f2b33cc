// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.codec;

import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JavaType;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.netty.buffer.ByteBuf;
import io.vertx.core.buffer.Buffer;
import java.io.IOException;
import java.lang.reflect.Type;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * JSON through Jackson: records, beans, maps, lists, strings (as JSON strings), and Vert.x' {@code
 * JsonObject} and {@code JsonArray}. Unknown fields are ignored, as Go does.
 *
 * <p>Protobuf messages, alone or inside of others, are written in Protobuf's JSON (lowerCamelCase)
 * and read in that or in the JSON that older go-micro servers make of Go structs: snake_case,
 * 64-bit numbers and enums as numbers, {@code {"seconds":5}} for a Timestamp, {@code {"value":"x"}}
 * for a wrapper, oneofs under their Go names. Any, and Struct in Go's form, are not read. This
 * needs protobuf-java-util, which is optional. Protobuf is faster where the peer knows it.
 *
 * <p>An empty body is the empty message for a Protobuf type, as for go-micro; for any other type it
 * is malformed, and so is JSON's {@code null}.
 */
public final class JsonCodec implements Codec {

  private static final boolean HAS_PROTOBUF = ProtobufCodec.isAvailable();

  private final ObjectMapper mapper;

  /** Makes a codec with a mapper of its own that ignores unknown fields. */
  public JsonCodec() {
    this(JsonMapper.builder().disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES).build());
  }

  /**
   * Makes a codec on a copy of the mapper of the application, which also learns the types of Vert.x
   * and Protobuf. What the mapper does with unknown fields stays as it is.
   */
  public JsonCodec(ObjectMapper mapper) {
    this.mapper =
        Objects.requireNonNull(mapper, "mapper")
            .copy()
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .registerModule(new VertxJsonModule());
    if (HAS_PROTOBUF) {
      this.mapper.registerModule(new ProtoJsonModule());
    }
  }

  @Override
  public Set<String> contentTypes() {
    return Set.of("application/json", "application/json-rpc", "application/grpc+json");
  }

  /**
   * Tells yes for all types but bytes, and Protobuf messages that have no JSON: lite ones, and all
   * if protobuf-java-util is not there.
   */
  @Override
  public boolean handles(Type type) {
    return !BytesCodec.isRaw(type)
        && !(type instanceof Class<?> c && isMessage(c) && !ProtoJsonModule.hasJson(c));
  }

  private static String unfit(Type type) {
    return BytesCodec.isRaw(type) ? "a value, not bytes" : ProtoJsonModule.whyNoJson();
  }

  private static boolean isMessage(Class<?> type) {
    return HAS_PROTOBUF && ProtoJsonModule.isMessage(type);
  }

  @Override
  public Buffer encode(Object value) {
    if (!handles(value.getClass())) {
      throw CodecException.unfitValue(value, unfit(value.getClass()));
    }
    try {
      return HeapBytes.buffer(mapper.writeValueAsBytes(value));
    } catch (JsonProcessingException unfit) {
      throw new CodecException(
          "value: " + value.getClass().getTypeName() + " (" + unfit.getOriginalMessage() + ")",
          unfit);
    }
  }

  @Override
  @SuppressWarnings("unchecked")
  public <T> T decode(Buffer body, TypeRef<T> type) {
    if (type.isVoid()) {
      return type.nothing();
    }
    if (!handles(type.type())) {
      throw CodecException.unfitType(type, unfit(type.type()));
    }
    boolean isMessage = type.type() instanceof Class<?> c && isMessage(c);
    T value = body.length() == 0 && isMessage ? null : read(body, type);
    if (value != null) {
      return value;
    }
    if (isMessage) {
      return (T) ProtoDefaults.of((Class<?>) type.type());
    }
    throw CodecException.malformed(body, "JSON of a " + type + "; it holds no value", null);
  }

  private <T> @Nullable T read(Buffer body, TypeRef<T> type) {
    JavaType known = mapper.constructType(type.type());
    ByteBuf bytes = HeapBytes.of(body);
    try {
      return bytes.hasArray()
          ? mapper.readValue(bytes.array(), bytes.arrayOffset(), body.length(), known)
          : mapper.readValue(body.getBytes(), known);
    } catch (JsonProcessingException malformed) {
      // Where, not what: the library's text may quote the body.
      JsonLocation at = malformed.getLocation();
      String place = at == null ? "" : "; wrong at byte " + at.getByteOffset();
      throw CodecException.malformed(body, "JSON of a " + type + place, malformed);
    } catch (IOException malformed) {
      throw CodecException.malformed(body, "JSON of a " + type, malformed);
    }
  }
}
