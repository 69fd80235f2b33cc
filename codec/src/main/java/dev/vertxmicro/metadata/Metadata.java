// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.metadata;

import java.io.Serializable;
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
 * <p>Names are HTTP tokens (RFC 9110 5.6.2). Values have no CR, LF or NUL; what else a wire does
 * not carry is for its transport to say. The value of a name that ends with {@code -bin} is Base64,
 * see {@link #getBinary}. Look-ups are linear: metadata has tens of entries, not thousands.
 */
public final class Metadata implements Iterable<Map.Entry<String, String>>, Serializable {

  private static final long serialVersionUID = 1;

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
    Builder builder = new Builder(namesAndValues.length);
    for (int i = 0; i < namesAndValues.length; i += 2) {
      builder.add(namesAndValues[i], namesAndValues[i + 1]);
    }
    return builder.build();
  }

  /**
   * Returns metadata with the entries of {@code map} in its order.
   *
   * @throws IllegalArgumentException for an illegal name or value
   */
  public static Metadata of(Map<String, String> map) {
    Builder builder = new Builder(map.size() * 2);
    map.forEach(builder::add);
    return builder.build();
  }

  /** Returns a new builder. */
  public static Builder builder() {
    return new Builder(16);
  }

  /** Returns the first value of {@code name}, or null. */
  public @Nullable String get(String name) {
    int at = find(pairs, pairs.length, name);
    return at < 0 ? null : pairs[at + 1];
  }

  /** Returns the first value of {@code name}, or {@code otherwise}. */
  public String get(String name, String otherwise) {
    int at = find(pairs, pairs.length, name);
    return at < 0 ? otherwise : pairs[at + 1];
  }

  /** Returns all values of {@code name} in order. */
  public List<String> getAll(String name) {
    List<String> values = new ArrayList<>(2);
    for (int i = 0; i < pairs.length; i += 2) {
      if (pairs[i].equalsIgnoreCase(name)) {
        values.add(pairs[i + 1]);
      }
    }
    return List.copyOf(values);
  }

  /**
   * Returns the bytes of the first {@code -bin} entry, or null if there is none. Base64 is read
   * with and without padding. Of several values that a proxy has joined by commas, as gRPC allows,
   * it is the first.
   *
   * @throws IllegalArgumentException if {@code name} does not end with {@code -bin} or the value is
   *     not Base64
   */
  public byte @Nullable [] getBinary(String name) {
    checkBinary(name);
    String value = get(name);
    if (value == null) {
      return null;
    }
    int comma = value.indexOf(',');
    try {
      return Base64.getDecoder().decode((comma < 0 ? value : value.substring(0, comma)).strip());
    } catch (IllegalArgumentException malformed) {
      throw new IllegalArgumentException(
          name + ": " + value.length() + " characters (expected: Base64)", malformed);
    }
  }

  /** Tells whether there is an entry of {@code name}. */
  public boolean contains(String name) {
    return find(pairs, pairs.length, name) >= 0;
  }

  /** Returns the distinct names, sorted and compared without case. */
  public Set<String> names() {
    Set<String> names = new TreeSet<>(String.CASE_INSENSITIVE_ORDER);
    for (int i = 0; i < pairs.length; i += 2) {
      names.add(pairs[i]);
    }
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

  /**
   * Returns this metadata with {@code value} as the only value of {@code name}, at the end.
   *
   * @throws IllegalArgumentException for an illegal name or value
   */
  public Metadata with(String name, String value) {
    return toBuilder(1).set(name, value).build();
  }

  /**
   * Returns this metadata with one more entry.
   *
   * @throws IllegalArgumentException for an illegal name or value
   */
  public Metadata plus(String name, String value) {
    return toBuilder(1).add(name, value).build();
  }

  /** Returns this metadata without the entries of {@code name}. */
  public Metadata without(String name) {
    return contains(name) ? toBuilder(0).remove(name).build() : this;
  }

  /**
   * Returns the entries of {@code base} whose names are not among ours, then ours. Copies two
   * arrays, or nothing if either side is empty.
   */
  public Metadata mergedOver(Metadata base) {
    if (base.isEmpty()) {
      return this;
    }
    if (isEmpty()) {
      return base;
    }
    String[] merged = new String[base.pairs.length + pairs.length];
    int length = 0;
    for (int i = 0; i < base.pairs.length; i += 2) {
      if (!contains(base.pairs[i])) {
        merged[length++] = base.pairs[i];
        merged[length++] = base.pairs[i + 1];
      }
    }
    System.arraycopy(pairs, 0, merged, length, pairs.length);
    length += pairs.length;
    return new Metadata(length == merged.length ? merged : Arrays.copyOf(merged, length));
  }

  /** Returns a builder that starts with these entries. */
  public Builder toBuilder() {
    return toBuilder(4);
  }

  private Builder toBuilder(int roomForEntries) {
    Builder builder = new Builder(pairs.length + 2 * roomForEntries);
    System.arraycopy(pairs, 0, builder.pairs, 0, pairs.length);
    builder.length = pairs.length;
    return builder;
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

  private static int find(String[] pairs, int length, String name) {
    for (int i = 0; i < length; i += 2) {
      if (name.equalsIgnoreCase(pairs[i])) {
        return i;
      }
    }
    return -1;
  }

  private static void checkBinary(String name) {
    if (!name.regionMatches(true, name.length() - 4, "-bin", 0, 4)) {
      throw new IllegalArgumentException("name: " + name + " (expected: ends with -bin)");
    }
  }

  /** Collects entries. Not thread-safe; may build several times. */
  public static final class Builder {

    private static final boolean[] TOKEN = new boolean[128];

    static {
      for (char c = 0; c < TOKEN.length; c++) {
        boolean alphanumeric =
            (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
        TOKEN[c] = alphanumeric || "!#$%&'*+-.^_`|~".indexOf(c) >= 0;
      }
    }

    /** What {@link Metadata} keeps, and room for more. */
    private String[] pairs;

    private int length;

    private Builder(int room) {
      this.pairs = new String[room];
    }

    /**
     * Adds an entry.
     *
     * @throws IllegalArgumentException if {@code name} is not an HTTP token or {@code value} has a
     *     CR, LF or NUL
     */
    public Builder add(String name, String value) {
      check(name, value);
      append(name, value);
      return this;
    }

    private static void check(String name, String value) {
      Objects.requireNonNull(name, "name");
      Objects.requireNonNull(value, name);
      if (!isToken(name)) {
        throw new IllegalArgumentException("name: '" + name + "' (expected: an HTTP token)");
      }
      int at = illegalAt(value);
      if (at >= 0) {
        throw new IllegalArgumentException(
            "value of " + name + ": control character at " + at + " (expected: no CR, LF, NUL)");
      }
    }

    /**
     * Adds an entry that a peer sent, unless metadata cannot hold it: pseudo-headers of HTTP/2
     * ({@code :status}), names that are no tokens and values with CR, LF or NUL, which lenient HTTP
     * parsers let pass, are left out. Never throws on what a peer can send.
     *
     * @return whether the entry was added
     */
    public boolean addReceived(String name, String value) {
      if (!isToken(name) || illegalAt(value) >= 0) {
        return false;
      }
      append(name, value);
      return true;
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

    /** Adds the entries of {@code other} behind these. */
    public Builder addAll(Metadata other) {
      reserve(other.pairs.length);
      System.arraycopy(other.pairs, 0, pairs, length, other.pairs.length);
      length += other.pairs.length;
      return this;
    }

    /**
     * Replaces all entries of {@code name} by one at the end.
     *
     * @throws IllegalArgumentException as {@link #add} does; nothing is removed then
     */
    public Builder set(String name, String value) {
      check(name, value);
      remove(name).append(name, value);
      return this;
    }

    /** Removes all entries of {@code name}. */
    public Builder remove(String name) {
      int kept = 0;
      for (int i = 0; i < length; i += 2) {
        if (!pairs[i].equalsIgnoreCase(name)) {
          pairs[kept] = pairs[i];
          pairs[kept + 1] = pairs[i + 1];
          kept += 2;
        }
      }
      length = kept;
      return this;
    }

    /** Tells whether an entry of {@code name} was added. */
    public boolean contains(String name) {
      return find(pairs, length, name) >= 0;
    }

    /** Returns the metadata. */
    public Metadata build() {
      return length == 0 ? EMPTY : new Metadata(Arrays.copyOf(pairs, length));
    }

    private void append(String name, String value) {
      reserve(2);
      pairs[length++] = name;
      pairs[length++] = value;
    }

    private void reserve(int more) {
      if (length + more > pairs.length) {
        pairs = Arrays.copyOf(pairs, Math.max(length + more, pairs.length * 2));
      }
    }

    private static boolean isToken(String name) {
      for (int i = 0; i < name.length(); i++) {
        char c = name.charAt(i);
        if (c >= TOKEN.length || !TOKEN[c]) {
          return false;
        }
      }
      return !name.isEmpty();
    }

    private static int illegalAt(String value) {
      for (int i = 0; i < value.length(); i++) {
        char c = value.charAt(i);
        if (c == '\r' || c == '\n' || c == 0) {
          return i;
        }
      }
      return -1;
    }
  }
}
