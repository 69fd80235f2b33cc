// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.benchmarks;

import dev.vertxmicro.runtime.CallOption;
import dev.vertxmicro.runtime.stub.RpcMethod;
import dev.vertxmicro.runtime.stub.RpcService;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;

/** What {@link StubBenchmark} calls through its stub. */
@RpcService(value = "echo", handler = "Echo")
interface EchoService {

  /** With nothing but what the client has as defaults. */
  Future<Buffer> echo(Buffer payload, CallOption... options);

  /** With defaults of its own. */
  @RpcMethod(idempotent = true, timeout = "2s", retries = 3)
  Future<Buffer> safely(Buffer payload, CallOption... options);
}
