// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.crawler;

import dev.vertxmicro.crawler.wire.Request;
import dev.vertxmicro.crawler.wire.Response;
import dev.vertxmicro.runtime.CallOption;
import dev.vertxmicro.runtime.stub.RpcService;
import io.vertx.core.Future;

/** What every worker answers. */
@RpcService(Greeter.SERVICE)
interface Greeter {

  /** The name of the service in the registry. */
  String SERVICE = "go.micro.server.worker";

  /** Answers with a greeting. */
  Future<Response> hello(Request request, CallOption... options);
}
