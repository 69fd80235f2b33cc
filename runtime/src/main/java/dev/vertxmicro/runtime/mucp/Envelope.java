// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.mucp;

import dev.vertxmicro.runtime.framing.FramingException;
import io.vertx.core.buffer.Buffer;
import org.jspecify.annotations.Nullable;

/** What lies between the body of an HTTP message and the value that a codec reads and writes. */
enum Envelope {

  /** Nothing: the body is the value. */
  NONE {
    @Override
    Buffer wrap(long id, String method, Buffer value) {
      return value;
    }

    @Override
    Content unwrap(Buffer body) {
      return new Content(body, null);
    }
  },

  /** JSON-RPC 1.0, see {@link JsonRpc}. */
  JSON_RPC {
    @Override
    Buffer wrap(long id, String method, Buffer value) {
      return JsonRpc.request(id, method, value);
    }

    @Override
    Content unwrap(Buffer body) {
      return JsonRpc.reply(body);
    }
  },

  /** The protobuf envelope of Go's protorpc, see {@link ProtoRpc}. */
  PROTO_RPC {
    @Override
    Buffer wrap(long id, String method, Buffer value) {
      return ProtoRpc.request(id, method, value);
    }

    @Override
    Content unwrap(Buffer body) {
      return ProtoRpc.reply(body);
    }
  };

  /**
   * What was in an envelope.
   *
   * @param value the bytes of the value; empty beside an error
   * @param error what the server says went wrong, or null
   */
  record Content(Buffer value, @Nullable String error) {}

  /** Returns the body of a request. */
  abstract Buffer wrap(long id, String method, Buffer value);

  /**
   * Returns what is in the body of a reply.
   *
   * @throws FramingException if it is no such envelope
   */
  abstract Content unwrap(Buffer body);
}
