// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.registry.mdns;

import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;

/** A group of multicast; tests have one in memory. Used at the home of the registry. */
interface Multicast {

  /** Takes what comes. */
  @FunctionalInterface
  interface Receiver {

    /**
     * A datagram has come.
     *
     * @param host who sent it
     * @param port from where
     */
    void received(Buffer datagram, String host, int port);
  }

  /** Joins the group, unless that is done; fails with code 503. */
  Future<Void> open(Receiver receiver);

  boolean isOpen();

  /** Sends to the group what wants no answer. */
  Future<Void> tellAll(Buffer datagram);

  /** Sends to the group from where answers come to us and nobody else on this machine. */
  Future<Void> ask(Buffer datagram);

  /** Answers one. */
  Future<Void> answer(Buffer datagram, String host, int port);

  Future<Void> close();
}
