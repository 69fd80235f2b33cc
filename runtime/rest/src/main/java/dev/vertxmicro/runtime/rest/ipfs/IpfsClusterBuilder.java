// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.rest.ipfs;

import dev.vertxmicro.registry.Node;
import dev.vertxmicro.registry.Service;
import dev.vertxmicro.registry.StaticRegistry;
import dev.vertxmicro.runtime.CallFunction;
import dev.vertxmicro.runtime.CallOption;
import dev.vertxmicro.runtime.ClientOption;
import dev.vertxmicro.runtime.RpcClient;
import dev.vertxmicro.runtime.RpcClientBuilder;
import dev.vertxmicro.runtime.RpcObserver;
import dev.vertxmicro.runtime.rest.RestOptions;
import dev.vertxmicro.runtime.rest.RestTransport;
import dev.vertxmicro.runtime.rest.RestTransports;
import dev.vertxmicro.runtime.retry.Backoff;
import dev.vertxmicro.selector.Strategy;
import io.vertx.core.Vertx;
import io.vertx.core.net.ClientSSLOptions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Collects what a client of a cluster is made of. Not thread-safe.
 *
 * <p>Several peers stand in for each other, in the order that {@link Balancing} says. By default
 * that is safe: a call that has reached no peer goes to the next one at once; one whose fate is
 * unknown is tried again, after a short wait, only if it may be executed twice: what only reads,
 * and pin and recover. Peers that fail again and again are left out for a while.
 *
 * <p>{@link #faithful} does what ipfs-cluster's own balancing client does instead, pick for pick.
 */
public final class IpfsClusterBuilder {

  /** 60 s. */
  public static final Duration DEFAULT_TIMEOUT = Duration.ofSeconds(60);

  private static final int MOST_ATTEMPTS = 101;

  private final Vertx vertx;
  private final List<ClusterPeer> peers = new ArrayList<>();
  private Balancing balancing = Balancing.FAILOVER;
  private @Nullable Integer retries;
  private Duration timeout = DEFAULT_TIMEOUT;
  private boolean faithful;
  private boolean retryNonIdempotent;
  private boolean keepAlives = true;
  private RpcObserver observer = RpcObserver.NONE;

  IpfsClusterBuilder(Vertx vertx) {
    this.vertx = Objects.requireNonNull(vertx, "vertx");
  }

  /** Adds peers behind those that are there. Default {@link ClusterPeer#local}. */
  public IpfsClusterBuilder peers(ClusterPeer... more) {
    peers.addAll(List.of(more));
    return this;
  }

  /** Sets in which order peers are asked. Default {@link Balancing#FAILOVER}. */
  public IpfsClusterBuilder balancing(Balancing order) {
    balancing = Objects.requireNonNull(order, "order");
    return this;
  }

  /**
   * Sets how often a call is tried, the first attempt included: that is what {@code retries} means
   * to ipfs-cluster. Default as many as there are peers.
   *
   * @param attempts at most 101; 0 and less mean 1, where ipfs-cluster's own client would try for
   *     ever
   */
  public IpfsClusterBuilder retries(int attempts) {
    if (attempts > MOST_ATTEMPTS) {
      throw new IllegalArgumentException("retries: " + attempts + " (expected: at most 101)");
    }
    retries = Math.max(1, attempts);
    return this;
  }

  /**
   * Sets how long a call may take with all its attempts, and how long a list may take to begin.
   * Default 60 s; ipfs-cluster's own client would wait for ever.
   */
  public IpfsClusterBuilder timeout(Duration timeout) {
    this.timeout = timeout;
    return this;
  }

  /** Retries calls whose fate is unknown although they must not be executed twice. */
  public IpfsClusterBuilder retryNonIdempotent() {
    retryNonIdempotent = true;
    return this;
  }

  /**
   * Does as ipfs-cluster's own balancing client does: picks and retries as it does, without a wait,
   * what a peer may have executed as well, and with no memory of peers that are down. Only its
   * endless loop and what it does with a body that cannot be sent twice are left out: each call
   * still has its timeout, and an upload of which more was sent than is kept for another attempt
   * ({@code maxReplayBytes}) is not tried again.
   */
  public IpfsClusterBuilder faithful() {
    faithful = true;
    return this;
  }

  /** Makes a connection for each call, and closes it behind that. */
  public IpfsClusterBuilder disableKeepAlives() {
    keepAlives = false;
    return this;
  }

  /** Sets who sees calls, attempts and connections. Default nobody. */
  public IpfsClusterBuilder observer(RpcObserver observer) {
    this.observer = Objects.requireNonNull(observer, "observer");
    return this;
  }

  /** Returns the client. */
  public IpfsCluster build() {
    List<ClusterPeer> all = peers.isEmpty() ? List.of(ClusterPeer.local()) : List.copyOf(peers);
    List<Node> nodes = new ArrayList<>();
    RestOptions rest = new RestOptions();
    Map<String, String> authorizations = new HashMap<>();
    for (int i = 0; i < all.size(); i++) {
      ClusterPeer peer = all.get(i);
      Node node =
          Node.builder("peer-" + i, peer.nodeAddress()).protocol(RestTransport.PROTOCOL).build();
      nodes.add(node);
      ClientSSLOptions ssl = peer.ssl();
      if (ssl != null) {
        rest.addSsl(node.address(), ssl);
      }
      String authorization = peer.authorization();
      if (authorization != null) {
        authorizations.put(node.id(), authorization);
      }
    }
    RpcClientBuilder client =
        RpcClient.builder(vertx)
            .with(
                options -> options.setProtocol(RestTransport.PROTOCOL),
                ClientOption.calls(
                    CallOption.timeout(timeout), CallOption.retries(attempts(all.size()) - 1)))
            .withTransport(new RestTransports(rest))
            .withObserver(observer);
    if (!keepAlives) {
      client.with(ClientOption.poolTtl(Duration.ofNanos(1)));
    }
    Supplier<ClusterPeer> first = () -> all.get(0);
    if (faithful) {
      FaithfulSelector selector = new FaithfulSelector(nodes, balancing, 0);
      first = () -> all.get(selector.take(0));
      client
          .with(
              options -> options.setRetryBudget(false),
              ClientOption.calls(
                  CallOption.retry(new FaithfulRetries()),
                  CallOption.backoff(Backoff.none()),
                  CallOption.noTransparentRetries()))
          .withSelector(selector);
    } else {
      Service.Builder service = Service.builder(RestIpfsCluster.SERVICE);
      nodes.forEach(service::node);
      client
          .withRegistry(StaticRegistry.of(service.build()))
          .withStrategy(balancing == Balancing.FAILOVER ? Strategy.first() : Strategy.roundRobin());
    }
    if (!authorizations.isEmpty()) {
      client.wrapCall(next -> authorized(next, authorizations));
    }
    return new RestIpfsCluster(
        vertx, client.build(), all, first, !faithful, !faithful && retryNonIdempotent);
  }

  private int attempts(int peers) {
    return retries == null ? Math.min(peers, MOST_ATTEMPTS) : retries;
  }

  private static CallFunction authorized(CallFunction next, Map<String, String> authorizations) {
    return attempt -> {
      String authorization = authorizations.get(attempt.node().id());
      return next.call(
          authorization == null ? attempt : attempt.header("Authorization", authorization));
    };
  }
}
