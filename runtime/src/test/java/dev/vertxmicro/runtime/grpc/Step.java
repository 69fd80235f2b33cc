// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.grpc;

import java.util.List;
import java.util.function.Consumer;
import java.util.function.Predicate;

/**
 * One line of a script: something the server does, or waits for, on one stream or (stream 0) on the
 * connection.
 *
 * <p>Immutable, so that one step can stand in many scripts. The ready-made ones are in {@link
 * Steps} and {@link GrpcSteps}. Played by {@link Playback} on the server's event loop.
 */
sealed interface Step {
  /** Does something at once; DATA that earlier steps sent has gone out before. */
  record Act(String name, Consumer<ScriptedStream> act) implements Step {}

  /** Holds the rest of the script until the condition is true; asked again after every event. */
  record Until(String name, Predicate<ScriptedStream> condition) implements Step {}

  /** Several steps under one name. */
  record All(List<Step> steps) implements Step {}

  static Step all(Step... steps) {
    return new All(List.of(steps));
  }
}
