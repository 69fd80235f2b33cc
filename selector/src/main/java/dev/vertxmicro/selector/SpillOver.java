// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.selector;

/**
 * Which part of the calls leaves the own zone (Envoy, "Priority levels", where the own zone is
 * priority 0 and all others are priority 1; its overprovisioning factor is 1 / threshold, 1.4 by
 * default).
 *
 * <p>With h of n nodes healthy in the own zone and H of N elsewhere, and t the threshold:
 *
 * <pre>
 *   own = min(1, h / n / t)          elsewhere = min(1, H / N / t)
 *   away = 1 - own / min(1, own + elsewhere)
 * </pre>
 *
 * <p>So nothing leaves while the healthy share of the zone is at least t; below, what is missing
 * leaves; all of it when no node of the zone is healthy. If both together cannot take all, each
 * side gets its part in relation to what it can take.
 *
 * <p>Goes by health only, not by how many callers and nodes each zone has: a zone with many callers
 * and few nodes needs more nodes, or no preference.
 *
 * @param threshold t, from 0 to 1; 0: nothing leaves as long as one node of the zone is healthy
 */
record SpillOver(double threshold) {

  /**
   * Returns the part of the calls that leaves the zone, 0 to 1; 0 if no node is healthy anywhere.
   *
   * @param ownHealthy h
   * @param own n
   * @param otherHealthy H
   * @param other N
   */
  double away(int ownHealthy, int own, int otherHealthy, int other) {
    double near = capacity(ownHealthy, own);
    double far = capacity(otherHealthy, other);
    return far == 0 ? 0 : 1 - near / Math.min(1, near + far);
  }

  private double capacity(int healthy, int all) {
    return healthy == 0 ? 0 : Math.min(1, healthy / (all * threshold));
  }
}
