// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.samples;

import io.vertx.core.Future;
import java.util.List;

/** One thing that the demo shows: what it claims, and the calls that prove it. */
interface Scene {

  /** Returns the claim, one line for a person. */
  String title();

  /**
   * Plays the scene on the context of the demo's verticle.
   *
   * @return fails, with what was expected and what was seen, if the claim does not hold
   */
  Future<Void> play(Stage stage);

  /** Returns the scenes of the demo in their order. */
  static List<Scene> all() {
    return List.of(
        new GreetingScene(),
        new KilledNodeScene(),
        new SlowNodeScene(),
        new DeadlineScene(),
        new PoolSizeScene(),
        new PublishScene());
  }
}
