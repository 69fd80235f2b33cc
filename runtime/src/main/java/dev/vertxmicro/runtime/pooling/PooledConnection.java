// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.pooling;

/** A connection of an {@link ExclusivePool}. Belongs to its event loop. */
public interface PooledConnection {

  /** Tells whether it can carry another exchange. */
  boolean isOpen();

  /** Tells whether it is too old for another exchange; a bound of 0 means none. */
  boolean isAged(long now, long ttlNanos);

  /** Tells whether nobody has used it for so long. */
  boolean isUnusedFor(long nanos, long now);

  /** Tells whether its place has been given back, so that it closes after its exchange. */
  boolean isSurplus();

  /** Says that its place has been given back. */
  void makeSurplus();

  /** Says that it has a place again. */
  void makeCounted();

  /** Closes a connection that nobody uses. */
  void close();

  /** Ends what runs on it, and closes it. */
  void abort();
}
