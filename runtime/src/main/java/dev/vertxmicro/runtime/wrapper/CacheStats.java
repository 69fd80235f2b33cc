// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.wrapper;

/**
 * What a {@link ResponseCache} has done so far, and what it holds.
 *
 * @param hits calls answered from the cache
 * @param misses calls that were made because there was nothing good
 * @param joined calls that waited for an equal one under way
 * @param uncacheable calls whose request or reply could not be kept: no codec, or too large
 * @param evicted replies that had to make room
 * @param entries replies held now
 * @param bytes bytes held now
 */
public record CacheStats(
    long hits, long misses, long joined, long uncacheable, long evicted, int entries, long bytes) {}
