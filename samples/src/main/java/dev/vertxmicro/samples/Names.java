// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.samples;

import java.util.List;

/** The names to greet, as they are given on a command line. */
final class Names {

  static final int MOST_NAMES = 50;
  static final int MOST_CHARACTERS = 1_000;

  private static final List<String> DEFAULT = List.of("Ada", "Grace", "Linus");
  private static final int SHOWN_CHARACTERS = 40;

  private Names() {}

  /**
   * Returns the names of a command line, some names if there are none.
   *
   * @throws IllegalArgumentException if there are too many, or one is blank or too long
   */
  static List<String> of(String... args) {
    if (args.length > MOST_NAMES) {
      throw new IllegalArgumentException(
          "names: %d (expected: at most %d)".formatted(args.length, MOST_NAMES));
    }
    for (int i = 0; i < args.length; i++) {
      check(i + 1, args[i]);
    }
    return args.length == 0 ? DEFAULT : List.of(args);
  }

  private static void check(int number, String name) {
    if (name.isBlank()) {
      throw new IllegalArgumentException(
          "name %d: blank (expected: something to greet)".formatted(number));
    }
    int characters = name.codePointCount(0, name.length());
    if (characters > MOST_CHARACTERS) {
      throw new IllegalArgumentException(
          "name %d: %,d characters (expected: at most %,d)"
              .formatted(number, characters, MOST_CHARACTERS));
    }
  }

  /** Returns a text as it may be printed on one line: shortened, without control characters. */
  static String shown(String text) {
    int[] characters = text.codePoints().map(c -> Character.isISOControl(c) ? '?' : c).toArray();
    return characters.length <= SHOWN_CHARACTERS
        ? new String(characters, 0, characters.length)
        : "%s... (%,d characters)"
            .formatted(new String(characters, 0, SHOWN_CHARACTERS), characters.length);
  }
}
