// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.websocket.cluster;

import dev.vertxmicro.runtime.CallOption;
import dev.vertxmicro.runtime.RpcStream;
import dev.vertxmicro.runtime.stub.RpcMethod;
import dev.vertxmicro.runtime.stub.RpcService;
import io.vertx.core.Future;
import java.util.List;

/**
 * A cluster that starts programs, watches over them and keeps their output. Each program that it
 * has started is an instance.
 *
 * <pre>{@code
 * ClusterRequester cluster = ClusterRequesterStub.create(client);
 * cluster.run(new Run("hello", "/bin/echo", List.of("hello")))
 *     .compose(started -> cluster.journal(new JournalQuery(started.instanceId(), 0)))
 *     .onSuccess(journal -> System.out.print(journal.journal()));
 * }</pre>
 *
 * <p>What changes something ({@link #run}, {@link #rm}, {@link #kill}) is never sent again once it
 * was written, whatever the client's retries: a failure with UNKNOWN then says that it may have
 * happened. What the cluster refuses fails with its words, code 500, YES.
 *
 * <p>Arguments of programs may hold secrets; the values here leave them out of their {@code
 * toString}.
 */
@RpcService("cluster")
public interface ClusterRequester {

  /** Starts a program; completes when it runs. */
  @RpcMethod("Cluster.run")
  Future<Started> run(Run program, CallOption... options);

  /** Returns all instances, also those that have finished and were not removed. */
  @RpcMethod(value = "Cluster.list", idempotent = true)
  Future<Instances> list(ListQuery everything, CallOption... options);

  /** Returns all instances, as {@link #list(ListQuery, CallOption...)}. */
  default Future<List<Instance>> list() {
    return list(new ListQuery()).map(Instances::instances);
  }

  /** Removes an instance with its journal; one that runs is the cluster's to refuse or to end. */
  @RpcMethod("Cluster.rm")
  Future<Done> rm(InstanceRef instance, CallOption... options);

  /** Returns what has become of an instance. */
  @RpcMethod(value = "Cluster.status", idempotent = true)
  Future<Status> status(InstanceRef instance, CallOption... options);

  /** Returns the last lines of what an instance has written. */
  @RpcMethod(value = "Cluster.journal", idempotent = true)
  Future<Journal> journal(JournalQuery query, CallOption... options);

  /** Ends the program of an instance; the instance stays, finished. */
  @RpcMethod("Cluster.kill_instance")
  Future<Done> kill(InstanceRef instance, CallOption... options);

  /**
   * Follows what an instance writes from now on. Streams of the same instance by one client share
   * one stream of the cluster. It does not end with the program, see {@link #status}: cancel it.
   */
  @RpcMethod("Cluster.start_stream")
  Future<RpcStream<InstanceRef, Output>> follow(InstanceRef instance, CallOption... options);
}
