// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.crawler;

import com.google.protobuf.Empty;
import dev.vertxmicro.crawler.wire.NodeSpec;
import dev.vertxmicro.crawler.wire.ResourceSpec;
import dev.vertxmicro.runtime.CallOption;
import dev.vertxmicro.runtime.stub.RpcMethod;
import dev.vertxmicro.runtime.stub.RpcService;
import io.vertx.core.Future;

/** What users ask of masters, and followers of their leader. */
@RpcService(CrawlerMaster.SERVICE)
interface CrawlerMaster {

  /** The name of the service in the registry. */
  String SERVICE = "go.micro.server.master";

  /** Adds a resource; one that is there is answered with the worker that has it. */
  @RpcMethod(idempotent = true)
  Future<NodeSpec> addResource(ResourceSpec request, CallOption... options);

  /** Deletes a resource; NOT_FOUND if there is none of that name. */
  Future<Empty> deleteResource(ResourceSpec request, CallOption... options);
}
