// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.selector;

import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Asks the pickers of several groups in turn until one has a node that the call has not tried: tier
 * by tier, and in each the own zone before the others, but for the part of the calls that leaves
 * the zone. Calls with a key leave by the hash of the key, so that equal keys go the same way.
 */
final class TieredPicker implements Picker {

  /** The picker of a group without nodes. */
  static final Picker NONE = (request, now) -> null;

  private final Picker[] near;
  private final Picker[] far;
  private final double[] away;
  private final RandomGenerator random;

  /**
   * Makes a picker of tiers.
   *
   * @param near by tier: the own zone, or all if zones do not matter
   * @param far by tier: elsewhere
   * @param away by tier: the part of the calls that goes elsewhere first, 0 to 1
   */
  TieredPicker(Picker[] near, Picker[] far, double[] away, RandomGenerator random) {
    this.near = near;
    this.far = far;
    this.away = away;
    this.random = random;
  }

  @Override
  public @Nullable Candidate pick(PickRequest request, long now) {
    for (int tier = 0; tier < near.length; tier++) {
      boolean leaves = leaves(away[tier], request);
      Candidate first = (leaves ? far : near)[tier].pick(request, now);
      Candidate picked = first != null ? first : (leaves ? near : far)[tier].pick(request, now);
      if (picked != null) {
        return picked;
      }
    }
    return null;
  }

  private boolean leaves(double part, PickRequest request) {
    if (part <= 0 || part >= 1) {
      return part > 0;
    }
    String key = request.key();
    return (key == null ? random.nextDouble() : place(key)) < part;
  }

  /** Spreads keys over 0 to 1, in another way than strategies that hash do. */
  private static double place(String key) {
    long mixed = (key.hashCode() + 0x632be59bd9b4e019L) * 0x9e3779b97f4a7c15L;
    mixed = (mixed ^ (mixed >>> 32)) * 0xd6e8feb86659fd93L;
    return ((mixed ^ (mixed >>> 32)) >>> 11) * 0x1p-53;
  }
}
