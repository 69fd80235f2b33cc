// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.rest;

import io.vertx.core.buffer.Buffer;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The body of a request, or a piece of one that is streamed: nothing, bytes as they are, or a value
 * that is written as JSON. Immutable.
 */
public final class RestBody {

  private static final RestBody NONE = new RestBody(null, Buffer.buffer(0));

  private final @Nullable Object value;
  private final Buffer bytes;

  private RestBody(@Nullable Object value, Buffer bytes) {
    this.value = value;
    this.bytes = bytes;
  }

  /** Returns no body. */
  public static RestBody none() {
    return NONE;
  }

  /** Returns bytes, not changed by the caller until the call has returned. */
  public static RestBody bytes(Buffer bytes) {
    return new RestBody(null, Objects.requireNonNull(bytes, "bytes"));
  }

  /** Returns text in UTF-8. */
  public static RestBody text(String text) {
    return bytes(Buffer.buffer(text));
  }

  /** Returns a value that is written as JSON: a record, a map, a {@code JsonObject} and so on. */
  public static RestBody json(Object value) {
    return new RestBody(Objects.requireNonNull(value, "value"), Buffer.buffer(0));
  }

  /** Returns the value that is to be written as JSON, or null. */
  @Nullable Object value() {
    return value;
  }

  /** Returns the bytes of what has no value. */
  Buffer bytes() {
    return bytes;
  }

  /** Returns what kind of body it is; its content may hold secrets. */
  @Override
  public String toString() {
    return "RestBody[" + (value == null ? bytes.length() + " bytes" : "json") + "]";
  }
}
