// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.metadata;

import java.util.AbstractMap.SimpleImmutableEntry;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Headers: ordered pairs of name and value, looked up without case, kept in the case they were
 * written in. A name may occur more than once. Immutable.
 *
 * <p>Names are HTTP tokens (RFC 9110 5.6.2). Values have no CR, LF or NUL. The value of a name that
 * ends with {@code -bin} is Base64, see {@link #getBinary}. Look-ups are linear: metadata has tens
 * of entries, not thousands.
 */
public final class Metadata implements Iterable<Map.Entry<String, String>> {

  private static final Metadata EMPTY = new Metadata(new String[0]);

  /** name, value, name, value ... */
  private final String[] pairs;

  private Metadata(String[] pairs) {
    this.pairs = pairs;
  }

  /** Returns metadata without entries. */
  public static Metadata empty() {
    return EMPTY;
  }

  /**
   * Returns metadata of alternating names and values.
   *
   * @throws IllegalArgumentException if the count is odd, or for an illegal name or value
   */
  public static Metadata of(String... namesAndValues) {
    if (namesAndValues.length % 2 != 0) {
      throw new IllegalArgumentException(
          "namesAndValues: " + namesAndValues.length + " strings (expected: pairs)");
    }
    Builder builder = builder();
    for (int i = 0; i < namesAndValues.length; i += 2) {
      builder.add(namesAndValues[i], namesAndValues[i + 1]);
    }
    return builder.build();
  }

  /** Returns metadata with the entries of {@code map} in its order. */
  public static Metadata of(Map<String, String> map) {
    Builder builder = builder();
    map.forEach(builder::add);
    return builder.build();
  }

  /** Returns a new builder. */
  public static Builder builder() {
    return new Builder(new ArrayList<>());
  }

  /** Returns the first value of {@code name}, or null. */
  public @Nullable String get(String name) {
    for (int i = 0; i < pairs.length; i += 2) {
      if (pairs[i].equalsIgnoreCase(name)) {
        return pairs[i + 1];
      }
    }
    return null;
  }

  /** Returns the first value of {@code name}, or {@code otherwise}. */
  public String get(String name, String otherwise) {
    String value = get(name);
    return value == null ? otherwise : value;
  }

  /** Returns all values of {@code name} in order. */
  public List<String> getAll(String name) {
    List<String> values = new ArrayList<>();
    for (int i = 0; i < pairs.length; i += 2) {
      if (pairs[i].equalsIgnoreCase(name)) {
        values.add(pairs[i + 1]);
      }
    }
    return List.copyOf(values);
  }

  /**
   * Returns the bytes of a {@code -bin} entry, or null if there is none. Base64 is read with and
   * without padding.
   *
   * @throws IllegalArgumentException if {@code name} does not end with {@code -bin} or the value is
   *     not Base64
   */
  public byte @Nullable [] getBinary(String name) {
    checkBinary(name);
    String value = get(name);
    return value == null ? null : Base64.getDecoder().decode(value);
  }

  /** Tells whether there is an entry of {@code name}. */
  public boolean contains(String name) {
    return get(name) != null;
  }

  /** Returns the distinct names, sorted without case. */
  public Set<String> names() {
    Set<String> names = new TreeSet<>(String.CASE_INSENSITIVE_ORDER);
    forEach((name, value) -> names.add(name));
    return names;
  }

  /** Returns how many entries there are. */
  public int size() {
    return pairs.length / 2;
  }

  /** Tells whether there are no entries. */
  public boolean isEmpty() {
    return pairs.length == 0;
  }

  /** Calls {@code action} with the name and the value of each entry in order. */
  public void forEach(BiConsumer<String, String> action) {
    for (int i = 0; i < pairs.length; i += 2) {
      action.accept(pairs[i], pairs[i + 1]);
    }
  }

  @Override
  public Iterator<Map.Entry<String, String>> iterator() {
    return new Iterator<>() {
      private int at;

      @Override
      public boolean hasNext() {
        return at < pairs.length;
      }

      @Override
      public Map.Entry<String, String> next() {
        if (!hasNext()) {
          throw new NoSuchElementException("entry " + at / 2 + " of " + size());
        }
        at += 2;
        return new SimpleImmutableEntry<>(pairs[at - 2], pairs[at - 1]);
      }
    };
  }

  /** Returns this metadata with {@code value} as the only value of {@code name}. */
  public Metadata with(String name, String value) {
    return toBuilder().set(name, value).build();
  }

  /** Returns this metadata with one more entry. */
  public Metadata plus(String name, String value) {
    return toBuilder().add(name, value).build();
  }

  /** Returns this metadata without the entries of {@code name}. */
  public Metadata without(String name) {
    return contains(name) ? toBuilder().remove(name).build() : this;
  }

  /** Returns {@code base} with the names of this metadata replaced by, or added as, ours. */
  public Metadata mergedOver(Metadata base) {
    if (base.isEmpty()) {
      return this;
    }
    if (isEmpty()) {
      return base;
    }
    Builder builder = base.toBuilder();
    forEach((name, value) -> builder.remove(name));
    forEach(builder::add);
    return builder.build();
  }

  /** Returns a builder that starts with these entries. */
  public Builder toBuilder() {
    return new Builder(new ArrayList<>(Arrays.asList(pairs)));
  }

  /** Equal if the entries are equal in order, names compared without case. */
  @Override
  public boolean equals(@Nullable Object other) {
    if (!(other instanceof Metadata that) || that.pairs.length != pairs.length) {
      return false;
    }
    for (int i = 0; i < pairs.length; i += 2) {
      if (!pairs[i].equalsIgnoreCase(that.pairs[i]) || !pairs[i + 1].equals(that.pairs[i + 1])) {
        return false;
      }
    }
    return true;
  }

  @Override
  public int hashCode() {
    int hash = 1;
    for (int i = 0; i < pairs.length; i += 2) {
      hash = 31 * hash + pairs[i].toLowerCase(Locale.ROOT).hashCode();
      hash = 31 * hash + pairs[i + 1].hashCode();
    }
    return hash;
  }

  /** Returns the names only: values may be secrets. */
  @Override
  public String toString() {
    return "Metadata" + names();
  }

  private static void checkBinary(String name) {
    if (!name.regionMatches(true, name.length() - 4, "-bin", 0, 4)) {
      throw new IllegalArgumentException("name: " + name + " (expected: ends with -bin)");
    }
  }

  /** Collects entries. Not thread-safe. */
  public static final class Builder {

    private final ArrayList<String> pairs;

    private Builder(ArrayList<String> pairs) {
      this.pairs = pairs;
    }

    /**
     * Adds an entry.
     *
     * @throws IllegalArgumentException if {@code name} is not an HTTP token or {@code value} has a
     *     CR, LF or NUL
     */
    public Builder add(String name, String value) {
      pairs.add(checkName(name));
      pairs.add(checkValue(name, value));
      return this;
    }

    /**
     * Adds an entry whose value is {@code bytes} in Base64 without padding.
     *
     * @throws IllegalArgumentException if {@code name} does not end with {@code -bin}
     */
    public Builder addBinary(String name, byte[] bytes) {
      checkBinary(name);
      return add(name, Base64.getEncoder().withoutPadding().encodeToString(bytes));
    }

    /** Replaces all entries of {@code name} by one. */
    public Builder set(String name, String value) {
      return remove(name).add(name, value);
    }

    /** Removes all entries of {@code name}. */
    public Builder remove(String name) {
      for (int i = pairs.size() - 2; i >= 0; i -= 2) {
        if (pairs.get(i).equalsIgnoreCase(name)) {
          pairs.subList(i, i + 2).clear();
        }
      }
      return this;
    }

    /** Returns the metadata. */
    public Metadata build() {
      return pairs.isEmpty() ? EMPTY : new Metadata(pairs.toArray(new String[0]));
    }

    private static String checkName(String name) {
      Objects.requireNonNull(name, "name");
      if (name.isEmpty()) {
        throw new IllegalArgumentException("name: empty (expected: an HTTP token)");
      }
      for (int i = 0; i < name.length(); i++) {
        if (!isTokenChar(name.charAt(i))) {
          throw new IllegalArgumentException("name: '" + name + "' (expected: an HTTP token)");
        }
      }
      return name;
    }

    private static boolean isTokenChar(char c) {
      return (c >= 'a' && c <= 'z')
          || (c >= 'A' && c <= 'Z')
          || (c >= '0' && c <= '9')
          || "!#$%&'*+-.^_`|~".indexOf(c) >= 0;
    }

    private static String checkValue(String name, String value) {
      Objects.requireNonNull(value, name);
      for (int i = 0; i < value.length(); i++) {
        char c = value.charAt(i);
        if (c == '\r' || c == '\n' || c == 0) {
          throw new IllegalArgumentException(
              "value of " + name + ": control character at " + i + " (expected: no CR, LF, NUL)");
        }
      }
      return value;
    }
  }
}
