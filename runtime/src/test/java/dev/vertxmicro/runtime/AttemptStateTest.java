// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime;

import static dev.vertxmicro.runtime.AttemptState.CANCELLED;
import static dev.vertxmicro.runtime.AttemptState.FAILED;
import static dev.vertxmicro.runtime.AttemptState.NEW;
import static dev.vertxmicro.runtime.AttemptState.OPEN;
import static dev.vertxmicro.runtime.AttemptState.PICKED;
import static dev.vertxmicro.runtime.AttemptState.SENT;
import static dev.vertxmicro.runtime.AttemptState.SUCCEEDED;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.Arrays;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

class AttemptStateTest {

  private static final Map<AttemptState, Set<AttemptState>> DRAWN =
      new EnumMap<>(
          Map.of(
              NEW, EnumSet.of(PICKED, FAILED, CANCELLED),
              PICKED, EnumSet.of(SENT, SUCCEEDED, FAILED, CANCELLED),
              SENT, EnumSet.of(OPEN, SUCCEEDED, FAILED, CANCELLED),
              OPEN, EnumSet.of(SUCCEEDED, FAILED, CANCELLED),
              SUCCEEDED, EnumSet.noneOf(AttemptState.class),
              FAILED, EnumSet.noneOf(AttemptState.class),
              CANCELLED, EnumSet.noneOf(AttemptState.class)));

  static Stream<Arguments> pairs() {
    return Arrays.stream(AttemptState.values())
        .flatMap(from -> Arrays.stream(AttemptState.values()).map(to -> Arguments.of(from, to)));
  }

  @ParameterizedTest
  @MethodSource("pairs")
  void allowsWhatIsDrawnAndNothingElse(AttemptState from, AttemptState to) {
    if (DRAWN.get(from).contains(to)) {
      assertEquals(to, from.to(to));
    } else {
      var refused = assertThrows(IllegalStateException.class, () -> from.to(to));
      assertEquals(from + " -> " + to, refused.getMessage());
    }
  }

  @ParameterizedTest
  @EnumSource
  void isTerminalWhereNothingFollows(AttemptState state) {
    assertEquals(DRAWN.get(state).isEmpty(), state.isTerminal());
  }
}
