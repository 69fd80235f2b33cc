// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.codec;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.vertx.core.buffer.Buffer;
import java.io.IOException;
import java.lang.reflect.Type;
import java.util.Objects;
import java.util.Set;

/**
 * JSON through Jackson: records, beans, maps, lists, and Vert.x' {@code JsonObject} and {@code
 * JsonArray}. Unknown fields are ignored, as Go does; an empty body is JSON's {@code null}.
 */
public final class JsonCodec implements Codec {

  private static final byte[] EMPTY = {'n', 'u', 'l', 'l'};

  private final ObjectMapper mapper;

  /** Makes a codec with a mapper of its own that ignores unknown fields. */
  public JsonCodec() {
    this(
        JsonMapper.builder()
            .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
            .addModule(new VertxJsonModule())
            .build());
  }

  /** Makes a codec on the mapper of the application, which is not changed. */
  public JsonCodec(ObjectMapper mapper) {
    this.mapper = Objects.requireNonNull(mapper, "mapper");
  }

  @Override
  public Set<String> contentTypes() {
    return Set.of("application/json", "application/grpc+json");
  }

  @Override
  public boolean handles(Type type) {
    return true;
  }

  @Override
  public Buffer encode(Object value) {
    try {
      return Buffer.buffer(mapper.writeValueAsBytes(value));
    } catch (JsonProcessingException unfit) {
      throw new CodecException(
          "value: " + value.getClass().getName() + " (expected: a type that Jackson writes)",
          unfit);
    }
  }

  @Override
  public <T> T decode(Buffer body, TypeRef<T> type) {
    try {
      byte[] bytes = body.length() == 0 ? EMPTY : body.getBytes();
      return mapper.readValue(bytes, mapper.constructType(type.type()));
    } catch (IOException malformed) {
      throw new CodecException(
          "body: " + body.length() + " bytes (expected: JSON of a " + type + ")", malformed);
    }
  }
}
