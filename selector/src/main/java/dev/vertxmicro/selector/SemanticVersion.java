// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.selector;

import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A version by semver.org 2.0.0, ordered by its rule 11: numbers first, then a pre-release comes
 * before its release, pre-releases identifier by identifier. Build metadata is left off.
 *
 * @param preRelease the identifiers after the hyphen; empty for a release
 */
record SemanticVersion(long major, long minor, long patch, List<String> preRelease)
    implements Comparable<SemanticVersion> {

  /** As npm's bound; versions come from registries that anybody may write to. */
  private static final int MAX_LENGTH = 256;

  private static final String NUMBER = "(0|[1-9][0-9]{0,17})";
  private static final String IDENTIFIER = "(?:[0-9]*+[a-zA-Z-][0-9a-zA-Z-]*+|0|[1-9][0-9]*+)";

  /** A pre-release without its hyphen. */
  static final String PRE_RELEASE = IDENTIFIER + "(?:\\." + IDENTIFIER + ")*+";

  /** Build metadata without its plus. */
  static final String BUILD = "[0-9a-zA-Z-]++(?:\\.[0-9a-zA-Z-]++)*+";

  private static final Pattern SYNTAX =
      Pattern.compile(
          "v?+"
              + NUMBER
              + "\\."
              + NUMBER
              + "\\."
              + NUMBER
              + "(?:-("
              + PRE_RELEASE
              + "))?+(?:\\+"
              + BUILD
              + ")?+");

  SemanticVersion {
    preRelease = List.copyOf(preRelease);
  }

  /**
   * Reads a version. A {@code v} before it is passed over, as Go and npm write it.
   *
   * @return null if it is none, or one of more than 256 characters or with a number of more than 18
   *     digits
   */
  static @Nullable SemanticVersion parse(String text) {
    Matcher parts = SYNTAX.matcher(text);
    if (text.length() > MAX_LENGTH || !parts.matches()) {
      return null;
    }
    return new SemanticVersion(
        Long.parseLong(parts.group(1)),
        Long.parseLong(parts.group(2)),
        Long.parseLong(parts.group(3)),
        identifiers(parts.group(4)));
  }

  static List<String> identifiers(@Nullable String preRelease) {
    return preRelease == null ? List.of() : List.of(preRelease.split("\\.", -1));
  }

  boolean isPreRelease() {
    return !preRelease.isEmpty();
  }

  /** Tells whether both are the same release or pre-releases of the same. */
  boolean isOfTheReleaseOf(SemanticVersion other) {
    return major == other.major && minor == other.minor && patch == other.patch;
  }

  @Override
  public int compareTo(SemanticVersion other) {
    int order = Long.compare(major, other.major);
    order = order != 0 ? order : Long.compare(minor, other.minor);
    order = order != 0 ? order : Long.compare(patch, other.patch);
    return order != 0 ? order : comparePreReleases(preRelease, other.preRelease);
  }

  private static int comparePreReleases(List<String> one, List<String> other) {
    if (one.isEmpty() || other.isEmpty()) {
      return Boolean.compare(one.isEmpty(), other.isEmpty());
    }
    for (int i = 0; i < Math.min(one.size(), other.size()); i++) {
      int order = compareIdentifiers(one.get(i), other.get(i));
      if (order != 0) {
        return order;
      }
    }
    return Integer.compare(one.size(), other.size());
  }

  /** Numbers by their value, of any length; before words; words by their ASCII characters. */
  private static int compareIdentifiers(String one, String other) {
    boolean isNumber = isNumber(one);
    if (isNumber != isNumber(other)) {
      return isNumber ? -1 : 1;
    }
    return isNumber && one.length() != other.length()
        ? Integer.compare(one.length(), other.length())
        : one.compareTo(other);
  }

  private static boolean isNumber(String identifier) {
    return identifier.chars().allMatch(c -> c >= '0' && c <= '9');
  }

  @Override
  public String toString() {
    String release = major + "." + minor + "." + patch;
    return isPreRelease() ? release + "-" + String.join(".", preRelease) : release;
  }
}
