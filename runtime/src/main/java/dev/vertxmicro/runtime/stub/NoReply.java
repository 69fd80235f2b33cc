// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.stub;

import dev.vertxmicro.runtime.server.ServerCall;
import io.vertx.core.buffer.Buffer;

/** The reply of methods that have nothing to return. Called by generated code. */
public final class NoReply {

  private NoReply() {}

  /** Returns an empty message in the content type of the call: an object in JSON, else no bytes. */
  public static Buffer to(ServerCall call) {
    return Buffer.buffer(call.contentType().endsWith("json") ? "{}" : "");
  }
}
