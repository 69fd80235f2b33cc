// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.crawler.backend;

import dev.vertxmicro.registry.Registry;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import java.util.Map;
import java.util.function.Consumer;

/**
 * What one process of the crawler shares with the others: where services register, who is elected,
 * and the resources that the elected master writes.
 *
 * <p>Made on the Vert.x context of a verticle, used there only, and calls back there. Futures fail
 * with {@link dev.vertxmicro.errors.RpcException} only, and within seconds.
 */
public interface Backend {

  /** Returns where masters and workers register and find each other. */
  Registry registry();

  /**
   * Takes part in the election until the candidacy is closed, whatever becomes of the connection: a
   * session that is lost is replaced by another.
   *
   * @param master what the others learn of this one if it wins
   * @param listener told when the leader changes, never twice the same in a row
   */
  Candidacy campaign(String master, Consumer<Leadership> listener);

  /** Reads all resources, by name. What was written before under any term is seen. */
  Future<Map<String, Buffer>> resources();

  /**
   * Reports all resources that are there, then what changes, without a gap between, until it is
   * closed. Resumes by itself.
   *
   * @return ends the reports; may be run twice
   */
  Runnable watchResources(ResourceListener listener);

  /** Resigns, deregisters and closes what was opened through this. May be called twice. */
  Future<Void> close();

  /**
   * Falls silent as a process does that is killed: nothing is resigned from, and the others notice
   * at the end of the session. For demonstrations and tests.
   */
  void abandon();
}
