// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.mucp;

import dev.vertxmicro.metadata.Metadata;
import io.vertx.core.buffer.Buffer;

/**
 * One whole answer of an HTTP/1.1 server.
 *
 * @param status 200 to 999; interim answers are passed over
 * @param statusLine the code and the reason phrase, for people
 * @param headers as they came, values as UTF-8
 * @param trailers what came behind a chunked body
 * @param body without its framing
 * @param reusable whether the server lets the connection live on
 */
record HttpAnswer(
    int status,
    String statusLine,
    Metadata headers,
    Metadata trailers,
    Buffer body,
    boolean reusable) {}
