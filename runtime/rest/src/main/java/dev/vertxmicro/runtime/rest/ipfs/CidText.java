// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.rest.ipfs;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.DeserializationContext;
import com.fasterxml.jackson.databind.deser.std.StdDeserializer;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** Reads CIDs: text, or what peers before v1.0 wrote, an object with the text as {@code "/"}. */
final class CidText extends StdDeserializer<String> {

  private static final long serialVersionUID = 1;

  CidText() {
    super(String.class);
  }

  @Override
  public @Nullable String deserialize(JsonParser json, DeserializationContext context)
      throws IOException {
    if (json.currentToken() == JsonToken.VALUE_STRING) {
      return json.getText();
    }
    if (json.currentToken() == JsonToken.START_OBJECT
        && "/".equals(json.nextFieldName())
        && json.nextToken() == JsonToken.VALUE_STRING) {
      String text = json.getText();
      if (json.nextToken() == JsonToken.END_OBJECT) {
        return text;
      }
    }
    return (String) context.handleUnexpectedToken(String.class, json);
  }
}
