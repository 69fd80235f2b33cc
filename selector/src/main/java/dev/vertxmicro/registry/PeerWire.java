// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.registry;

import io.vertx.core.Future;
import java.time.Duration;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * What the processes of a {@link PeerRegistry} hear each other on. For registries that are built on
 * this.
 *
 * <p>Every method is called at the {@link Home} of the registry, and the listener must be, too.
 */
public interface PeerWire {

  /** Who hears what comes. */
  interface Listener {

    /**
     * Tells of nodes that live: announced, or the answer to a question.
     *
     * @param ttl how long they count as alive without a further sign
     */
    void seen(Service service, Duration ttl);

    /** Tells of nodes that leave; without nodes the whole version. */
    void gone(Service service);

    /** Tells of a service whose nodes are not told, in answer to a question for all names. */
    void named(String service);

    /** Tells that nobody is there to answer a question: it ends at once. */
    void nobody(long question);

    /**
     * Asks for what this process has registered.
     *
     * @param service the name, or null for all
     * @param reply takes each service with its nodes
     */
    void asked(@Nullable String service, Consumer<Service> reply);

    /** Tells that nothing comes or goes for now. */
    void lost();

    /** Tells that it does again; what others said meanwhile was missed. */
    void back();
  }

  /**
   * Opens the wire, unless that is done or under way. Fails with code 503 if that cannot be; then
   * it may be tried again.
   */
  Future<Void> open(Listener listener);

  /** Tells whether the wire carries now. */
  boolean isOpen();

  /**
   * Says what is to be heard besides answers, from now on and over losses.
   *
   * @param questions those of others
   * @param announcements those of others
   */
  void hear(boolean questions, boolean announcements);

  /**
   * Asks all.
   *
   * @param question a number for {@link Listener#nobody}
   * @param service the name of a service, or null for the names of all
   * @throws dev.vertxmicro.errors.RpcException if it cannot be sent
   */
  void ask(long question, @Nullable String service);

  /**
   * Tells all that nodes live.
   *
   * @throws dev.vertxmicro.errors.RpcException if it cannot be sent
   */
  void announce(Service service);

  /**
   * Tells all that nodes leave.
   *
   * @throws dev.vertxmicro.errors.RpcException if it cannot be sent
   */
  void withdraw(Service service);

  /** Completes when what was sent and heard before has taken effect. */
  Future<Void> confirm();

  /** Closes the wire for good. Never fails. */
  Future<Void> close();
}
