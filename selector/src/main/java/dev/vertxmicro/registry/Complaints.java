// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.registry;

import dev.vertxmicro.time.TimeSource;
import java.lang.System.Logger.Level;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Tells a person, once, of each thing that a registry holds and that cannot be used. A malformed
 * entry is met again at every refresh; without this the log would fill with it.
 *
 * <p>Each complaint is a WARNING with where and what. Up to {@value #MOST} are remembered; what
 * exceeds that is not logged, which is said once, and an hour later all is forgotten and may be
 * said again. What comes from outside is cut at {@value #LONGEST} characters, its control
 * characters replaced. May be used from any thread.
 */
public final class Complaints {

  /** How many complaints are remembered. */
  public static final int MOST = 1_000;

  private static final int LONGEST = 300;
  private static final long MEMORY_NANOS = 3_600_000_000_000L;

  private final System.Logger log;
  private final TimeSource time;
  private final Set<String> made = ConcurrentHashMap.newKeySet();
  private volatile long since;

  /**
   * Makes a memory without complaints.
   *
   * @param log where they are written
   * @param time the clock that ends the memory
   */
  public Complaints(System.Logger log, TimeSource time) {
    this.log = Objects.requireNonNull(log, "log");
    this.time = Objects.requireNonNull(time, "time");
    this.since = time.nanoTime();
  }

  /**
   * Complains unless it was said before.
   *
   * @param where what is at fault, for a person to find it: a key, a file, a service and its node
   * @param what what is wrong, and what becomes of it; never a credential
   */
  public void about(String where, String what) {
    String complaint = plain(where) + ": " + plain(what);
    if (made.contains(complaint)) {
      return;
    }
    if (made.size() >= MOST) {
      long now = time.nanoTime();
      if (now - since < MEMORY_NANOS) {
        return;
      }
      made.clear();
    }
    if (made.isEmpty()) {
      since = time.nanoTime();
    }
    if (made.add(complaint)) {
      log.log(Level.WARNING, complaint);
      if (made.size() == MOST) {
        log.log(Level.WARNING, "further complaints are not logged for up to an hour");
      }
    }
  }

  private static String plain(String text) {
    String cut = text.length() > LONGEST ? text.substring(0, LONGEST) + "..." : text;
    StringBuilder plain = null;
    for (int i = 0; i < cut.length(); i++) {
      if (Character.isISOControl(cut.charAt(i))) {
        plain = plain == null ? new StringBuilder(cut) : plain;
        plain.setCharAt(i, '?');
      }
    }
    return plain == null ? cut : plain.toString();
  }
}
