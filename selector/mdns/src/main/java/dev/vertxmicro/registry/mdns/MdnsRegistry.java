// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.registry.mdns;

import dev.vertxmicro.registry.Complaints;
import dev.vertxmicro.registry.Home;
import dev.vertxmicro.registry.PeerRegistry;
import dev.vertxmicro.registry.PeerSettings;
import dev.vertxmicro.registry.RegisterOptions;
import dev.vertxmicro.registry.Registration;
import dev.vertxmicro.registry.Registry;
import dev.vertxmicro.registry.RegistryEvent;
import dev.vertxmicro.registry.Service;
import dev.vertxmicro.registry.Watch;
import dev.vertxmicro.time.TimeSource;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Executor;
import java.util.function.Supplier;

/**
 * A registry over multicast DNS, go-micro's own where no other is set ({@code
 * registry/mdns_registry.go}): for a machine or a small network without any server. Each process
 * answers for what it has registered, and says who comes and goes.
 *
 * <ul>
 *   <li>It speaks on one network interface: that of this machine only, unless {@link
 *       MdnsOptions#setNetworkInterface} names another. go-micro asks and announces on the one that
 *       the machine sends multicast to, and hears all: what it has registered here is found in any
 *       case, but it finds and watches us only on that interface. IPv4 only.
 *   <li>A look-up waits for {@link MdnsOptions#setAnswerTimeout}. Put a {@code CachingRegistry}
 *       before it.
 *   <li>Datagrams may be lost. Nodes are announced at each sign of life, and watched nodes that are
 *       silent are asked for, until their TTL is over.
 *   <li>The address of a node must be an IP address with a port, its id and the name of its service
 *       parts of a DNS name, and what is said of it must fit into a datagram of 60,000 bytes.
 *       Metadata of a whole service has no place and is not kept.
 *   <li>The TTL of a registration is not sent, but {@link MdnsOptions#setTtl}; a registration
 *       without signs of life is withdrawn by its own process.
 *   <li>Whoever is on the network may say what he likes: nothing of it is authenticated.
 * </ul>
 *
 * <p>May be used from any thread. All its work is done on an event loop of its own choice, where
 * its futures complete.
 */
public final class MdnsRegistry implements Registry {

  private static final System.Logger LOG = System.getLogger(MdnsRegistry.class.getName());
  private static final Duration RETRY = Duration.ofSeconds(1);

  private final PeerRegistry peers;
  private final MdnsOptions options;

  private MdnsRegistry(PeerRegistry peers, MdnsOptions options) {
    this.peers = peers;
    this.options = options;
  }

  /** Returns a registry. It joins the group when it is first used. */
  public static MdnsRegistry create(Vertx vertx, MdnsOptions options) {
    return create(vertx, options, TimeSource.of(vertx));
  }

  /**
   * Returns a registry. It joins the group when it is first used.
   *
   * @param time the clock and timers that signs of life and timeouts stand on
   */
  public static MdnsRegistry create(Vertx vertx, MdnsOptions options, TimeSource time) {
    Objects.requireNonNull(time, "time");
    MdnsOptions own = new MdnsOptions(options);
    Home home = Home.of(vertx);
    return create(
        new UdpMulticast(vertx, home, own),
        own,
        time,
        home,
        () -> {
          Context caller = vertx.getOrCreateContext();
          return task -> caller.runOnContext(hop -> task.run());
        });
  }

  /** Returns a registry on another group, for tests. */
  static MdnsRegistry create(
      Multicast multicast,
      MdnsOptions options,
      TimeSource time,
      Home home,
      Supplier<Executor> callers) {
    Complaints complaints = new Complaints(LOG, time);
    PeerSettings settings =
        new PeerSettings(
            "mdns",
            options.getAnswerTimeout(),
            0,
            options.getProbeInterval(),
            RETRY,
            options.getMaxNodes(),
            options.getMaxServices());
    return new MdnsRegistry(
        new PeerRegistry(
            new MdnsWire(multicast, options, complaints),
            settings,
            time,
            home,
            callers,
            complaints),
        options);
  }

  /** {@inheritDoc} Fails with code 503 if the group cannot be joined. */
  @Override
  public Future<List<Service>> get(String service) {
    return peers.get(service);
  }

  /** {@inheritDoc} Fails with code 503 if the group cannot be joined. */
  @Override
  public Future<List<String>> list() {
    return peers.list();
  }

  /**
   * {@inheritDoc} A node id that this registry has registered already moves to the new
   * registration.
   *
   * <p>Fails with code 503 if the group cannot be joined, 400 if a node has no IP address or a name
   * that DNS does not take, 429 if it does not fit into a datagram; then nothing stays registered.
   */
  @Override
  public Future<Registration> register(Service service, RegisterOptions register) {
    return peers.register(service, register);
  }

  /** {@inheritDoc} It stands when the time for answers to its first question is over. */
  @Override
  public Watch watch(String service, Handler<RegistryEvent> handler) {
    return peers.watch(service, handler);
  }

  /** {@inheritDoc} Says goodbye for what was registered through it. */
  @Override
  public Future<Void> close() {
    return peers.close();
  }

  @Override
  public String toString() {
    return "MdnsRegistry[" + options + "]";
  }
}
