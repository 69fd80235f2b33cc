// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.samples.embedding;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.vertxmicro.runtime.CallOption;
import dev.vertxmicro.runtime.ForwardingRpcClient;
import dev.vertxmicro.runtime.Request;
import dev.vertxmicro.runtime.RpcCall;
import dev.vertxmicro.runtime.RpcClient;
import dev.vertxmicro.samples.stubs.Warehouse;
import dev.vertxmicro.samples.stubs.Warehouse.Article;
import dev.vertxmicro.samples.stubs.Warehouse.Goods;
import dev.vertxmicro.samples.stubs.WarehouseStub;
import io.reactivex.rxjava3.core.Single;
import io.smallrye.mutiny.Uni;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What RxJava 3 and Mutiny users write around a stub, and around a call that they may cancel. */
class BridgesTest {

  private static final Request<Article, Goods> COUNT =
      Request.of("warehouse", "Warehouse.Count", new Article("tea"), Goods.class);

  private final List<String> asked = new ArrayList<>();
  private final Promise<Goods> reply = Promise.promise();

  private final RpcClient client =
      new ForwardingRpcClient() {
        @Override
        protected RpcClient delegate() {
          throw new IllegalStateException("only calls are made");
        }

        @Override
        @SuppressWarnings("unchecked")
        public <Q, R> RpcCall<R> start(Request<Q, R> request, CallOption... options) {
          asked.add("start");
          return (RpcCall<R>) new Call();
        }
      };

  private final class Call implements RpcCall<Goods> {
    @Override
    public Future<Goods> reply() {
      return reply.future();
    }

    @Override
    public Future<dev.vertxmicro.runtime.Reply<Goods>> response() {
      throw new IllegalStateException("only the reply is wanted");
    }

    @Override
    public void cancel(String reason) {
      asked.add("cancel: " + reason);
      reply.tryFail(reason);
    }
  }

  private final Warehouse warehouse = WarehouseStub.create(client);

  // tag::rxjava[]
  /** Each subscription is a call of its own. */
  Single<Goods> single(Article article) {
    return Single.defer(
        () -> Single.fromCompletionStage(warehouse.count(article).toCompletionStage()));
  }

  /** The same, and to dispose of it cancels the call. */
  static <R> Single<R> single(RpcClient client, Request<?, R> request) {
    return Single.create(
        emitter -> {
          RpcCall<R> call = client.start(request);
          emitter.setCancellable(() -> call.cancel("disposed"));
          call.reply().onComplete(emitter::onSuccess, emitter::tryOnError);
        });
  }

  // end::rxjava[]

  // tag::mutiny[]
  /** Each subscription is a call of its own. */
  Uni<Goods> uni(Article article) {
    return Uni.createFrom().completionStage(() -> warehouse.count(article).toCompletionStage());
  }

  /** The same, and to cancel it cancels the call. */
  static <R> Uni<R> uni(RpcClient client, Request<?, R> request) {
    return Uni.createFrom()
        .emitter(
            emitter -> {
              RpcCall<R> call = client.start(request);
              emitter.onTermination(() -> call.cancel("cancelled"));
              call.reply().onComplete(emitter::complete, emitter::fail);
            });
  }

  // end::mutiny[]

  @Test
  void aSingleIsACallForEachSubscription() {
    Single<Goods> single = single(new Article("tea"));
    assertEquals(List.of(), asked);

    var first = single.test();
    var second = single.test();
    reply.complete(new Goods("tea", 7));

    first.assertValue(new Goods("tea", 7));
    second.assertValue(new Goods("tea", 7));
    assertEquals(List.of("start", "start"), asked);
  }

  @Test
  void aSingleThatIsDisposedOfCancelsItsCall() {
    single(client, COUNT).test().dispose();

    assertEquals(List.of("start", "cancel: disposed"), asked);
  }

  @Test
  void aUniIsACallForEachSubscription() {
    Uni<Goods> uni = uni(new Article("tea"));
    assertEquals(List.of(), asked);
    List<Goods> got = new ArrayList<>();

    uni.subscribe().with(got::add);
    uni.subscribe().with(got::add);
    reply.complete(new Goods("tea", 7));

    assertEquals(List.of(new Goods("tea", 7), new Goods("tea", 7)), got);
    assertEquals(List.of("start", "start"), asked);
  }

  @Test
  void aUniThatIsCancelledCancelsItsCall() {
    uni(client, COUNT).subscribe().with(goods -> asked.add("got " + goods)).cancel();

    assertEquals(List.of("start", "cancel: cancelled"), asked);
  }
}
