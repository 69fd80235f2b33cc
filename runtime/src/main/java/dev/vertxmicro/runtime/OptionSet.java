// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Options that are given to many calls together. Keeps the plan of the last client they were given
 * to, as what they make of its defaults is the same for every call.
 */
final class OptionSet implements CallOption {

  /**
   * @param defaults the plan of calls without options
   * @param with the plan of calls with these
   */
  private record Made(CallPlan defaults, CallPlan with) {}

  private final CallOption[] options;
  private volatile @Nullable Made last;

  OptionSet(CallOption... options) {
    this.options = options.clone();
    for (CallOption option : this.options) {
      if (option == null) {
        throw new NullPointerException("an option");
      }
    }
  }

  @Override
  public void apply(CallOptions changed) {
    for (CallOption option : options) {
      option.apply(changed);
    }
  }

  /** Returns the plan of calls with these options only. */
  CallPlan planOver(CallPlan defaults) {
    Made made = last;
    if (made == null || made.defaults() != defaults) {
      made = new Made(defaults, defaults.changedBy(options));
      last = made;
    }
    return made.with();
  }

  @Override
  public String toString() {
    return "CallOption" + Arrays.toString(options);
  }
}
