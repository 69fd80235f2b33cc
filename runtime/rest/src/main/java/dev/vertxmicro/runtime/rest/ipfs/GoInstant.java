// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.rest.ipfs;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.DeserializationContext;
import com.fasterxml.jackson.databind.deser.std.StdDeserializer;
import java.io.IOException;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;
import org.jspecify.annotations.Nullable;

/** Reads the times of Go: RFC 3339 with any offset, and year 1 for a time that is not set. */
final class GoInstant extends StdDeserializer<Instant> {

  private static final long serialVersionUID = 1;

  private static final Instant ZERO = Instant.parse("0001-01-01T00:00:00Z");

  GoInstant() {
    super(Instant.class);
  }

  @Override
  public @Nullable Instant deserialize(JsonParser json, DeserializationContext context)
      throws IOException {
    if (json.currentToken() != JsonToken.VALUE_STRING) {
      return (Instant) context.handleUnexpectedToken(Instant.class, json);
    }
    String text = json.getText();
    if (text.isEmpty()) {
      return null;
    }
    try {
      Instant time = OffsetDateTime.parse(text).toInstant();
      return time.equals(ZERO) ? null : time;
    } catch (DateTimeException other) {
      return (Instant) context.handleWeirdStringValue(Instant.class, text, "no RFC 3339 time");
    }
  }
}
