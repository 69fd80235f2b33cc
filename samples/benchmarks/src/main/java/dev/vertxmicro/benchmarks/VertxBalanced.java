// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.benchmarks;

import io.vertx.core.net.SocketAddress;
import io.vertx.core.net.endpoint.InteractionMetrics;
import io.vertx.core.net.endpoint.LoadBalancer;
import io.vertx.core.net.endpoint.ServerEndpoint;
import io.vertx.core.net.endpoint.ServerInteraction;
import io.vertx.core.net.endpoint.ServerSelector;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A load balancer of Vert.x' HTTP client, told of calls as that client does. */
final class VertxBalanced implements Balanced {

  private final List<Server> servers = new ArrayList<>();
  private final ServerSelector selector;

  VertxBalanced(LoadBalancer balancer, List<String> ids) {
    for (String id : ids) {
      servers.add(new Server(id, balancer.newMetrics()));
    }
    this.selector = balancer.selector(servers);
  }

  @Override
  public Taken take(@Nullable String key) {
    int index = key == null ? selector.select() : selector.select(key);
    ServerInteraction interaction = servers.get(index).newInteraction();
    interaction.reportRequestBegin();
    interaction.reportRequestEnd();
    return new Taken() {
      @Override
      public int node() {
        return index;
      }

      @Override
      public void end(boolean hasSucceeded) {
        if (hasSucceeded) {
          interaction.reportResponseBegin();
          interaction.reportResponseEnd();
        } else {
          interaction.reportFailure(new Exception("down"));
        }
      }
    };
  }

  private record Server(String key, InteractionMetrics<?> metrics) implements ServerEndpoint {
    @Override
    public SocketAddress address() {
      return SocketAddress.inetSocketAddress(1, "127.0.0.1");
    }

    @Override
    public ServerInteraction newInteraction() {
      return new Reported<>(metrics);
    }

    @Override
    public Object unwrap() {
      return key;
    }
  }

  private static final class Reported<M> implements ServerInteraction {

    private final InteractionMetrics<M> metrics;
    private final M request;

    Reported(InteractionMetrics<M> metrics) {
      this.metrics = metrics;
      this.request = metrics.initiateRequest();
    }

    @Override
    public void reportFailure(Throwable failure) {
      metrics.reportFailure(request, failure);
    }

    @Override
    public void reportRequestBegin() {
      metrics.reportRequestBegin(request);
    }

    @Override
    public void reportRequestEnd() {
      metrics.reportRequestEnd(request);
    }

    @Override
    public void reportResponseBegin() {
      metrics.reportResponseBegin(request);
    }

    @Override
    public void reportResponseEnd() {
      metrics.reportResponseEnd(request);
    }
  }
}
