// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.selector;

import dev.vertxmicro.selector.VersionRange.Bound;
import dev.vertxmicro.selector.VersionRange.Relation;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Reads the text of a {@link VersionRange}: alternatives between {@code ||}, each of one or more
 * terms between spaces, each an operator and a version, or two versions around a hyphen. The last
 * numbers of a version may be {@code x} or left out. Used once.
 *
 * <p>What npm takes and this does not: no text at all for any version, numbers behind an {@code x},
 * and {@code ~>}. Each is more often a slip than meant.
 */
final class VersionRangeParser {

  private static final long ANY = -1;
  private static final int MAX_DIGITS = 18;
  private static final List<String> OPERATORS = List.of("<=", ">=", "<", ">", "=", "~", "^");
  private static final Pattern PRE_RELEASE = Pattern.compile(SemanticVersion.PRE_RELEASE);
  private static final Pattern BUILD = Pattern.compile(SemanticVersion.BUILD);

  private final String text;
  private int at;

  VersionRangeParser(String text) {
    this.text = text;
  }

  List<List<Bound>> alternatives() {
    List<List<Bound>> alternatives = new ArrayList<>();
    do {
      alternatives.add(alternative());
    } while (skip("||"));
    if (at < text.length()) {
      throw unexpected(at, "a space, || or the end");
    }
    return List.copyOf(alternatives);
  }

  private List<Bound> alternative() {
    List<Bound> bounds = new ArrayList<>();
    skipSpaces();
    do {
      term(bounds);
    } while (skipSpaces() && at < text.length() && text.charAt(at) != '|');
    return List.copyOf(bounds);
  }

  private void term(List<Bound> bounds) {
    String operator = OPERATORS.stream().filter(this::skip).findFirst().orElse("");
    skipSpaces();
    Partial version = partial();
    int end = at;
    if (operator.isEmpty() && skipSpaces() && skip("- ")) {
      skipSpaces();
      version.atLeast(bounds);
      partial().atMost(bounds);
      return;
    }
    at = end;
    switch (operator) {
      case "<" -> version.less(bounds);
      case "<=" -> version.atMost(bounds);
      case ">" -> version.more(bounds);
      case ">=" -> version.atLeast(bounds);
      case "~" -> version.keeping(2, bounds);
      case "^" -> version.keeping(version.compatible(), bounds);
      default -> version.equal(bounds);
    }
  }

  private Partial partial() {
    skip("v");
    long major = number();
    if (!skip(".")) {
      return new Partial(major, ANY, ANY, List.of());
    }
    long minor = numberBehind(major);
    if (!skip(".")) {
      return new Partial(major, minor, ANY, List.of());
    }
    long patch = numberBehind(minor);
    if (patch == ANY) {
      return new Partial(major, minor, ANY, List.of());
    }
    List<String> preRelease = List.of();
    if (skip("-")) {
      preRelease = SemanticVersion.identifiers(match(PRE_RELEASE, "a pre-release such as rc.1"));
    }
    if (skip("+")) {
      match(BUILD, "build metadata such as 20261121.1a2b");
    }
    return new Partial(major, minor, patch, preRelease);
  }

  private long numberBehind(long earlier) {
    int start = at;
    long number = number();
    if (earlier == ANY && number != ANY) {
      throw unexpected(start, "x, as before it");
    }
    return number;
  }

  private long number() {
    if (skip("x") || skip("X") || skip("*")) {
      return ANY;
    }
    int start = at;
    while (at < text.length() && text.charAt(at) >= '0' && text.charAt(at) <= '9') {
      at++;
    }
    boolean isZeroLed = at - start > 1 && text.charAt(start) == '0';
    if (at == start || at - start > MAX_DIGITS || isZeroLed) {
      throw unexpected(
          start, "a number of at most " + MAX_DIGITS + " digits and no zero before it, x or *");
    }
    return Long.parseLong(text.substring(start, at));
  }

  private String match(Pattern pattern, String expected) {
    Matcher matcher = pattern.matcher(text).region(at, text.length());
    if (!matcher.lookingAt()) {
      throw unexpected(at, expected);
    }
    at = matcher.end();
    return matcher.group();
  }

  private boolean skip(String token) {
    boolean is = text.startsWith(token, at);
    if (is) {
      at += token.length();
    }
    return is;
  }

  private boolean skipSpaces() {
    int start = at;
    while (at < text.length() && text.charAt(at) == ' ') {
      at++;
    }
    return at > start;
  }

  private IllegalArgumentException unexpected(int position, String expected) {
    String found = position < text.length() ? text.substring(position) : "the end";
    return new IllegalArgumentException(
        "versionRange: "
            + text
            + " has \""
            + found
            + "\" at "
            + position
            + " (expected: "
            + expected
            + ")");
  }

  /**
   * A version of which only the first numbers are given. A bound that leaves a release out leaves
   * its pre-releases out as well: they come before it, and so {@code <2} would let 2.0.0-rc.1 in.
   */
  private record Partial(long major, long minor, long patch, List<String> preRelease) {

    private static final List<String> FIRST = List.of("0");

    int given() {
      return major == ANY ? 0 : minor == ANY ? 1 : patch == ANY ? 2 : 3;
    }

    /** How many numbers {@code ^} keeps: up to the first that is not 0. */
    int compatible() {
      return major > 0 ? 1 : minor > 0 ? 2 : 3;
    }

    SemanticVersion first() {
      return new SemanticVersion(major, Math.max(0, minor), Math.max(0, patch), preRelease);
    }

    /** The first version that differs in the first {@code kept} numbers and comes later. */
    SemanticVersion following(int kept, List<String> preRelease) {
      return switch (kept) {
        case 1 -> new SemanticVersion(major + 1, 0, 0, preRelease);
        case 2 -> new SemanticVersion(major, minor + 1, 0, preRelease);
        default -> new SemanticVersion(major, minor, patch + 1, preRelease);
      };
    }

    void equal(List<Bound> bounds) {
      if (given() == 3) {
        bounds.add(new Bound(Relation.EQUAL, first()));
      } else {
        keeping(3, bounds);
      }
    }

    /** From this on, as long as the first {@code kept} numbers, or those given, are the same. */
    void keeping(int kept, List<Bound> bounds) {
      if (given() > 0) {
        atLeast(bounds);
        bounds.add(new Bound(Relation.LESS, following(Math.min(kept, given()), FIRST)));
      }
    }

    void atLeast(List<Bound> bounds) {
      if (given() > 0) {
        bounds.add(new Bound(Relation.AT_LEAST, first()));
      }
    }

    void more(List<Bound> bounds) {
      switch (given()) {
        case 0 -> nothing(bounds);
        case 3 -> bounds.add(new Bound(Relation.MORE, first()));
        default -> bounds.add(new Bound(Relation.AT_LEAST, following(given(), List.of())));
      }
    }

    void atMost(List<Bound> bounds) {
      if (given() == 3) {
        bounds.add(new Bound(Relation.AT_MOST, first()));
      } else if (given() > 0) {
        bounds.add(new Bound(Relation.LESS, following(given(), FIRST)));
      }
    }

    void less(List<Bound> bounds) {
      switch (given()) {
        case 0 -> nothing(bounds);
        case 3 -> bounds.add(new Bound(Relation.LESS, first()));
        default ->
            bounds.add(
                new Bound(Relation.LESS, new SemanticVersion(major, Math.max(0, minor), 0, FIRST)));
      }
    }

    private static void nothing(List<Bound> bounds) {
      bounds.add(new Bound(Relation.LESS, new SemanticVersion(0, 0, 0, FIRST)));
    }
  }
}
