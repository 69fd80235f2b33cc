// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.rest;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.vertxmicro.codec.Message;
import dev.vertxmicro.metadata.Metadata;
import dev.vertxmicro.metadata.ReservedHeaders;
import io.vertx.core.buffer.Buffer;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What stands ahead of the body of a request, but for how long that is. */
final class RequestHead {

  private static final String EOL = "\r\n";
  private static final String JSON = "application/json";

  /** What the transport writes itself, or what asks for answers that nobody here reads. */
  private static final Set<String> OWN =
      Set.of(
          "accept-encoding",
          "expect",
          "rest-target",
          "rest-content-type",
          "rest-pieces",
          "rest-error-trailer",
          "rest-empty-reply");

  private final RequestLine line;
  private final String text;
  private final @Nullable String contentType;

  /**
   * Writes the head of {@code request}, names in the case of their writer, values in UTF-8.
   *
   * @throws IllegalArgumentException if method, path or metadata cannot be sent
   */
  RequestHead(Message request, String authority, RestOptions options) {
    line = RequestLine.of(request);
    boolean rest = request.contentType().equals(RestCodec.CONTENT_TYPE);
    String named = request.headers().get(RestRequest.CONTENT_TYPE);
    contentType = named != null || rest ? named : request.contentType();
    StringBuilder head = new StringBuilder(256);
    head.append(line.method()).append(' ').append(line.target()).append(" HTTP/1.1").append(EOL);
    field(head, "Host", authority);
    field(head, "User-Agent", options.getUserAgent());
    if ((rest || JSON.equals(contentType)) && !request.headers().contains("Accept")) {
      field(head, "Accept", JSON);
    }
    String authorization = options.authorization();
    if (authorization != null && !request.headers().contains("Authorization")) {
      field(head, "Authorization", authorization);
    }
    for (Map.Entry<String, String> header : request.headers()) {
      if (!isOwn(header.getKey())) {
        check(header.getKey(), header.getValue());
        field(head, header.getKey(), header.getValue());
      }
    }
    text = head.toString();
  }

  private static void field(StringBuilder head, String name, String value) {
    head.append(name).append(": ").append(value).append(EOL);
  }

  private static boolean isOwn(String name) {
    return ReservedHeaders.isReserved(name) || OWN.contains(name.toLowerCase(Locale.ROOT));
  }

  private static void check(String name, String value) {
    for (int i = 0; i < value.length(); i++) {
      char c = value.charAt(i);
      if ((c < ' ' && c != '\t') || c == '\u007f') {
        throw new IllegalArgumentException(
            "metadata %s: character U+%04X at %d (expected: no control characters)"
                .formatted(name, (int) c, i));
      }
    }
  }

  RequestLine line() {
    return line;
  }

  int length() {
    return text.length();
  }

  /** Returns the head of a request whose body has that many bytes. */
  String of(int bodyBytes) {
    if (bodyBytes == 0 && !line.tellsEmptyBody()) {
      return text + EOL;
    }
    return withType(bodyBytes > 0) + "Content-Length: " + bodyBytes + EOL + EOL;
  }

  /** Returns the bytes of a whole request. */
  Buffer with(Buffer body) {
    byte[] head = of(body.length()).getBytes(UTF_8);
    // As long as it gets: a buffer that grows would be copied.
    return Buffer.buffer(head.length + body.length()).appendBytes(head).appendBuffer(body);
  }

  /** Returns the head of a request whose body comes in chunks. */
  String chunked() {
    return withType(true) + "Transfer-Encoding: chunked" + EOL + EOL;
  }

  private String withType(boolean hasBody) {
    return hasBody && contentType != null && !contentType.isEmpty()
        ? text + "Content-Type: " + contentType + EOL
        : text;
  }

  /** Returns what a peer sent, but for what is between it and the transport. */
  static Metadata read(Metadata received) {
    Metadata.Builder read = Metadata.builder();
    for (Map.Entry<String, String> header : received) {
      if (!ReservedHeaders.isReserved(header.getKey())) {
        read.addReceived(header.getKey(), header.getValue());
      }
    }
    return read.build();
  }
}
