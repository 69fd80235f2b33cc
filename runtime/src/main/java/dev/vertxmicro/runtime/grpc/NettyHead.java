// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.grpc;

import dev.vertxmicro.metadata.Metadata;
import dev.vertxmicro.metadata.MicroHeaders;
import dev.vertxmicro.metadata.ReservedHeaders;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.handler.codec.http2.ReadOnlyHttp2Headers;
import io.netty.util.AsciiString;
import java.util.Arrays;
import java.util.Locale;
import java.util.Map;

/**
 * Makes the heads of requests on one connection, in the order of {@link GrpcHeaders#addTo}, from
 * parts that were prepared: what differs from call to call are two times and the caller's metadata.
 */
final class NettyHead {

  private static final AsciiString POST = AsciiString.cached("POST");
  private static final AsciiString CONTENT_TYPE = AsciiString.cached(GrpcHeaders.CONTENT_TYPE);
  private static final AsciiString TE = AsciiString.cached("te");
  private static final AsciiString TRAILERS = AsciiString.cached("trailers");
  private static final AsciiString USER_AGENT = AsciiString.cached("user-agent");
  private static final AsciiString GRPC_TIMEOUT = AsciiString.cached("grpc-timeout");
  private static final AsciiString TIMEOUT = AsciiString.cached(MicroHeaders.TIMEOUT);
  private static final AsciiString PREVIOUS = AsciiString.cached("grpc-previous-rpc-attempts");
  private static final AsciiString ENCODING = AsciiString.cached(GrpcHeaders.ENCODING);
  private static final AsciiString X_CONTENT_TYPE = AsciiString.cached(MicroHeaders.X_CONTENT_TYPE);

  /** All that may be said of a request's content: {@link ContentSubtype} refuses the rest. */
  private static final Map<String, AsciiString> CONTENT_TYPES = ContentSubtype.asciiOf();

  /** Content type, te, user agent and the content type of go-micro: all requests have them. */
  private static final int USUAL_FIELDS = 4;

  private final AsciiString scheme;
  private final AsciiString authority;
  private final AsciiString userAgent;

  NettyHead(boolean tls, String authority, String userAgent) {
    this.scheme = AsciiString.cached(tls ? "https" : "http");
    this.authority = AsciiString.cached(authority);
    this.userAgent = AsciiString.cached(userAgent);
  }

  /**
   * Tells whether a header is not worth a place in the table of the compression: the next request
   * has another value, and would push out what all have.
   */
  static boolean isUnindexed(CharSequence name, CharSequence value) {
    return name == GRPC_TIMEOUT || name == TIMEOUT;
  }

  /**
   * Returns the head of a request.
   *
   * @param remainingNanos the time to announce, above 0; {@link Long#MAX_VALUE} for none
   */
  Http2Headers of(PooledExchange exchange, GrpcRoute route, long remainingNanos) {
    Metadata metadata = exchange.request().headers();
    int attempts = exchange.options().previousAttempts();
    String encoding = exchange.options().requestEncoding();
    boolean timed = remainingNanos != Long.MAX_VALUE;
    int most =
        USUAL_FIELDS
            + (timed ? 2 : 0)
            + (attempts > 0 ? 1 : 0)
            + (encoding != null ? 1 : 0)
            + metadata.size();
    AsciiString[] fields = new AsciiString[2 * most];
    AsciiString subtype = ascii(exchange.subtype());
    int n = add(fields, 0, CONTENT_TYPE, subtype);
    n = add(fields, n, TE, TRAILERS);
    n = add(fields, n, USER_AGENT, userAgent);
    if (timed) {
      n = add(fields, n, GRPC_TIMEOUT, GrpcTimeout.ascii(remainingNanos));
      n = add(fields, n, TIMEOUT, AsciiNumber.of(remainingNanos));
    }
    if (attempts > 0) {
      n = add(fields, n, PREVIOUS, AsciiNumber.of(attempts));
    }
    String contentType = exchange.request().contentType();
    n = add(fields, n, X_CONTENT_TYPE, contentType.isEmpty() ? subtype : ascii(contentType));
    for (Map.Entry<String, String> entry : metadata) {
      if (!ReservedHeaders.isReserved(entry.getKey())) {
        AsciiString name = new AsciiString(entry.getKey().toLowerCase(Locale.ROOT));
        n = add(fields, n, name, new AsciiString(entry.getValue().strip()));
      }
    }
    if (encoding != null) {
      n = add(fields, n, ENCODING, new AsciiString(encoding));
    }
    return ReadOnlyHttp2Headers.clientHeaders(
        false,
        POST,
        route.path(),
        scheme,
        authority,
        n == fields.length ? fields : Arrays.copyOf(fields, n));
  }

  private static int add(AsciiString[] fields, int at, AsciiString name, AsciiString value) {
    fields[at] = name;
    fields[at + 1] = value;
    return at + 2;
  }

  private static AsciiString ascii(String contentType) {
    AsciiString known = CONTENT_TYPES.get(contentType);
    return known == null ? new AsciiString(contentType) : known;
  }
}
