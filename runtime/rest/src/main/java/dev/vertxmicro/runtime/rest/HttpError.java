// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.rest;

import dev.vertxmicro.metadata.Metadata;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.DecodeException;
import io.vertx.core.json.Json;
import io.vertx.core.json.JsonObject;
import org.jspecify.annotations.Nullable;

/**
 * An answer that is no success, as it came: the cause of the {@code RpcException} that a call fails
 * with. Has no stack trace.
 */
public final class HttpError extends Exception {

  private static final long serialVersionUID = 1;

  private final int status;
  private final transient Metadata headers;
  private final transient Buffer body;

  HttpError(int status, Metadata headers, Buffer body) {
    super("HTTP status " + status, null, false, false);
    this.status = status;
    this.headers = headers;
    this.body = body;
  }

  /** Returns the HTTP status; one of success if what followed the head was unreadable. */
  public int status() {
    return status;
  }

  /** Returns the headers. */
  public Metadata headers() {
    return headers;
  }

  /** Returns the first 64 KiB of the body. */
  public Buffer body() {
    return body;
  }

  /** Returns the body if it is a JSON object, else null. */
  public @Nullable JsonObject json() {
    int first = 0;
    while (first < body.length() && body.getByte(first) <= ' ') {
      first++;
    }
    if (first == body.length() || body.getByte(first) != '{') {
      return null;
    }
    try {
      return Json.decodeValue(body) instanceof JsonObject object ? object : null;
    } catch (DecodeException other) {
      return null;
    }
  }
}
