// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.registry.nats;

import io.vertx.core.Future;
import org.jspecify.annotations.Nullable;

/** What the registry needs of NATS; tests have one in memory. Used at the home of the registry. */
interface Bus {

  /** Who is told. */
  interface Listener {

    void received(String subject, @Nullable String reply, byte[] payload);

    /** Nobody has subscribed to the subject of a publish with this reply. */
    void nobody(String reply);

    void lost();

    void back();
  }

  /** Connects unless that is done; fails with code 503. */
  Future<Void> open(Listener listener);

  boolean isOpen();

  /** Subscribes, for all connections to come. */
  void subscribe(String subject);

  void unsubscribe(String subject);

  /**
   * Sends.
   *
   * @throws dev.vertxmicro.errors.RpcException if it cannot be sent
   */
  void publish(String subject, @Nullable String reply, byte[] payload);

  Future<Void> close();
}
