// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.codec;

import dev.vertxmicro.metadata.Metadata;
import dev.vertxmicro.metadata.MicroHeaders;
import io.vertx.core.buffer.Buffer;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The one envelope of the runtime. Every transport and broker maps it to its own wire: a gRPC path
 * and headers, a NATS payload, an HTTP request.
 *
 * <p>Immutable; nobody changes the body buffer once it is in a message.
 */
public final class Message {

  private static final String CONTENT_TYPE = "Content-Type";

  private static final Buffer NO_BODY = Buffer.buffer(0);

  /** What a message is. */
  public enum Kind {
    /** A request, or a message of a stream towards the server. */
    REQUEST,
    /** A reply, or a message of a stream towards the client. */
    REPLY,
    /** A published message. */
    EVENT
  }

  private final Kind kind;
  private final String id;
  private final String target;
  private final String endpoint;
  private final Metadata headers;
  private final Metadata trailers;
  private final String contentType;
  private final Buffer body;

  private Message(Builder builder) {
    this.kind = builder.kind;
    this.id = builder.id;
    this.target = builder.target;
    this.endpoint = builder.endpoint;
    this.headers = builder.headers;
    this.trailers = builder.trailers;
    this.contentType = builder.contentType;
    this.body = builder.body;
  }

  /** Starts a request to an endpoint of a service. */
  public static Builder request(String service, String endpoint) {
    return new Builder(Kind.REQUEST).target(service).endpoint(endpoint);
  }

  /** Starts a reply. */
  public static Builder reply() {
    return new Builder(Kind.REPLY);
  }

  /** Starts an event on a topic. */
  public static Builder event(String topic) {
    return new Builder(Kind.EVENT).target(topic);
  }

  /**
   * Starts an event that came over a wire without fields of its own: its id, topic and content type
   * are taken out of the headers, see {@link #wireHeaders}.
   *
   * @param topic the topic, unless {@code Micro-Topic} names another
   * @param wireHeaders the headers as they came
   */
  public static Builder received(String topic, Metadata wireHeaders) {
    return event(wireHeaders.get(MicroHeaders.TOPIC, topic))
        .id(wireHeaders.get(MicroHeaders.ID, ""))
        .contentType(wireHeaders.get(CONTENT_TYPE, ""))
        .headers(
            wireHeaders.toBuilder()
                .remove(MicroHeaders.ID)
                .remove(MicroHeaders.TOPIC)
                .remove(CONTENT_TYPE)
                .build());
  }

  /** Returns what this message is. */
  public Kind kind() {
    return kind;
  }

  /** Returns the id (Micro-Id) of the request or event; empty if it has none. */
  public String id() {
    return id;
  }

  /** Returns the service of a request, the topic of an event, nothing for a reply. */
  public String target() {
    return target;
  }

  /** Returns the endpoint of a request, for example {@code Greeter.Hello}; else empty. */
  public String endpoint() {
    return endpoint;
  }

  /** Returns the headers. */
  public Metadata headers() {
    return headers;
  }

  /** Returns what a reply's wire sent after the body; empty for other kinds. */
  public Metadata trailers() {
    return trailers;
  }

  /** Returns the content type of the body; empty if unknown. */
  public String contentType() {
    return contentType;
  }

  /** Returns the body, not to be changed. */
  public Buffer body() {
    return body;
  }

  /**
   * Returns the headers for a wire that has no fields for id, topic and content type: the headers,
   * and {@code Micro-Id}, {@code Micro-Topic} (of an event) and {@code Content-Type} as far as they
   * are known. That is what go-micro publishes; the case of the names matters to it.
   */
  public Metadata wireHeaders() {
    Metadata.Builder wire = Metadata.builder();
    if (!id.isEmpty()) {
      wire.add(MicroHeaders.ID, id);
    }
    if (kind == Kind.EVENT) {
      wire.add(MicroHeaders.TOPIC, target);
    }
    if (!contentType.isEmpty()) {
      wire.add(CONTENT_TYPE, contentType);
    }
    return wire.build().mergedOver(headers);
  }

  /** Returns this message with other headers. */
  public Message withHeaders(Metadata headers) {
    return toBuilder().headers(headers).build();
  }

  /** Returns a builder that starts from this message. */
  public Builder toBuilder() {
    return new Builder(kind)
        .id(id)
        .target(target)
        .endpoint(endpoint)
        .headers(headers)
        .trailers(trailers)
        .contentType(contentType)
        .body(body);
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof Message that
        && kind == that.kind
        && id.equals(that.id)
        && target.equals(that.target)
        && endpoint.equals(that.endpoint)
        && headers.equals(that.headers)
        && trailers.equals(that.trailers)
        && contentType.equals(that.contentType)
        && body.equals(that.body);
  }

  @Override
  public int hashCode() {
    return Objects.hash(kind, id, target, endpoint, headers, trailers, contentType, body);
  }

  /** Returns everything but header values and the body, which may hold secrets. */
  @Override
  public String toString() {
    return "Message[%s, id=%s, target=%s, endpoint=%s, contentType=%s, %s, body=%d bytes]"
        .formatted(kind, id, target, endpoint, contentType, headers, body.length());
  }

  /** Collects the parts of a message. Not thread-safe. */
  public static final class Builder {

    private final Kind kind;
    private String id = "";
    private String target = "";
    private String endpoint = "";
    private Metadata headers = Metadata.empty();
    private Metadata trailers = Metadata.empty();
    private String contentType = "";
    private Buffer body = NO_BODY;

    private Builder(Kind kind) {
      this.kind = kind;
    }

    /** Sets the id. */
    public Builder id(String id) {
      this.id = Objects.requireNonNull(id, "id");
      return this;
    }

    private Builder target(String target) {
      this.target = Objects.requireNonNull(target, "target");
      return this;
    }

    private Builder endpoint(String endpoint) {
      this.endpoint = Objects.requireNonNull(endpoint, "endpoint");
      return this;
    }

    /** Sets the headers. */
    public Builder headers(Metadata headers) {
      this.headers = Objects.requireNonNull(headers, "headers");
      return this;
    }

    /** Sets the trailers. */
    public Builder trailers(Metadata trailers) {
      this.trailers = Objects.requireNonNull(trailers, "trailers");
      return this;
    }

    /** Sets the content type of the body. */
    public Builder contentType(String contentType) {
      this.contentType = Objects.requireNonNull(contentType, "contentType");
      return this;
    }

    /** Sets the body; the caller does not change it afterwards. */
    public Builder body(Buffer body) {
      this.body = Objects.requireNonNull(body, "body");
      return this;
    }

    /** Returns the message. */
    public Message build() {
      return new Message(this);
    }
  }
}
