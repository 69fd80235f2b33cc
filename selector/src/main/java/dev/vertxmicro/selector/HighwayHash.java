// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.selector;

/**
 * HighwayHash with 64 and 256 bits (Alakuijala, Cox, Wassenberg, "Fast keyed hash/pseudo-random
 * function using SIMD multiply and permute", arXiv 1612.06257), which go-micro's shard selector
 * scores nodes with. Cost O(bytes).
 *
 * <p>Four lanes of 64 bits take in packets of 32 bytes; neighbouring lanes are mixed by a fixed
 * permutation of their bytes. The state is an object, so that hashing many nodes allocates nothing:
 * one for each thread.
 */
final class HighwayHash {

  private static final int LANES = 4;
  private static final int PACKET = 32;
  private static final int ROUNDS_64 = 4;
  private static final int ROUNDS_256 = 10;
  private static final long LOW = 0xffff_ffffL;

  /** Constants of the algorithm, as is {@link #MUL_1}. */
  private static final long[] MUL_0 = {
    0xdbe6d5d5fe4cce2fL, 0xa4093822299f31d0L, 0x13198a2e03707344L, 0x243f6a8885a308d3L
  };

  private static final long[] MUL_1 = {
    0x3bd39e10cb0ef593L, 0xc0acf169b5f18a8cL, 0xbe5466cf34e90c6cL, 0x452821e638d01377L
  };

  private static final ThreadLocal<HighwayHash> OWN = ThreadLocal.withInitial(HighwayHash::new);

  private final long[] v0 = new long[LANES];
  private final long[] v1 = new long[LANES];
  private final long[] mul0 = new long[LANES];
  private final long[] mul1 = new long[LANES];

  private HighwayHash() {}

  /** Returns the state that belongs to this thread. */
  static HighwayHash ofThread() {
    return OWN.get();
  }

  /**
   * Hashes to 256 bits.
   *
   * @param bytes one byte in each char, as {@link Utf8#bytes} makes them
   * @param key 4 words
   * @param hash takes the 4 words of the hash; may be {@code key}
   */
  void hash256(String bytes, long[] key, long[] hash) {
    start(key);
    int whole = bytes.length() & -PACKET;
    for (int i = 0; i < whole; i += PACKET) {
      update(
          Utf8.longAt(bytes, i),
          Utf8.longAt(bytes, i + 8),
          Utf8.longAt(bytes, i + 16),
          Utf8.longAt(bytes, i + 24));
    }
    int left = bytes.length() - whole;
    if (left > 0) {
      startRest(left);
      update(
          restWord(bytes, whole, 0),
          restWord(bytes, whole, 8),
          restWord(bytes, whole, 16),
          restWord(bytes, whole, 24));
    }
    permute(ROUNDS_256);
    reduce(0, hash);
    reduce(2, hash);
  }

  /** Hashes to 64 bits. */
  long hash64(Packets packets, long[] key) {
    start(key);
    long[] words = packets.words;
    int whole = packets.left == 0 ? words.length : words.length - LANES;
    for (int i = 0; i < whole; i += LANES) {
      update(words[i], words[i + 1], words[i + 2], words[i + 3]);
    }
    if (packets.left > 0) {
      startRest(packets.left);
      update(words[whole], words[whole + 1], words[whole + 2], words[whole + 3]);
    }
    permute(ROUNDS_64);
    return v0[0] + v1[0] + mul0[0] + mul1[0];
  }

  private void start(long[] key) {
    for (int i = 0; i < LANES; i++) {
      mul0[i] = MUL_0[i];
      mul1[i] = MUL_1[i];
      v0[i] = MUL_0[i] ^ key[i];
      v1[i] = MUL_1[i] ^ Long.rotateLeft(key[i], 32);
    }
  }

  private void startRest(int left) {
    for (int i = 0; i < LANES; i++) {
      v0[i] += ((long) left << 32) + left;
      v1[i] =
          (long) Integer.rotateLeft((int) (v1[i] >>> 32), left) << 32
              | (Integer.rotateLeft((int) v1[i], left) & LOW);
    }
  }

  private void update(long m0, long m1, long m2, long m3) {
    multiply(0, m0);
    multiply(1, m1);
    multiply(2, m2);
    multiply(3, m3);
    mix(v1, v0, 0);
    mix(v1, v0, 2);
    mix(v0, v1, 0);
    mix(v0, v1, 2);
  }

  private void multiply(int lane, long message) {
    v1[lane] += mul0[lane] + message;
    mul0[lane] ^= (v1[lane] & LOW) * (v0[lane] >>> 32);
    v0[lane] += mul1[lane];
    mul1[lane] ^= (v0[lane] & LOW) * (v1[lane] >>> 32);
  }

  /**
   * Adds the bytes of two lanes in another order: of 16 bytes from low to high, those at 3 12 2 5
   * 14 1 15 0, and 11 4 10 13 9 6 8 7.
   */
  private static void mix(long[] from, long[] to, int lane) {
    long a = from[lane];
    long b = from[lane + 1];
    to[lane] +=
        (((a & 0xff00_0000L) | (b & 0xff_0000_0000L)) >>> 24)
            | (a & 0xff_0000L)
            | (((a & 0xff00_0000_0000L) | (b & 0xff_0000_0000_0000L)) >>> 16)
            | ((a & 0xff00L) << 32)
            | (b >>> 56 << 48)
            | (a << 56);
    to[lane + 1] +=
        (((b & 0xff00_0000L) | (a & 0xff_0000_0000L)) >>> 24)
            | (b & 0xff_0000L)
            | ((b & 0xff00_0000_0000L) >>> 16)
            | ((b & 0xff00L) << 24)
            | ((a & 0xff_0000_0000_0000L) >>> 8)
            | ((b & 0xffL) << 48)
            | (a >>> 56 << 56);
  }

  private void permute(int rounds) {
    for (int i = 0; i < rounds; i++) {
      update(
          Long.rotateLeft(v0[2], 32),
          Long.rotateLeft(v0[3], 32),
          Long.rotateLeft(v0[0], 32),
          Long.rotateLeft(v0[1], 32));
    }
  }

  /** Reduces 256 bits to 128, modulo x^128 + x^2 + x. */
  private void reduce(int lane, long[] hash) {
    long a0 = v0[lane] + mul0[lane];
    long a1 = v0[lane + 1] + mul0[lane + 1];
    long a2 = v1[lane] + mul1[lane];
    long a3 = (v1[lane + 1] + mul1[lane + 1]) & (-1L >>> 2);
    hash[lane] = a0 ^ (a2 << 1) ^ (a2 << 2);
    hash[lane + 1] = a1 ^ ((a3 << 1) | (a2 >>> 63)) ^ ((a3 << 2) | (a2 >>> 62));
  }

  private static long restWord(String bytes, int start, int offset) {
    long word = 0;
    for (int i = 7; i >= 0; i--) {
      word = (word << 8) | restByte(bytes, start, offset + i);
    }
    return word;
  }

  /**
   * The last packet, of less than 32 bytes: the whole groups of 4 bytes stay where they are. If
   * there are 16 bytes or more, the last 4 of them come to the end; if fewer, 3 bytes that cover
   * what is left come to the middle.
   */
  private static int restByte(String bytes, int start, int index) {
    int left = bytes.length() - start;
    int groups = left & -4;
    if (index < groups) {
      return bytes.charAt(start + index);
    }
    if (left >= 16) {
      return index >= 28 ? bytes.charAt(start + left + index - PACKET) : 0;
    }
    if (left == groups) {
      return 0;
    }
    return switch (index) {
      case 16 -> bytes.charAt(start + groups);
      case 17 -> bytes.charAt(start + groups + (left - groups) / 2);
      case 18 -> bytes.charAt(start + left - 1);
      default -> 0;
    };
  }

  /** Bytes as the hash takes them in, prepared for being hashed with many keys. */
  static final class Packets {

    private final long[] words;
    private final int left;

    private Packets(long[] words, int left) {
      this.words = words;
      this.left = left;
    }

    /**
     * Prepares.
     *
     * @param bytes one byte in each char, as {@link Utf8#bytes} makes them
     */
    static Packets of(String bytes) {
      int left = bytes.length() % PACKET;
      int whole = bytes.length() - left;
      long[] words = new long[(whole + (left > 0 ? PACKET : 0)) / Long.BYTES];
      for (int i = 0; i < words.length; i++) {
        int at = i * Long.BYTES;
        words[i] = at < whole ? Utf8.longAt(bytes, at) : restWord(bytes, whole, at - whole);
      }
      return new Packets(words, left);
    }
  }
}
