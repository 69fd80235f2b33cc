// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.broker.rabbitmq;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.rabbitmq.client.AMQP.BasicProperties;
import dev.vertxmicro.broker.GoMicroPayload;
import dev.vertxmicro.codec.CodecException;
import dev.vertxmicro.codec.Message;
import dev.vertxmicro.metadata.Metadata;
import dev.vertxmicro.metadata.MicroHeaders;
import io.vertx.core.buffer.Buffer;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * An event as go-micro has it on RabbitMQ: headers are AMQP headers, strings in the case they were
 * written in, which matters to go-micro; the body is the body.
 */
final class AmqpMessage {

  private static final String CONTENT_TYPE = "Content-Type";
  private static final String DEAD_REASON = "Micro-Dead-Reason";

  private static final int LONGEST_SHORT_STRING = 255;

  private AmqpMessage() {}

  /**
   * Checks what AMQP has a byte for the length of: names and topics.
   *
   * @throws IllegalArgumentException if it is longer
   */
  static String shortString(String name, String value) {
    int length = value.getBytes(UTF_8).length;
    if (length > LONGEST_SHORT_STRING) {
      throw new IllegalArgumentException(
          name + ": " + length + " bytes (expected: at most " + LONGEST_SHORT_STRING + ")");
    }
    return value;
  }

  /**
   * Returns the headers of an event. Of those with the same name, which go-micro cannot have, the
   * values are joined by {@code ", "}.
   */
  static Map<String, Object> headers(Message event) {
    Metadata wire = event.wireHeaders();
    Map<String, Object> headers = new LinkedHashMap<>();
    boolean distinct = wire.names().size() == wire.size();
    Map<String, String> firsts = new LinkedHashMap<>();
    for (Map.Entry<String, String> header : wire) {
      String name = header.getKey();
      if (distinct) {
        headers.put(name, header.getValue());
      } else if (firsts.putIfAbsent(name.toLowerCase(Locale.ROOT), name) == null) {
        headers.put(name, String.join(", ", wire.getAll(name)));
      }
    }
    return headers;
  }

  /**
   * Returns the event that came, its body without a frame, its headers by name. Header values that
   * are no strings become some. AMQP's own content type and message id, which go-micro does not
   * write, stand in for {@code Content-Type} and {@code Micro-Id}.
   *
   * @param routingKey the topic, unless {@code Micro-Topic} names another
   * @throws CodecException if the frame of the body says that it is compressed
   */
  static Message decode(String routingKey, BasicProperties properties, byte[] body) {
    return GoMicroPayload.unframed(raw(routingKey, properties, body));
  }

  /** Returns the event that came, its body as it came. */
  static Message raw(String routingKey, BasicProperties properties, byte[] body) {
    Metadata.Builder headers = Metadata.builder();
    if (properties.getHeaders() != null) {
      // amqp-client forgets in what order they came: by name, so that it is always the same.
      Map<String, Object> byName = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
      byName.putAll(properties.getHeaders());
      byName.forEach(
          (name, value) -> {
            if (value != null) {
              headers.addReceived(name, text(value));
            }
          });
    }
    addMissing(headers, CONTENT_TYPE, properties.getContentType());
    addMissing(headers, MicroHeaders.ID, properties.getMessageId());
    return Message.received(routingKey, headers.build()).body(Buffer.buffer(body)).build();
  }

  private static void addMissing(Metadata.Builder headers, String name, @Nullable String value) {
    if (value != null && !headers.contains(name)) {
      headers.addReceived(name, value);
    }
  }

  /** Texts come as bytes. */
  private static String text(Object value) {
    return value instanceof byte[] bytes ? new String(bytes, UTF_8) : value.toString();
  }

  /** Returns the headers as they came, with the topic and the reason of the death. */
  static Map<String, Object> deadLetter(String topic, BasicProperties properties, String reason) {
    Map<String, Object> headers = new LinkedHashMap<>();
    if (properties.getHeaders() != null) {
      headers.putAll(properties.getHeaders());
    }
    headers.putIfAbsent(MicroHeaders.TOPIC, topic);
    headers.put(DEAD_REASON, reason.replaceAll("\\s+", " "));
    return headers;
  }
}
