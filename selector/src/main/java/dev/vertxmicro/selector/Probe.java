// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.selector;

import org.jspecify.annotations.Nullable;

/** The pick that finds out whether an ejected node works again. */
final class Probe extends Lease {

  private final Ejection ejection;

  Probe(@Nullable Lease earlier, Ejection ejection) {
    super(earlier);
    this.ejection = ejection;
  }

  @Override
  Ejection probed() {
    return ejection;
  }
}
