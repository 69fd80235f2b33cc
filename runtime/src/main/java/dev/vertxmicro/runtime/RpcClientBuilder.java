// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime;

import dev.vertxmicro.broker.Broker;
import dev.vertxmicro.broker.MemoryBroker;
import dev.vertxmicro.codec.Codec;
import dev.vertxmicro.codec.Codecs;
import dev.vertxmicro.registry.CachingOptions;
import dev.vertxmicro.registry.CachingRegistry;
import dev.vertxmicro.registry.MemoryRegistry;
import dev.vertxmicro.registry.Registry;
import dev.vertxmicro.registry.RegistryObserver;
import dev.vertxmicro.runtime.transport.Transport;
import dev.vertxmicro.runtime.transport.TransportProvider;
import dev.vertxmicro.selector.Selector;
import dev.vertxmicro.selector.SelectorOptions;
import dev.vertxmicro.selector.Strategy;
import dev.vertxmicro.time.TimeSource;
import io.vertx.core.Vertx;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.ServiceLoader;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Collects the parts of a client. What is not given is made: a selector over the registry, and a
 * broker, that all of the Vert.x instance share, the transports that a {@link ServiceLoader} finds,
 * the standard codecs. Parts that were given are not closed with the client. Not thread-safe.
 */
public final class RpcClientBuilder {

  private final Vertx vertx;
  private RpcClientOptions options = Preset.SAFE.options();
  private Preset preset = Preset.SAFE;
  private @Nullable Registry registry;
  private @Nullable CachingOptions caching;
  private @Nullable Selector selector;
  private @Nullable Strategy strategy;
  private @Nullable SelectorOptions selectorOptions;
  private @Nullable Broker broker;
  private @Nullable TimeSource time;
  private Codecs codecs = Codecs.standard();
  private RpcObserver observer = RpcObserver.NONE;
  private ProxyEnvironment environment =
      new ProxyEnvironment(new ProxyEnvironment.Variables(System::getenv));
  private final Map<String, Transport> transports = new LinkedHashMap<>();
  private final Map<String, TransportProvider> providers = new LinkedHashMap<>();
  private final List<ClientWrapper> wrappers = new ArrayList<>();

  RpcClientBuilder(Vertx vertx) {
    this.vertx = Objects.requireNonNull(vertx, "vertx");
  }

  /**
   * Starts from a preset: replaces all options, and strategy and {@link SelectorOptions} unless
   * they are given.
   */
  public RpcClientBuilder preset(Preset preset) {
    this.preset = preset;
    this.options = preset.options();
    return this;
  }

  /** Replaces all options; they are copied. */
  public RpcClientBuilder with(RpcClientOptions options) {
    this.options = new RpcClientOptions(options);
    return this;
  }

  /** Changes the options in order, later wins. */
  public RpcClientBuilder with(ClientOption... changes) {
    for (ClientOption change : changes) {
      change.apply(options);
    }
    return this;
  }

  /**
   * Sets where services are looked up. Default {@link MemoryRegistry#shared}. A registry that does
   * not answer from memory gets a {@link CachingRegistry} with its defaults in front, which closes
   * with the client, works on the event loop that builds the client, and tells the observer of the
   * client how stale it is.
   */
  public RpcClientBuilder withRegistry(Registry registry) {
    this.registry = Objects.requireNonNull(registry, "registry");
    this.caching = null;
    return this;
  }

  /**
   * Sets where services are looked up, with a {@link CachingRegistry} in front, whatever the
   * registry, which closes with the client.
   *
   * @param caching how long nodes are served while the registry fails, and the like; copied
   */
  public RpcClientBuilder withRegistry(Registry registry, CachingOptions caching) {
    withRegistry(registry);
    this.caching = new CachingOptions(caching);
    return this;
  }

  /** Sets what chooses nodes, instead of a strategy over a registry. */
  public RpcClientBuilder withSelector(Selector selector) {
    this.selector = Objects.requireNonNull(selector, "selector");
    return this;
  }

  /**
   * Sets what the selector that is made minds besides its strategy: zones, subsets, ejection and so
   * on; copied. Default those of the preset.
   */
  public RpcClientBuilder with(SelectorOptions options) {
    this.selectorOptions = new SelectorOptions(options);
    return this;
  }

  /** Sets the strategy of the selector that is made. Default that of the preset. */
  public RpcClientBuilder withStrategy(Strategy strategy) {
    this.strategy = Objects.requireNonNull(strategy, "strategy");
    return this;
  }

  /**
   * Adds a transport; it replaces one that would be found for the same protocol. The client changes
   * its pool, but does not close it.
   */
  public RpcClientBuilder withTransport(Transport transport) {
    transports.put(transport.protocol(), transport);
    return this;
  }

  /**
   * Adds a transport that the client makes, with its own clock, observer and pool bounds, and
   * closes with itself; it replaces one that would be found for the same protocol. For gRPC with
   * own TLS: {@code withTransport(new GrpcTransports(new GrpcOptions().setSsl(...)))}.
   */
  public RpcClientBuilder withTransport(TransportProvider provider) {
    providers.put(provider.protocol(), provider);
    return this;
  }

  /**
   * Sets what carries events. Connected by the first publish, not closed with the client. Default
   * {@link MemoryBroker#shared}.
   */
  public RpcClientBuilder withBroker(Broker broker) {
    this.broker = Objects.requireNonNull(broker, "broker");
    return this;
  }

  /** Adds a codec; it replaces the standard one for the same content types. */
  public RpcClientBuilder withCodec(Codec codec) {
    this.codecs = codecs.with(codec);
    return this;
  }

  /** Sets who sees calls, attempts and limits. Default nobody. */
  public RpcClientBuilder withObserver(RpcObserver observer) {
    this.observer = Objects.requireNonNull(observer, "observer");
    return this;
  }

  /** Sets the clock. Default that of the Vert.x instance. */
  public RpcClientBuilder withTimeSource(TimeSource time) {
    this.time = Objects.requireNonNull(time, "time");
    return this;
  }

  /** Adds a client wrapper inside of those that are there. */
  public RpcClientBuilder wrap(ClientWrapper wrapper) {
    wrappers.add(Objects.requireNonNull(wrapper, "wrapper"));
    return this;
  }

  /** Adds a call wrapper, for all calls, inside of those that are there. */
  public RpcClientBuilder wrapCall(CallWrapper wrapper) {
    options.getCalls().addCallWrapper(wrapper);
    return this;
  }

  RpcClientBuilder withEnvironment(ProxyEnvironment environment) {
    this.environment = environment;
    return this;
  }

  /**
   * Returns the client.
   *
   * @throws IllegalArgumentException if there is no transport for the default protocol
   */
  public RpcClient build() {
    RpcClientOptions copy = new RpcClientOptions(options);
    RpcObserver guarded = GuardedObserver.of(observer);
    TimeSource given = time == null ? TimeSource.of(vertx) : time;
    TimeSource clock =
        observer == RpcObserver.NONE ? given : new CountingTimeSource(given, guarded);
    List<TransportProvider> providers = providers();
    checkProtocol(copy.getProtocol(), providers);
    List<Transport> found = new ArrayList<>();
    for (TransportProvider provider : providers) {
      found.add(provider.create(vertx, clock, guarded, copy.poolLimits()));
    }
    List<Transport> speaking = new ArrayList<>(found);
    speaking.addAll(transports.values());
    Registry cache = selector == null ? cache(clock, guarded) : null;
    Selector made = selector == null ? newSelector(cache, clock) : null;
    Selector choosing = selector == null ? Objects.requireNonNull(made) : selector;
    Broker carrying = broker == null ? MemoryBroker.shared(vertx) : broker;
    OwnParts own =
        new OwnParts(new Transports(found), made, cache, broker == null ? carrying : null);
    ClientCore core =
        new ClientCore(this, clock, guarded, choosing, carrying, new Transports(speaking), copy);
    HealthCheck health = new HealthCheck(core, selector == null ? registry() : null, cache);
    RpcClient client = new RuntimeRpcClient(vertx, core, own, health);
    for (int i = wrappers.size() - 1; i >= 0; i--) {
      client =
          Objects.requireNonNull(wrappers.get(i).wrap(client), "a client wrapper wraps as null");
    }
    return client;
  }

  /** Returns who makes the transports that were not given, one for each protocol. */
  private List<TransportProvider> providers() {
    Map<String, TransportProvider> found = new LinkedHashMap<>(providers);
    found.keySet().removeAll(transports.keySet());
    for (TransportProvider provider : ServiceLoader.load(TransportProvider.class)) {
      if (!transports.containsKey(provider.protocol())) {
        found.putIfAbsent(provider.protocol(), provider);
      }
    }
    return List.copyOf(found.values());
  }

  /** Refuses before anything is made that would have to be closed. */
  private void checkProtocol(String protocol, List<TransportProvider> found) {
    Set<String> known = new TreeSet<>(transports.keySet());
    found.forEach(provider -> known.add(provider.protocol()));
    if (!known.contains(protocol)) {
      throw new IllegalArgumentException(
          "protocol: " + protocol + " (expected: one of " + known + ")");
    }
  }

  /** Returns a cache before the registry, or null if it answers from memory and none is asked. */
  private @Nullable Registry cache(TimeSource clock, RegistryObserver observer) {
    if (registry == null || (caching == null && registry.answersFromMemory())) {
      return null;
    }
    CachingOptions chosen = caching == null ? new CachingOptions() : caching;
    return CachingRegistry.create(vertx, registry, chosen, clock, observer);
  }

  private Registry registry() {
    return registry == null ? MemoryRegistry.shared(vertx) : registry;
  }

  private Selector newSelector(@Nullable Registry cache, TimeSource clock) {
    Strategy chosen = strategy == null ? preset.strategy() : strategy;
    return Selector.builder(cache == null ? registry() : cache, clock)
        .strategy(chosen)
        .options(selectorOptions == null ? preset.selectorOptions() : selectorOptions)
        .observer(observer)
        .build();
  }

  Codecs codecs() {
    return codecs;
  }

  ProxyEnvironment environment() {
    return environment;
  }
}
