// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.broker.nats;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import dev.vertxmicro.errors.GrpcStatus;
import dev.vertxmicro.errors.Processed;
import dev.vertxmicro.errors.RpcException;
import io.nats.client.Message;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * What JetStream answers to a publish: {@code {"stream":"events","seq":7}}, or {@code
 * {"error":{"code":503,"err_code":10077,"description":"..."}}}, or nothing but the status 503 if no
 * stream takes the subject.
 */
final class StoreReply {

  private static final JsonFactory JSON = new JsonFactory();

  private StoreReply() {}

  /** Returns why the event is not stored, or null if it is. */
  static @Nullable RpcException failureOf(Message reply) {
    if (reply.isStatusMessage()) {
      return RpcException.client(
              GrpcStatus.UNAVAILABLE, "nats: no stream stores this topic (no responders)")
          .build();
    }
    try (JsonParser json = JSON.createParser(reply.getData())) {
      return read(json);
    } catch (IOException malformed) {
      return RpcException.client(GrpcStatus.INTERNAL, "nats: a publish was answered with no JSON")
          .processed(Processed.UNKNOWN)
          .cause(malformed)
          .build();
    }
  }

  private static @Nullable RpcException read(JsonParser json) throws IOException {
    boolean stored = false;
    int code = 0;
    String description = "";
    int depth = 0;
    for (JsonToken token = json.nextToken(); token != null; token = json.nextToken()) {
      if (token == JsonToken.START_OBJECT) {
        depth++;
      } else if (token == JsonToken.END_OBJECT) {
        depth--;
      } else if (token == JsonToken.VALUE_NUMBER_INT && depth == 1) {
        stored |= json.currentName().equals("seq") && json.getLongValue() > 0;
      } else if (token == JsonToken.VALUE_NUMBER_INT && json.currentName().equals("code")) {
        code = json.getIntValue();
      } else if (token == JsonToken.VALUE_STRING && json.currentName().equals("description")) {
        description = json.getText();
      }
    }
    if (stored && code == 0) {
      return null;
    }
    GrpcStatus status =
        code >= 400 && code < 500 ? GrpcStatus.FAILED_PRECONDITION : GrpcStatus.UNAVAILABLE;
    return RpcException.client(status, "nats: not stored: " + code + " " + description)
        .processed(Processed.REFUSED)
        .build();
  }
}
