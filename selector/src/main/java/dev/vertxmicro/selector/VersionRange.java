// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.selector;

import dev.vertxmicro.registry.Node;
import dev.vertxmicro.registry.Service;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Keeps the versions of a service in a range, as npm reads ranges (node-semver, README "Ranges").
 *
 * <p>A version fits if it fits one of the alternatives, and it fits an alternative if it keeps all
 * its bounds. A pre-release fits only where a bound names a pre-release of the same release: who
 * writes {@code >=1.2.3-rc.1} has asked for release candidates of 1.2.3, not for those of 1.3.0.
 */
final class VersionRange implements Filter {

  private final String text;
  private final List<List<Bound>> alternatives;

  private VersionRange(String text, List<List<Bound>> alternatives) {
    this.text = text;
    this.alternatives = alternatives;
  }

  /**
   * Reads a range.
   *
   * @throws IllegalArgumentException if it is none; says where
   */
  static VersionRange parse(String text) {
    return new VersionRange(text, new VersionRangeParser(text).alternatives());
  }

  @Override
  public boolean keeps(Service service, Node node) {
    SemanticVersion version = SemanticVersion.parse(service.version());
    return version != null && contains(version);
  }

  boolean contains(SemanticVersion version) {
    for (List<Bound> bounds : alternatives) {
      if (fits(version, bounds)) {
        return true;
      }
    }
    return false;
  }

  private static boolean fits(SemanticVersion version, List<Bound> bounds) {
    boolean named = !version.isPreRelease();
    for (Bound bound : bounds) {
      if (!bound.keeps(version)) {
        return false;
      }
      named |= bound.version().isPreRelease() && bound.version().isOfTheReleaseOf(version);
    }
    return named;
  }

  @Override
  public String reason(Service service, Node node) {
    return SemanticVersion.parse(service.version()) == null
        ? this + ": version " + service.version() + " is not semantic"
        : toString();
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof VersionRange that && text.equals(that.text);
  }

  @Override
  public int hashCode() {
    return text.hashCode();
  }

  @Override
  public String toString() {
    return "VersionRange[" + text + "]";
  }

  /** How a version compares with the one of a bound. */
  enum Relation {
    LESS,
    AT_MOST,
    EQUAL,
    AT_LEAST,
    MORE
  }

  /** One side of a range. */
  record Bound(Relation relation, SemanticVersion version) {
    boolean keeps(SemanticVersion other) {
      int order = other.compareTo(version);
      return switch (relation) {
        case LESS -> order < 0;
        case AT_MOST -> order <= 0;
        case EQUAL -> order == 0;
        case AT_LEAST -> order >= 0;
        case MORE -> order > 0;
      };
    }
  }
}
