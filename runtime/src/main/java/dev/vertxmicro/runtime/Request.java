// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime;

import dev.vertxmicro.codec.TypeRef;
import dev.vertxmicro.metadata.Metadata;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What to call, or what stream to open, and with what. Immutable; may be used for several calls.
 *
 * @param <Q> the request body's type
 * @param <R> the reply body's type
 */
public final class Request<Q, R> {

  private final String service;
  private final String endpoint;
  private final @Nullable Q body;
  private final Class<?> requestType;
  private final TypeRef<R> replyType;
  private final Metadata metadata;

  private Request(
      String service,
      String endpoint,
      @Nullable Q body,
      Class<?> requestType,
      TypeRef<R> replyType,
      Metadata metadata) {
    this.service = service;
    this.endpoint = endpoint;
    this.body = body;
    this.requestType = requestType;
    this.replyType = replyType;
    this.metadata = metadata;
  }

  /**
   * Makes a request.
   *
   * @param service the name in the registry, for example {@code go.micro.srv.greeter}
   * @param endpoint the method, for example {@code Greeter.Hello}, or {@code /pkg.Service/Method}
   *     as it is
   * @param body the request body, not changed by the caller until the call has returned
   * @param reply the reply body's class
   */
  public static <Q, R> Request<Q, R> of(String service, String endpoint, Q body, Class<R> reply) {
    return of(service, endpoint, body, TypeRef.of(reply));
  }

  /** Makes a request with a reply of a generic type. */
  public static <Q, R> Request<Q, R> of(String service, String endpoint, Q body, TypeRef<R> reply) {
    Objects.requireNonNull(service, "service");
    Objects.requireNonNull(endpoint, "endpoint");
    Objects.requireNonNull(body, "body");
    Objects.requireNonNull(reply, "reply");
    return new Request<>(service, endpoint, body, body.getClass(), reply, Metadata.empty());
  }

  /**
   * Makes the request of a stream whose requests are written to it: client streaming or
   * bidirectional. A stream with one request that is known from the start (server streaming) is
   * opened with {@link #of}.
   *
   * @param service the name in the registry
   * @param endpoint as for {@link #of}
   * @param request the class of the requests that will be written
   * @param reply the replies' class
   */
  public static <Q, R> Request<Q, R> stream(
      String service, String endpoint, Class<Q> request, Class<R> reply) {
    return stream(service, endpoint, request, TypeRef.of(reply));
  }

  /** Makes the request of a stream with replies of a generic type. */
  public static <Q, R> Request<Q, R> stream(
      String service, String endpoint, Class<Q> request, TypeRef<R> reply) {
    Objects.requireNonNull(service, "service");
    Objects.requireNonNull(endpoint, "endpoint");
    Objects.requireNonNull(request, "request");
    Objects.requireNonNull(reply, "reply");
    return new Request<>(service, endpoint, null, request, reply, Metadata.empty());
  }

  /** Returns the name of the service. */
  public String service() {
    return service;
  }

  /** Returns the endpoint. */
  public String endpoint() {
    return endpoint;
  }

  /** Returns the request body, or null for a stream whose requests are written to it. */
  public @Nullable Q body() {
    return body;
  }

  /** Returns the class of the request body, or of the requests that are written. */
  public Class<?> requestType() {
    return requestType;
  }

  /** Returns the type of the reply body. */
  public TypeRef<R> replyType() {
    return replyType;
  }

  /** Returns what is sent along; it wins over the metadata of the call's options. */
  public Metadata metadata() {
    return metadata;
  }

  /**
   * Returns this request with {@code value} as the only value of {@code name}.
   *
   * @throws IllegalArgumentException if the name is one of {@link
   *     dev.vertxmicro.metadata.ReservedHeaders}
   */
  public Request<Q, R> withMetadata(String name, String value) {
    return withMetadata(metadata.with(name, value));
  }

  /**
   * Returns this request with other metadata.
   *
   * @throws IllegalArgumentException if a name is one of {@link
   *     dev.vertxmicro.metadata.ReservedHeaders}
   */
  public Request<Q, R> withMetadata(Metadata metadata) {
    return new Request<>(
        service, endpoint, body, requestType, replyType, OwnMetadata.checked(metadata));
  }

  /** Returns service and endpoint; the body may hold secrets. */
  @Override
  public String toString() {
    return "Request[" + service + " " + endpoint + "]";
  }
}
