// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.crawler.backend;

import io.vertx.core.Future;

/** The part that one master takes in the election. */
public interface Candidacy {

  /**
   * Resigns, so that another can win at once; the listener hears nothing more. May be called twice.
   *
   * @return completes also if nobody could be told: then the session ends with its TTL
   */
  Future<Void> close();
}
