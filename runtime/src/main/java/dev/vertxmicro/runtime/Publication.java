// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime;

import dev.vertxmicro.metadata.Metadata;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What to publish and where. Immutable; may be published several times, each time as an event with
 * an id of its own.
 *
 * @param <T> the body's type
 */
public final class Publication<T> {

  private final String topic;
  private final T body;
  private final Metadata metadata;
  private final @Nullable String contentType;

  private Publication(String topic, T body, Metadata metadata, @Nullable String contentType) {
    this.topic = topic;
    this.body = body;
    this.metadata = metadata;
    this.contentType = contentType;
  }

  /**
   * Makes a publication.
   *
   * @param topic what subscribers subscribe to; not blank
   * @param body the event's body, not changed by the caller until the publish has ended; a {@link
   *     io.vertx.core.buffer.Buffer} or {@code byte[]} passes as it is
   * @throws IllegalArgumentException if the topic is blank
   */
  public static <T> Publication<T> of(String topic, T body) {
    if (topic.isBlank()) {
      throw new IllegalArgumentException("topic: '" + topic + "' (expected: not blank)");
    }
    Objects.requireNonNull(body, "body");
    return new Publication<>(topic, body, Metadata.empty(), null);
  }

  /** Returns the topic. */
  public String topic() {
    return topic;
  }

  /** Returns the body. */
  public T body() {
    return body;
  }

  /** Returns what is sent along; it wins over the metadata of the client's options. */
  public Metadata metadata() {
    return metadata;
  }

  /** Returns the content type, or null for one by the body. */
  public @Nullable String contentType() {
    return contentType;
  }

  /**
   * Returns this publication with {@code value} as the only value of {@code name}.
   *
   * @throws IllegalArgumentException if the name is one of {@link
   *     dev.vertxmicro.metadata.ReservedHeaders}
   */
  public Publication<T> withMetadata(String name, String value) {
    return withMetadata(metadata.with(name, value));
  }

  /**
   * Returns this publication with other metadata.
   *
   * @throws IllegalArgumentException if a name is one of {@link
   *     dev.vertxmicro.metadata.ReservedHeaders}
   */
  public Publication<T> withMetadata(Metadata metadata) {
    return new Publication<>(topic, body, OwnMetadata.checked(metadata), contentType);
  }

  /**
   * Returns this publication with a content type. By default a protobuf message is {@code
   * application/protobuf}, bytes are {@code application/octet-stream} and everything else is {@code
   * application/json}. Protobuf and JSON are the two that every go-micro subscriber reads.
   *
   * <p>The {@code application/grpc} family is published without gRPC's 5-byte frame, as go-micro's
   * gRPC client does: subscribers on its gRPC server read it, those on its default server do not.
   */
  public Publication<T> withContentType(String contentType) {
    Objects.requireNonNull(contentType, "contentType");
    return new Publication<>(topic, body, metadata, contentType);
  }

  /** Returns the topic; the body may hold secrets. */
  @Override
  public String toString() {
    return "Publication[" + topic + "]";
  }
}
