// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.samples.stubs;

import dev.vertxmicro.errors.GrpcStatus;
import dev.vertxmicro.errors.RpcError;
import dev.vertxmicro.errors.RpcException;
import dev.vertxmicro.runtime.server.ServerCall;
import dev.vertxmicro.runtime.server.ServerStream;
import dev.vertxmicro.samples.stubs.Warehouse.Article;
import dev.vertxmicro.samples.stubs.Warehouse.Goods;
import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.Promise;
import java.util.Map;
import java.util.TreeMap;

// tag::service[]
/** Serves a warehouse from memory, on one event loop, so that nothing here needs a lock. */
public class Shelves implements WarehouseService {

  private final TreeMap<String, Integer> counts = new TreeMap<>();

  /** Makes a warehouse with nothing in it. */
  public Shelves() {}

  @Override
  public Future<Goods> count(Article article, ServerCall call) {
    Integer count = counts.get(article.name());
    return count == null
        ? Future.failedFuture(unknown(article))
        : Future.succeededFuture(new Goods(article.name(), count));
  }

  @Override
  public Future<?> list(Article from, ServerStream<Article, Goods> replies) {
    Future<Void> written = Future.succeededFuture();
    for (Map.Entry<String, Integer> one : counts.tailMap(from.name()).entrySet()) {
      Goods goods = new Goods(one.getKey(), one.getValue());
      written = written.compose(taken -> replies.write(goods));
    }
    return written;
  }

  @Override
  public Future<?> store(ServerStream<Goods, Goods> stream) {
    return read(stream, goods -> stream.write(add(goods)));
  }

  @Override
  public Future<?> storeAll(ServerStream<Goods, Goods> stream) {
    int[] stored = new int[1];
    return read(
            stream,
            goods -> {
              add(goods);
              stored[0] += goods.count();
            })
        .compose(all -> stream.write(new Goods("all", stored[0])));
  }

  @Override
  public Future<Void> discard(Goods goods, ServerCall call) {
    counts.computeIfPresent(goods.article(), (article, count) -> count - goods.count());
    return Future.succeededFuture();
  }

  private Goods add(Goods goods) {
    return new Goods(goods.article(), counts.merge(goods.article(), goods.count(), Integer::sum));
  }

  private static Future<Void> read(ServerStream<Goods, Goods> stream, Handler<Goods> handler) {
    Promise<Void> end = Promise.promise();
    stream.handler(handler).exceptionHandler(end::tryFail).endHandler(end::tryComplete).resume();
    return end.future();
  }

  private static RpcException unknown(Article article) {
    String detail = "no article " + article.name();
    return RpcException.of(RpcError.of("warehouse", 404, detail), GrpcStatus.NOT_FOUND).build();
  }
}
// end::service[]
