// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime;

import dev.vertxmicro.metadata.Metadata;
import dev.vertxmicro.metadata.ReservedHeaders;

/**
 * The names under which a caller may send metadata: all but those that transports write themselves.
 * A transport would leave such an entry out, and the caller would never know why it has no effect;
 * so it is refused where it is set.
 */
final class OwnMetadata {

  private OwnMetadata() {}

  /**
   * Returns {@code metadata} itself.
   *
   * @throws IllegalArgumentException if it has a reserved name
   */
  static Metadata checked(Metadata metadata) {
    for (String name : metadata.names()) {
      if (ReservedHeaders.isReserved(name)) {
        throw new IllegalArgumentException(
            "metadata: " + name + " (expected: a name that transports do not write themselves)");
      }
    }
    return metadata;
  }
}
