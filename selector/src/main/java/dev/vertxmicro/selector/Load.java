// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.selector;

/**
 * What the attempts on one node have taught about it. Made by a {@link Strategy}, kept per node id,
 * used from any number of threads at once; must not lock or allocate.
 */
public interface Load {

  /**
   * Notes what became of an attempt. The attempt still counts as in flight.
   *
   * @param kind whether the node did its work; a cancelled attempt says only that the node took
   *     longer than {@code elapsedNanos}
   * @param elapsedNanos how long the attempt took, at least 0
   * @param now the instant on the selector's clock, in nanoseconds
   */
  void observe(Outcome.Kind kind, long elapsedNanos, long now);

  /**
   * Returns what one more attempt would cost, at least 0; only comparisons with other nodes have a
   * meaning. Changes nothing.
   *
   * @param inFlight how many attempts are open on the node, in relation to its {@link
   *     Candidate#share()}: a node that should get half of its work is as busy with one as with two
   * @param ageNanos the mean age of those that have not been answered; 0 if there are none
   * @param now the instant on the selector's clock, in nanoseconds
   */
  double value(double inFlight, long ageNanos, long now);

  /** Forgets everything. */
  void reset();

  /** Returns the load that measures nothing and is always 0. */
  static Load none() {
    return NoLoad.INSTANCE;
  }
}
