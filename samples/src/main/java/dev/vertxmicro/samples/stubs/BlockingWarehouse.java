// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.samples.stubs;

import dev.vertxmicro.runtime.CallOption;
import dev.vertxmicro.runtime.stub.RpcMethod;
import dev.vertxmicro.runtime.stub.RpcPublish;
import dev.vertxmicro.runtime.stub.RpcService;
import dev.vertxmicro.samples.stubs.Warehouse.Article;
import dev.vertxmicro.samples.stubs.Warehouse.Goods;

// tag::blocking[]
/** The same for callers on virtual threads, who wait for what the methods return. */
@RpcService(value = "warehouse", handler = "Warehouse")
public interface BlockingWarehouse {

  /** Throws what the call fails with. */
  @RpcMethod(idempotent = true, timeout = "2s", retries = 3)
  Goods count(Article article, CallOption... options);

  /** Returns once the request has been written. */
  @RpcMethod(oneWay = true)
  void discard(Goods goods);

  /** Returns once the broker has the event. */
  @RpcPublish("warehouse.sold-out")
  void soldOut(Article article);
}
// end::blocking[]
