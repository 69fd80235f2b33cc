// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime;

import dev.vertxmicro.runtime.retry.Backoff;
import dev.vertxmicro.runtime.retry.Hedge;
import dev.vertxmicro.runtime.retry.RetryPolicy;
import dev.vertxmicro.selector.EjectionOptions;
import dev.vertxmicro.selector.SelectorOptions;
import dev.vertxmicro.selector.Strategy;
import java.time.Duration;

/** Sets of defaults that fit together. */
public enum Preset {

  /**
   * The default: 2 retries of what is safe to repeat, full jitter, a retry budget, 30 s for a call,
   * power-of-two peak EWMA, slow start, ejection of nodes that fail, connections of at most 30 min.
   */
  SAFE {
    @Override
    public RpcClientOptions options() {
      return new RpcClientOptions();
    }

    @Override
    public Strategy strategy() {
      return Strategy.powerOfTwo();
    }
  },

  /**
   * For callers that wait: {@link #SAFE}, and idempotent calls ask a second node once they take
   * longer than 95 % of the calls to their endpoint (a percentile hedge of 5 %), instead of being
   * retried. Nodes are chosen among a subset, so that {@link RpcClient#warmUp} can connect to all
   * that calls will use. A zone comes first once {@link SelectorOptions#setZone} names it.
   */
  LOW_LATENCY {
    @Override
    public RpcClientOptions options() {
      RpcClientOptions options = new RpcClientOptions();
      options.getCalls().setHedge(new Hedge.Percentile(0.05));
      return options;
    }

    @Override
    public Strategy strategy() {
      return Strategy.powerOfTwo();
    }

    @Override
    public SelectorOptions selectorOptions() {
      return new SelectorOptions().setSubsetting(true);
    }
  },

  /**
   * For jobs that would rather wait than fail: 10 min for a call, which waits for a node if there
   * is none, 5 retries with up to 30 s between them, no hedges, and each call to the node with the
   * fewest open ones in relation to its weight.
   */
  BATCH {
    @Override
    public RpcClientOptions options() {
      RpcClientOptions options = new RpcClientOptions();
      options
          .getCalls()
          .setTimeout(Duration.ofMinutes(10))
          .setRetries(5)
          .setBackoff(Backoff.fullJitter(Duration.ofMillis(100), Duration.ofSeconds(30)))
          .setWaitForReady(true);
      return options;
    }

    @Override
    public Strategy strategy() {
      return Strategy.leastRequests();
    }
  },

  /**
   * What go-micro's client does since v4.10: 5 retries on code 408 whether idempotent or not,
   * polynomial backoff without jitter, no retry budget, nothing sent again transparently, random
   * selection without slow start and ejection, 100 connections of at most 60 s, and the {@code
   * MICRO_PROXY} variables.
   *
   * <p>Addresses, proxies and nodes that name no protocol speak mucp, go-micro's default, nodes to
   * whom their registry gives no {@code protocol} as go-micro's first versions did. A node that
   * names one is spoken to in that, so that gRPC services are called without more ado, where
   * go-micro's client speaks mucp to them as well and fails. {@code setProtocol("grpc")} is for
   * those who replace go-micro's gRPC client and call addresses.
   */
  GO_MICRO {
    @Override
    public RpcClientOptions options() {
      RpcClientOptions options =
          new RpcClientOptions()
              .setPoolSize(100)
              .setPoolTtl(Duration.ofMinutes(1))
              .setProtocol("mucp")
              .setRetryBudget(false)
              .setProxyFromEnvironment(true);
      options
          .getCalls()
          .setRetries(5)
          .setRetryPolicy(RetryPolicy.onError())
          .setBackoff(Backoff.goMicro())
          .setTransparentRetries(false);
      return options;
    }

    @Override
    public Strategy strategy() {
      return Strategy.random();
    }

    @Override
    public SelectorOptions selectorOptions() {
      return new SelectorOptions().setSlowStart(Duration.ZERO).setEjection(EjectionOptions.off());
    }
  };

  /** Returns new options of this preset. */
  public abstract RpcClientOptions options();

  /** Returns new options of the selector of this preset. */
  public SelectorOptions selectorOptions() {
    return new SelectorOptions();
  }

  /** Returns the selection strategy of this preset. */
  public abstract Strategy strategy();
}
