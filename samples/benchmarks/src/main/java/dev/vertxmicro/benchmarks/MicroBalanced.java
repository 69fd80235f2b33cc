// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.benchmarks;

import dev.vertxmicro.errors.GrpcStatus;
import dev.vertxmicro.errors.Processed;
import dev.vertxmicro.errors.RpcException;
import dev.vertxmicro.registry.Node;
import dev.vertxmicro.registry.Service;
import dev.vertxmicro.selector.Outcome;
import dev.vertxmicro.selector.Pick;
import dev.vertxmicro.selector.SelectOptions;
import dev.vertxmicro.selector.Selector;
import dev.vertxmicro.selector.Strategy;
import dev.vertxmicro.time.TimeSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/** A selector of vertx-micro with all its defaults but the strategy. */
final class MicroBalanced implements Balanced {

  private static final String SERVICE = "simulated";
  private static final Outcome FAILED =
      Outcome.failed(
          RpcException.client(GrpcStatus.UNAVAILABLE, "down").processed(Processed.YES).build());

  private final Map<String, Integer> indices = new HashMap<>();
  private final Selector selector;

  MicroBalanced(Strategy strategy, List<String> ids, TimeSource time, long seed) {
    Service.Builder service = Service.builder(SERVICE);
    for (String id : ids) {
      indices.put(id, indices.size());
      service.node(Node.of(id, "127.0.0.1:1"));
    }
    ChangingRegistry registry = new ChangingRegistry();
    registry.publish(service.build());
    this.selector =
        Selector.builder(registry, time)
            .strategy(strategy)
            .random(new SplittableRandom(seed))
            .build();
  }

  @Override
  public Taken take(@Nullable String key) {
    Pick pick = selector.select(SERVICE, new SelectOptions().setKey(key)).result().next();
    int index = indices.getOrDefault(pick.node().id(), -1);
    return new Taken() {
      @Override
      public int node() {
        return index;
      }

      @Override
      public void end(boolean hasSucceeded) {
        pick.done(hasSucceeded ? Outcome.SUCCESS : FAILED);
      }
    };
  }
}
