// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.registry.mdns;

import static java.nio.charset.StandardCharsets.UTF_8;

/**
 * Names as texts: labels with dots between them. A dot within a label cannot be told, as in
 * go-micro.
 */
final class DnsText {

  private static final int MOST_LABEL = 63;
  private static final int MOST_NAME = 253;

  private DnsText() {}

  /** Tells whether {@code text} can be a name: labels of 1 to 63 bytes, 253 in all. */
  static boolean isName(String text) {
    if (text.getBytes(UTF_8).length > MOST_NAME) {
      return false;
    }
    for (String label : text.split("\\.", -1)) {
      int length = label.getBytes(UTF_8).length;
      if (length == 0 || length > MOST_LABEL) {
        return false;
      }
    }
    return true;
  }
}
