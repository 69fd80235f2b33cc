// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.rest;

import dev.vertxmicro.codec.BytesCodec;
import dev.vertxmicro.codec.Codec;
import dev.vertxmicro.codec.CodecException;
import dev.vertxmicro.codec.JsonCodec;
import dev.vertxmicro.codec.TypeRef;
import io.vertx.core.buffer.Buffer;
import java.lang.reflect.Type;
import java.util.Set;

/**
 * Writes a {@link RestBody}, and reads what a reply's type asks for: {@link Buffer} and {@code
 * byte[]} are the body as it is, {@link CharSequence} its text in UTF-8, everything else JSON of
 * which unknown fields are ignored. Its content type is between client and transport only; on the
 * wire stands that of the {@link RestRequest}.
 */
final class RestCodec implements Codec {

  static final String CONTENT_TYPE = "application/vnd.vertx-micro.rest";

  private final JsonCodec json = new JsonCodec();
  private final BytesCodec bytes = new BytesCodec();

  @Override
  public Set<String> contentTypes() {
    return Set.of(CONTENT_TYPE);
  }

  /** Tells yes for bodies made for it only, so that other requests keep their codecs. */
  @Override
  public boolean handles(Type type) {
    return type == RestBody.class;
  }

  @Override
  public Buffer encode(Object value) {
    if (!(value instanceof RestBody body)) {
      throw new CodecException(
          "value: " + value.getClass().getTypeName() + " (expected: a RestBody)", null);
    }
    Object written = body.value();
    return written == null ? body.bytes() : json.encode(written);
  }

  @Override
  @SuppressWarnings("unchecked")
  public <T> T decode(Buffer body, TypeRef<T> type) {
    if (type.type() == CharSequence.class) {
      return (T) body.toString();
    }
    return isRaw(type.type()) ? bytes.decode(body, type) : json.decode(body, type);
  }

  private static boolean isRaw(Type type) {
    return type == byte[].class || (type instanceof Class<?> c && Buffer.class.isAssignableFrom(c));
  }
}
