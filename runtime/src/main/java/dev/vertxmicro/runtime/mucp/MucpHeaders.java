// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.mucp;

import dev.vertxmicro.codec.Message;
import dev.vertxmicro.metadata.Metadata;
import dev.vertxmicro.metadata.MicroHeaders;
import dev.vertxmicro.metadata.ReservedHeaders;
import io.vertx.core.buffer.Buffer;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The headers of requests and answers: what mucp adds, and the caller's metadata. */
final class MucpHeaders {

  static final String CONTENT_TYPE = "Content-Type";
  static final String ERROR = "Micro-Error";
  static final String STREAM = "Micro-Stream";

  /** What stands in {@link #ERROR} when a stream ends well. */
  static final String END_OF_STREAM = "EOS";

  private static final String ALIAS = "x-";
  private static final String MICRO = "micro-";
  private static final String EOL = "\r\n";

  /**
   * What the protocol itself writes. {@code Micro-Topic} would make an event of a call; {@code
   * Expect} and {@code Accept-Encoding} ask for answers that nobody here reads.
   */
  private static final Set<String> OWN =
      Set.of(
          "accept",
          "accept-encoding",
          "expect",
          "micro-service",
          "micro-endpoint",
          "micro-method",
          "micro-id",
          "micro-stream",
          "micro-error",
          "micro-topic",
          "micro-protocol",
          "micro-target");

  private MucpHeaders() {}

  /**
   * Checks that the names and the metadata of a request can be sent.
   *
   * @throws IllegalArgumentException for a control character
   */
  static void check(Message request) {
    checkText("service", request.target());
    checkText("endpoint", request.endpoint());
    request.headers().forEach((name, value) -> checkText("metadata " + name, value));
  }

  private static void checkText(String what, String text) {
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if ((c < ' ' && c != '\t') || c == '\u007f') {
        throw new IllegalArgumentException(
            what
                + ": character U+%04X at %d".formatted((int) c, i)
                + " (expected: no control characters)");
      }
    }
  }

  /**
   * Returns the method as go-micro's servers look it up, {@code Handler.Method}: of the path of a
   * gRPC endpoint its last parts.
   */
  static String method(String endpoint) {
    int slash = endpoint.lastIndexOf('/');
    if (endpoint.isEmpty() || endpoint.charAt(0) != '/' || slash == 0) {
      return endpoint;
    }
    String service = endpoint.substring(1, slash);
    return service.substring(service.lastIndexOf('.') + 1) + "." + endpoint.substring(slash + 1);
  }

  /**
   * Returns the head of a request with its final empty line, names in the order and case of
   * go-micro, values as UTF-8.
   *
   * @param remainingNanos the time to announce, above 0; {@link Long#MAX_VALUE} for none
   * @param stream the id of the stream, or null
   * @param error what stands in {@code Micro-Error}, or null
   */
  static Buffer head(
      Message request,
      WireType type,
      String host,
      String userAgent,
      long id,
      long remainingNanos,
      int bodyLength,
      @Nullable String stream,
      @Nullable String error) {
    StringBuilder head = new StringBuilder(384).append("POST / HTTP/1.1").append(EOL);
    String method = method(request.endpoint());
    field(head, "Host", host);
    field(head, "User-Agent", userAgent);
    field(head, "Content-Length", Integer.toString(bodyLength));
    field(head, "Accept", type.accept());
    field(head, CONTENT_TYPE, type.contentType());
    field(head, "Micro-Endpoint", method);
    if (error != null) {
      field(head, ERROR, error);
    }
    field(head, MicroHeaders.ID, Long.toString(id));
    field(head, "Micro-Method", method);
    field(head, "Micro-Service", request.target());
    if (stream != null) {
      field(head, STREAM, stream);
    }
    if (remainingNanos != Long.MAX_VALUE) {
      field(head, "Timeout", Long.toString(remainingNanos));
    }
    metadata(head, request.headers());
    return Buffer.buffer(head.append(EOL).toString());
  }

  /** go-micro's servers read one value of a name, so that several are put into one. */
  private static void metadata(StringBuilder head, Metadata metadata) {
    if (metadata.isEmpty()) {
      return;
    }
    for (String name : metadata.names()) {
      if (!isReserved(name)) {
        field(head, canonical(name), String.join(", ", metadata.getAll(name)).strip());
      }
    }
  }

  private static void field(StringBuilder head, String name, String value) {
    head.append(name).append(": ").append(value).append(EOL);
  }

  /** Returns the name as Go writes it: {@code foo-bar} as {@code Foo-Bar}. */
  static String canonical(String name) {
    StringBuilder canonical = new StringBuilder(name.length());
    boolean start = true;
    for (int i = 0; i < name.length(); i++) {
      char c = name.charAt(i);
      canonical.append(start ? Character.toUpperCase(c) : Character.toLowerCase(c));
      start = c == '-';
    }
    return canonical.toString();
  }

  private static boolean isReserved(String name) {
    String lower = name.toLowerCase(Locale.ROOT);
    return ReservedHeaders.isReserved(lower)
        || OWN.contains(lower)
        || (lower.startsWith(ALIAS + MICRO) && OWN.contains(lower.substring(ALIAS.length())));
  }

  /**
   * Returns what an answer brought beyond the protocol's own headers. go-micro's servers begin each
   * answer with the headers of the first request on its connection, that of another call perhaps:
   * whatever is the same there is no word of this answer.
   */
  static Metadata read(Metadata answer, Metadata echoed) {
    Metadata.Builder read = null;
    for (Map.Entry<String, String> header : answer) {
      String name = header.getKey();
      boolean echo =
          echoed.contains(name)
              && String.join(", ", echoed.getAll(name)).strip().equals(header.getValue());
      if (!echo && !isReserved(name)) {
        read = read == null ? Metadata.builder() : read;
        read.addReceived(name, header.getValue());
      }
    }
    return read == null ? Metadata.empty() : read.build();
  }
}
