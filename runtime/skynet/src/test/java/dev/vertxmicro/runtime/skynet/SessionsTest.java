// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.skynet;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Set;
import org.junit.jupiter.api.Test;

class SessionsTest {

  @Test
  void countsFromOne() {
    Sessions sessions = new Sessions(0);

    assertEquals(1, sessions.next(taken -> false));
    assertEquals(2, sessions.next(taken -> false));
  }

  @Test
  void beginsAgainWithoutZeroAndLeavesOutWhatIsStillAwaited() {
    Sessions sessions = new Sessions(Integer.MAX_VALUE - 2);
    Set<Integer> awaited = Set.of(Integer.MAX_VALUE, 1, 2);

    assertEquals(Integer.MAX_VALUE - 1, sessions.next(awaited::contains));
    assertEquals(3, sessions.next(awaited::contains));
    assertEquals(4, sessions.next(awaited::contains));
  }
}
