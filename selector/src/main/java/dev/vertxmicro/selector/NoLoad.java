// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.selector;

/** The load of strategies that do not care. */
enum NoLoad implements Load {
  INSTANCE;

  @Override
  public void observe(Outcome.Kind kind, long elapsedNanos, long now) {}

  @Override
  public double value(double inFlight, long ageNanos, long now) {
    return 0;
  }

  @Override
  public void reset() {}
}
