// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.registry;

import io.vertx.core.Future;
import io.vertx.core.Handler;
import java.util.List;

/**
 * Knows which nodes run which service. Implemented by plug-ins, see {@link RegistryProvider}.
 *
 * <p>Every method may be called from any thread. Futures fail with {@link
 * dev.vertxmicro.errors.RpcException}, code 503 if the registry cannot be reached.
 */
public interface Registry {

  /**
   * Looks a service up.
   *
   * @return one {@link Service} per version; an empty list if the service is unknown. The list and
   *     what is in it never change. A registry that answers from memory returns the same list while
   *     nothing changes: readers compare by identity.
   */
  Future<List<Service>> get(String service);

  /** Returns the names of all services. */
  Future<List<String>> list();

  /**
   * Registers the nodes of a service and keeps them alive until the registration is closed.
   * Registering a node again replaces it.
   *
   * @throws IllegalArgumentException if the service has no node, or two with the same id
   */
  Future<Registration> register(Service service, RegisterOptions options);

  /**
   * Reports changes of one service until the watch is closed. A watch that loses its connection
   * resumes by itself.
   *
   * <p>A DELETE is believed by whoever hears it, so it must stand for nodes that left or expired: a
   * registry that lost its memory, or that no longer lets us read, has not deleted anything.
   *
   * @param handler called with one event at a time, in order, on the Vert.x context that opened the
   *     watch
   */
  Watch watch(String service, Handler<RegistryEvent> handler);

  /**
   * Tells whether {@link #get} of a known service is complete at once, without asking anybody. A
   * client asks at each call, and so puts a {@link CachingRegistry} before a registry that does
   * not. Default false.
   */
  default boolean answersFromMemory() {
    return false;
  }

  /** Ends watches and registrations and frees what the registry holds. May be called twice. */
  Future<Void> close();
}
