// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.samples.stubs;

import dev.vertxmicro.runtime.CallOption;
import dev.vertxmicro.runtime.RpcStream;
import dev.vertxmicro.runtime.stub.RpcMethod;
import dev.vertxmicro.runtime.stub.RpcPublish;
import dev.vertxmicro.runtime.stub.RpcService;
import io.vertx.core.Future;

// tag::interface[]
/** What the service {@code warehouse} does. */
@RpcService("warehouse")
public interface Warehouse {

  /** Bodies are records, as JSON on the wire, or protobuf messages. */
  record Article(String name) {}

  /** So many of an article. */
  record Goods(String article, int count) {}

  /** A call. It may be made twice, so it is: on another node, where the first one fails. */
  @RpcMethod(idempotent = true, timeout = "2s", retries = 3)
  Future<Goods> count(Article article, CallOption... options);

  /** One request, many replies: all that is there, from that article on. */
  Future<RpcStream<Article, Goods>> list(Article from);

  /** Requests are written to the stream, and each is answered with what is there then. */
  @RpcMethod(idleTimeout = "1m")
  Future<RpcStream<Goods, Goods>> store(CallOption... options);

  /** The same in one go: the server replies once, after the last request. */
  Future<RpcStream<Goods, Goods>> storeAll();

  /** A request to which there is no reply. */
  @RpcMethod(oneWay = true)
  Future<Void> discard(Goods goods);

  /** An event, for whoever subscribes to the topic. */
  @RpcPublish("warehouse.sold-out")
  Future<Void> soldOut(Article article);
}
// end::interface[]
