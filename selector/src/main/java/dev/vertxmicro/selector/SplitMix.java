// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.selector;

/**
 * Numbers that look random, from any that do not (Steele, Lea, Flood, "Fast splittable pseudorandom
 * number generators", OOPSLA 2014): cheaper than a generator, and the same for everybody.
 */
final class SplitMix {

  /** The golden ratio, whose multiples are spread evenly over 64 bits. */
  static final long STEP = 0x9e3779b97f4a7c15L;

  private SplitMix() {}

  /** Spreads every bit of {@code number} over all bits; one to one. */
  static long mixed(long number) {
    long mixed = (number ^ (number >>> 30)) * 0xbf58476d1ce4e5b9L;
    mixed = (mixed ^ (mixed >>> 27)) * 0x94d049bb133111ebL;
    return mixed ^ (mixed >>> 31);
  }

  /** Returns a number from 0 to below 1. */
  static double unit(long number) {
    return (mixed(number) >>> 11) * 0x1p-53;
  }
}
