// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.rest;

import dev.vertxmicro.codec.TypeRef;
import dev.vertxmicro.metadata.Metadata;
import dev.vertxmicro.runtime.Request;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Names what a REST call asks for: method, path, query, headers and body. It ends in a {@link
 * Request} for {@code client.call} or {@code client.stream}.
 *
 * <pre>{@code
 * Request<RestBody, User> request =
 *     RestRequest.get("/users/{id}").path("id", 7).query("full", true).to("users", User.class);
 * }</pre>
 *
 * <p>The endpoint of that request is {@code GET /users/{id}}, the template: so metrics, breakers
 * and retry policies see one endpoint for all users. The path itself goes along as metadata that
 * {@link RestTransport} takes out. A request that is made without this class is as good: {@code
 * Request.of("users", "GET /users/7?full=true", ...)}; a path without a method is a POST.
 *
 * <p>Replies are read by the type that is asked for: {@code Buffer} and {@code byte[]} are the body
 * as it is, {@code CharSequence} its text, {@code Void} nothing, all others JSON. Replies of a
 * stream are the values of a JSON sequence (NDJSON, or one value behind another) or the elements of
 * one JSON array, whichever comes; or, after {@link #pieces}, bytes in pieces as they arrive.
 *
 * <p>Calls are idempotent only if they say so: give GETs {@code CallOption.idempotent()} to have
 * them retried. Not thread-safe; may make several requests.
 */
public final class RestRequest {

  /** The metadata with path and query, if the endpoint is a template. */
  static final String TARGET = "Rest-Target";

  /** The metadata with the content type of the body. */
  static final String CONTENT_TYPE = "Rest-Content-Type";

  /** The metadata that says that the replies of a stream are pieces. */
  static final String PIECES = "Rest-Pieces";

  /** The metadata with the name of a trailer that fails a stream. */
  static final String ERROR_TRAILER = "Rest-Error-Trailer";

  /** The metadata with what stands for the body of an answer that has none. */
  static final String EMPTY_REPLY = "Rest-Empty-Reply";

  private static final Pattern VARIABLE = Pattern.compile("\\{([^{}]*)}");

  private final String method;
  private final String template;
  private final Map<String, String> variables = new LinkedHashMap<>();
  private final StringBuilder query = new StringBuilder();
  private Metadata headers = Metadata.empty();
  private RestBody body = RestBody.none();
  private @Nullable String contentType;
  private @Nullable String errorTrailer;
  private @Nullable String emptyReply;
  private boolean pieces;

  private RestRequest(String method, String template) {
    this.method = RequestLine.checkMethod(method);
    this.template = template;
    if (!template.startsWith("/")) {
      throw new IllegalArgumentException("path: '" + template + "' (expected: begins with /)");
    }
  }

  /** Starts a GET. */
  public static RestRequest get(String path) {
    return of("GET", path);
  }

  /** Starts a POST. */
  public static RestRequest post(String path) {
    return of("POST", path);
  }

  /** Starts a PUT. */
  public static RestRequest put(String path) {
    return of("PUT", path);
  }

  /** Starts a PATCH. */
  public static RestRequest patch(String path) {
    return of("PATCH", path);
  }

  /** Starts a DELETE. */
  public static RestRequest delete(String path) {
    return of("DELETE", path);
  }

  /**
   * Starts a request.
   *
   * @param method an HTTP method, in upper case; not CONNECT
   * @param path begins with a slash; what stands in braces is filled by {@link #path}, all else is
   *     sent as it is, a query included
   * @throws IllegalArgumentException if one is not
   */
  public static RestRequest of(String method, String path) {
    return new RestRequest(method, path);
  }

  /**
   * Fills {@code {name}}: everything but letters, digits and {@code -._~} is percent-encoded.
   *
   * @throws IllegalArgumentException if it is {@code .} or {@code ..}, which no encoding keeps from
   *     meaning another path
   */
  public RestRequest path(String name, Object value) {
    return variable(name, PercentCode.segment(value.toString()));
  }

  /** Fills {@code {name}} with several segments: as {@link #path}, but slashes stay. */
  public RestRequest segments(String name, String path) {
    return variable(name, PercentCode.path(path));
  }

  private RestRequest variable(String name, String value) {
    if (!template.contains("{" + name + "}")) {
      throw new IllegalArgumentException("name: " + name + " (expected: one of " + template + ")");
    }
    for (String segment : value.split("/")) {
      if (segment.equals(".") || segment.equals("..")) {
        throw new IllegalArgumentException(name + ": " + segment + " (expected: no dots alone)");
      }
    }
    variables.put(name, value);
    return this;
  }

  /** Adds a query parameter behind the others, percent-encoded. */
  public RestRequest query(String name, Object value) {
    query
        .append(query.isEmpty() && template.indexOf('?') < 0 ? '?' : '&')
        .append(PercentCode.segment(name))
        .append('=')
        .append(PercentCode.segment(value.toString()));
    return this;
  }

  /**
   * Adds a header.
   *
   * @throws IllegalArgumentException if it is one that the transport writes itself
   */
  public RestRequest header(String name, String value) {
    headers = headers.plus(name, value);
    return this;
  }

  /** Sets the body of a call, or of a stream with one request. Default none. */
  public RestRequest body(RestBody body) {
    this.body = Objects.requireNonNull(body, "body");
    return this;
  }

  /** Sets a value as the body, which is written as JSON. */
  public RestRequest json(Object value) {
    return body(RestBody.json(value));
  }

  /**
   * Sets the content type of the body on the wire. Default {@code application/json} for JSON,
   * {@code application/octet-stream} for bytes.
   */
  public RestRequest contentType(String contentType) {
    this.contentType = Objects.requireNonNull(contentType, "contentType");
    return this;
  }

  /** Says that the replies of a stream are bytes, in pieces as they arrive, and not JSON values. */
  public RestRequest pieces() {
    this.pieces = true;
    return this;
  }

  /**
   * Names a trailer that tells that a stream has failed after its head: if it comes and is not
   * empty the stream fails, code 500, YES, with its texts.
   */
  public RestRequest errorTrailer(String name) {
    this.errorTrailer = Objects.requireNonNull(name, "name");
    return this;
  }

  /**
   * Says what the reply to a call is if the answer is 202 or 204 and has no body. Default: an empty
   * body, which is no JSON and fails unless the reply is {@link Void}, bytes or text.
   *
   * @param json what is read instead
   */
  public RestRequest emptyReply(String json) {
    this.emptyReply = Objects.requireNonNull(json, "json");
    return this;
  }

  /**
   * Returns the request.
   *
   * @param service its name in the registry
   * @param reply the class of the reply, or of each reply of a stream
   * @throws IllegalArgumentException if a variable of the path was not filled
   */
  public <R> Request<RestBody, R> to(String service, Class<R> reply) {
    return to(service, TypeRef.of(reply));
  }

  /** Returns the request for a reply of a generic type. */
  public <R> Request<RestBody, R> to(String service, TypeRef<R> reply) {
    return Request.of(service, endpoint(), body, reply).withMetadata(metadata());
  }

  /**
   * Returns the request of a stream whose body is written to it, in chunks, while its replies
   * arrive.
   */
  public <R> Request<RestBody, R> streamTo(String service, Class<R> reply) {
    return Request.stream(service, endpoint(), RestBody.class, reply).withMetadata(metadata());
  }

  private String endpoint() {
    return method + " " + template;
  }

  private Metadata metadata() {
    Metadata.Builder metadata = headers.toBuilder();
    String target = target();
    if (!target.equals(template)) {
      metadata.set(TARGET, target);
    }
    String written = contentType;
    if (written == null && (body.value() != null || body.bytes().length() > 0)) {
      written = body.value() == null ? "application/octet-stream" : "application/json";
    }
    if (written != null) {
      metadata.set(CONTENT_TYPE, written);
    }
    if (pieces) {
      metadata.set(PIECES, "true");
    }
    if (errorTrailer != null) {
      metadata.set(ERROR_TRAILER, errorTrailer);
    }
    if (emptyReply != null) {
      metadata.set(EMPTY_REPLY, emptyReply);
    }
    return metadata.build();
  }

  private String target() {
    Matcher each = VARIABLE.matcher(template);
    StringBuilder target = new StringBuilder();
    while (each.find()) {
      String value = variables.get(each.group(1));
      if (value == null) {
        throw new IllegalArgumentException(
            "path: " + template + " without " + each.group(1) + " (expected: all filled)");
      }
      each.appendReplacement(target, Matcher.quoteReplacement(value));
    }
    return each.appendTail(target).append(query).toString();
  }

  /** Returns method and path; query and body may hold secrets. */
  @Override
  public String toString() {
    return "RestRequest[" + endpoint() + "]";
  }
}
