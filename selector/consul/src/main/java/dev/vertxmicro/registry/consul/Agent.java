// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.registry.consul;

import io.vertx.core.Future;
import io.vertx.core.json.JsonObject;
import java.util.Collection;
import java.util.List;
import java.util.Set;

/**
 * What this registry asks of Consul's agents. Called on the home of the registry, where the futures
 * complete. They fail with {@link dev.vertxmicro.errors.RpcException}: 503 if no agent can be
 * reached or the one that is reached cannot answer, 403 if the token may not.
 *
 * <p>Implemented by {@link HttpAgent}; tests of what stands on it script it.
 */
interface Agent {

  /** A blocking query under way. */
  interface Query {
    /** Completes with what Consul knows, when that has changed or the wait is over. */
    Future<Health> answer();

    /** Ends the query; nobody hears of it any more. */
    void cancel();
  }

  /** Asks for the nodes of a service. */
  Future<Health> health(String service);

  /**
   * Asks for the nodes of a service as soon as their index exceeds {@code index}; 0 for at once. At
   * once, too, where the agent may have been another when it gave that index: over a new
   * connection.
   */
  Query health(String service, long index);

  /** Asks for the names of all services. */
  Future<List<String>> services();

  /**
   * Asks for the servers of the cluster, each with the raft index at which it joined: what of these
   * is the same in two answers shows that the state between was not lost. Empty if the token may
   * not know.
   */
  Future<Set<String>> servers();

  /**
   * Asks whether our token may read a service on these machines (Consul's "nodes"). Where Consul
   * has no ACL everybody may. Fails if Consul does not say.
   */
  Future<Boolean> mayRead(String service, Collection<String> machines);

  /** Registers one node as {@link Definition} describes it, and returns which agent has it now. */
  Future<String> register(JsonObject definition);

  /** Gives a sign of life for a node with a TTL; fails if the agent does not know it. */
  Future<Void> pass(String id);

  /** Asks whether the agent knows a node. */
  Future<Boolean> knows(String id);

  /**
   * Deregisters a node; that it is unknown is no failure.
   *
   * @param agent what {@link #register} returned
   */
  Future<Void> deregister(String agent, String id);

  /** Ends what is under way and closes the connections. */
  void close();
}
