// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.selector;

/**
 * XXH64 (Yann Collet, "xxHash fast digest algorithm", version 0.1.1 of its specification): 64 bits,
 * fast, well spread, not secret. Cost O(bytes).
 */
final class XxHash {

  private static final long P1 = 0x9E3779B185EBCA87L;
  private static final long P2 = 0xC2B2AE3D27D4EB4FL;
  private static final long P3 = 0x165667B19E3779F9L;
  private static final long P4 = 0x85EBCA77C2B2AE63L;
  private static final long P5 = 0x27D4EB2F165667C5L;
  private static final int STRIPE = 32;

  private XxHash() {}

  /**
   * Hashes.
   *
   * @param bytes one byte in each char, as {@link Utf8#bytes} makes them
   */
  static long hash(String bytes, long seed) {
    int length = bytes.length();
    int stripes = length & -STRIPE;
    long hash = stripes == 0 ? seed + P5 : stripes(bytes, stripes, seed);
    return avalanche(rest(bytes, stripes, hash + length));
  }

  private static long stripes(String bytes, int end, long seed) {
    long a = seed + P1 + P2;
    long b = seed + P2;
    long c = seed;
    long d = seed - P1;
    for (int i = 0; i < end; i += STRIPE) {
      a = round(a, Utf8.longAt(bytes, i));
      b = round(b, Utf8.longAt(bytes, i + 8));
      c = round(c, Utf8.longAt(bytes, i + 16));
      d = round(d, Utf8.longAt(bytes, i + 24));
    }
    long hash =
        Long.rotateLeft(a, 1)
            + Long.rotateLeft(b, 7)
            + Long.rotateLeft(c, 12)
            + Long.rotateLeft(d, 18);
    return merge(merge(merge(merge(hash, a), b), c), d);
  }

  private static long rest(String bytes, int start, long hash) {
    int length = bytes.length();
    int i = start;
    for (; i + 8 <= length; i += 8) {
      hash = Long.rotateLeft(hash ^ round(0, Utf8.longAt(bytes, i)), 27) * P1 + P4;
    }
    if (i + 4 <= length) {
      hash = Long.rotateLeft(hash ^ (Utf8.intAt(bytes, i) * P1), 23) * P2 + P3;
      i += 4;
    }
    for (; i < length; i++) {
      hash = Long.rotateLeft(hash ^ (bytes.charAt(i) * P5), 11) * P1;
    }
    return hash;
  }

  private static long round(long lane, long input) {
    return Long.rotateLeft(lane + input * P2, 31) * P1;
  }

  private static long merge(long hash, long lane) {
    return (hash ^ round(0, lane)) * P1 + P4;
  }

  private static long avalanche(long hash) {
    long mixed = (hash ^ (hash >>> 33)) * P2;
    mixed = (mixed ^ (mixed >>> 29)) * P3;
    return mixed ^ (mixed >>> 32);
  }
}
