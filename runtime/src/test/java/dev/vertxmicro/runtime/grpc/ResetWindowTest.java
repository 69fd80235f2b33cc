// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.grpc;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class ResetWindowTest {

  private static final long SECOND = Duration.ofSeconds(1).toNanos();

  private final ResetWindow window = new ResetWindow();

  @Test
  void isFullAtItsBound() {
    for (int i = 1; i < ResetWindow.MOST; i++) {
      assertFalse(window.add(i), "reset " + i);
    }

    assertTrue(window.add(ResetWindow.MOST));
    assertTrue(window.add(ResetWindow.MOST + 1));
  }

  @Test
  void forgetsAfterThirtyQuietSecondsOnly() {
    long now = -5 * SECOND;
    for (int i = 1; i < ResetWindow.MOST; i++) {
      assertFalse(window.add(now));
    }

    assertFalse(window.add(now + 30 * SECOND));
    for (int i = 2; i < ResetWindow.MOST; i++) {
      now += 29 * SECOND;
      window.add(now);
    }
    assertTrue(window.add(now + 29 * SECOND));
  }
}
