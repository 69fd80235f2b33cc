// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.wrapper;

import dev.vertxmicro.codec.Ranges;
import dev.vertxmicro.metadata.MicroHeaders;
import dev.vertxmicro.runtime.CallFunction;
import dev.vertxmicro.runtime.CallWrapper;

/**
 * Says who calls: {@code Micro-From-Service}, as go-micro's wrapper of that name does ({@code
 * util/wrapper} up to v5, installed by default up to v4.7). A header that the call has already
 * stays. Immutable.
 *
 * @param name the name of the service that calls; not blank
 */
public record FromService(String name) implements CallWrapper {

  /** Checks the name. */
  public FromService {
    Ranges.notBlank("name", name);
  }

  @Override
  public CallFunction wrap(CallFunction next) {
    return attempt ->
        next.call(
            attempt.metadata().get(MicroHeaders.FROM_SERVICE) == null
                ? attempt.header(MicroHeaders.FROM_SERVICE, name)
                : attempt);
  }
}
