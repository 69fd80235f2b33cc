// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.samples.stubs;

import dev.vertxmicro.runtime.CallOption;
import dev.vertxmicro.runtime.RpcClient;
import dev.vertxmicro.runtime.RpcStream;
import dev.vertxmicro.samples.stubs.Warehouse.Article;
import dev.vertxmicro.samples.stubs.Warehouse.Goods;
import io.vertx.core.Future;
import java.time.Duration;
import java.util.List;
import java.util.stream.Collectors;

/** Calls a warehouse through its stub, in each way that there is. */
public final class Storekeeper {

  private final Warehouse warehouse;

  /** Makes one who calls through {@code client}. */
  public Storekeeper(RpcClient client) {
    warehouse = WarehouseStub.create(client);
  }

  // tag::calls[]
  Future<Integer> count(String article) {
    return warehouse
        .count(new Article(article), CallOption.timeout(Duration.ofMillis(500)))
        .map(Goods::count);
  }

  Future<List<Goods>> list() {
    return warehouse.list(new Article("")).compose(Storekeeper::replies);
  }

  Future<List<Goods>> store(List<Goods> goods) {
    return warehouse.store().compose(stream -> exchange(stream, goods));
  }

  Future<Goods> storeAll(List<Goods> goods) {
    return warehouse
        .storeAll()
        .compose(stream -> exchange(stream, goods))
        .map(replies -> replies.get(0));
  }

  private static Future<List<Goods>> exchange(
      RpcStream<Goods, Goods> stream, List<Goods> requests) {
    requests.forEach(stream::write); // More than a few wait for writeQueueFull and drainHandler.
    stream.end();
    return replies(stream);
  }

  private static <R> Future<List<R>> replies(RpcStream<?, R> stream) {
    Future<List<R>> all = stream.collect(Collectors.toList());
    stream.resume();
    return all;
  }

  // end::calls[]

  Future<Void> discard(Goods goods) {
    return warehouse.discard(goods);
  }

  Future<Void> soldOut(String article) {
    return warehouse.soldOut(new Article(article));
  }
}
