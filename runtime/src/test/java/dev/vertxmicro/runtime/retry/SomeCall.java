// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.retry;

import dev.vertxmicro.metadata.Metadata;
import dev.vertxmicro.time.Deadline;

/** A call of which policies want to know no more than whether it is idempotent. */
record SomeCall(boolean idempotent) implements CallInfo {

  @Override
  public String service() {
    return "greeter";
  }

  @Override
  public String endpoint() {
    return "Greeter.Hello";
  }

  @Override
  public Metadata metadata() {
    return Metadata.empty();
  }

  @Override
  public Deadline deadline() {
    return Deadline.NONE;
  }
}
