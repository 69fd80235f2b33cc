// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.http2;

/**
 * What a connection keeps to: the first three it tells its peer, and holds it to.
 *
 * @param streamWindowBytes what the peer may send on a stream before it was consumed, at least 1
 * @param connectionWindowBytes the same of all streams together, at least 65,535
 * @param maxHeaderListBytes the most bytes of headers, and of trailers, at least 1
 * @param flushFrames how many frames are written before they leave, at least 1
 */
public record Http2Limits(
    int streamWindowBytes, int connectionWindowBytes, int maxHeaderListBytes, int flushFrames) {}
