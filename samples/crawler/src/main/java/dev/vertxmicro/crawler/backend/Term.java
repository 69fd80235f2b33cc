// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.crawler.backend;

import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;

/**
 * The time for which one master leads, and the right to write that goes with it. Each write is one
 * transaction with the condition that the election is still won (a fence): a master that was
 * replaced while it slept writes nothing.
 *
 * <p>A write fails with ABORTED if the term is over, and then has not happened; of any other
 * failure it is not known whether it has.
 */
public interface Term {

  /** Returns a number that is higher for each later term. */
  long number();

  /** Writes a resource, in place of what has its name. */
  Future<Void> put(String name, Buffer value);

  /** Deletes a resource; that it is not there is no failure. */
  Future<Void> delete(String name);
}
