// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.broker.nats;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.vertxmicro.codec.Ranges;
import java.util.zip.CRC32;

/** Names of streams and consumers. */
final class Names {

  private static final int LONGEST_READABLE = 64;

  private Names() {}

  static String checked(String option, String name) {
    Ranges.notBlank(option, name);
    if (!cleaned(name).equals(name)) {
      throw new IllegalArgumentException(
          option + ": '" + name + "' (expected: no blanks, dots, *, >, slashes)");
    }
    return name;
  }

  /**
   * Returns the consumer that the members of a queue group share: readable as far as NATS takes the
   * characters, and told from others by a checksum of both names.
   */
  static String consumer(String queue, String topic) {
    CRC32 sum = new CRC32();
    sum.update((queue + "\0" + topic).getBytes(UTF_8));
    String readable = cleaned("group-" + queue + "-" + topic);
    return readable.substring(0, Math.min(readable.length(), LONGEST_READABLE))
        + "-"
        + Long.toHexString(sum.getValue());
  }

  private static String cleaned(String name) {
    StringBuilder cleaned = new StringBuilder(name.length());
    for (int i = 0; i < name.length(); i++) {
      char c = name.charAt(i);
      boolean fine = c > ' ' && c < 127 && ".*>/\\".indexOf(c) < 0;
      cleaned.append(fine ? c : '_');
    }
    return cleaned.toString();
  }
}
