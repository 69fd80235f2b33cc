// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.registry.nats;

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
import io.nats.client.NUID;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.Vertx;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Executor;
import java.util.function.Supplier;

/**
 * A registry over NATS, shared with go-micro: each finds, watches and calls what the other has
 * registered ({@code registry/nats} of go-micro's plug-ins v2 to v5 and of its core since v5.7,
 * which use subjects of different names; this one uses both).
 *
 * <p>NATS keeps nothing: each process answers for what it has registered itself, and announces it
 * at each sign of life. What follows from that protocol:
 *
 * <ul>
 *   <li>A look-up waits for {@link NatsRegistryOptions#setAnswerTimeout} (go-micro: 100 ms as
 *       well), unless there are {@link NatsRegistryOptions#setQuorum} nodes sooner or nobody
 *       listens at all. A process that is busy for longer is not found. Put a {@code
 *       CachingRegistry} before it.
 *   <li>The TTL of a registration is not sent. A process that has died does not answer, so look-ups
 *       do not find it; a watch reports its nodes as gone when they have given no sign of life,
 *       announcements and answers alike, for {@link NatsRegistryOptions#setNodeTtl}. In go-micro
 *       they stay for ever. A registration without signs of life is withdrawn by its own process
 *       when its TTL is over.
 *   <li>While NATS is away nothing can be looked up, and no node counts as gone; when it is back
 *       registrations are announced, and watches ask for what they missed, at once.
 *   <li>Two processes that register the same node id both answer; the first answer counts.
 * </ul>
 *
 * <p>May be used from any thread. All its work is done on an event loop of its own choice, where
 * its futures complete.
 */
public final class NatsRegistry implements Registry {

  private static final System.Logger LOG = System.getLogger(NatsRegistry.class.getName());

  private final PeerRegistry peers;
  private final NatsRegistryOptions options;

  private NatsRegistry(PeerRegistry peers, NatsRegistryOptions options) {
    this.peers = peers;
    this.options = options;
  }

  /**
   * Returns a registry on the NATS that {@code options} name. It connects when it is first used.
   *
   * @throws IllegalArgumentException if the options hold several ways to log in, or half of one, or
   *     a {@code probeInterval} that is not less than {@code nodeTtl}
   */
  public static NatsRegistry create(Vertx vertx, NatsRegistryOptions options) {
    return create(vertx, options, TimeSource.of(vertx));
  }

  /**
   * Returns a registry on the NATS that {@code options} name. It connects when it is first used.
   *
   * @param time the clock and timers that signs of life and timeouts stand on
   * @throws IllegalArgumentException if the options hold several ways to log in, or half of one, or
   *     a {@code probeInterval} that is not less than {@code nodeTtl}
   */
  public static NatsRegistry create(Vertx vertx, NatsRegistryOptions options, TimeSource time) {
    Objects.requireNonNull(time, "time");
    NatsRegistryOptions own = new NatsRegistryOptions(options);
    own.check();
    Home home = Home.of(vertx);
    return create(
        new NatsBus(vertx, time, own, home),
        own,
        time,
        home,
        () -> {
          Context caller = vertx.getOrCreateContext();
          return task -> caller.runOnContext(hop -> task.run());
        });
  }

  /** Returns a registry on another bus, for tests. */
  static NatsRegistry create(
      Bus bus,
      NatsRegistryOptions options,
      TimeSource time,
      Home home,
      Supplier<Executor> callers) {
    Complaints complaints = new Complaints(LOG, time);
    NatsWire wire =
        new NatsWire(bus, options, time, "_INBOX." + NUID.nextGlobal() + ".", complaints);
    PeerSettings settings =
        new PeerSettings(
            "nats",
            options.getAnswerTimeout(),
            options.getQuorum(),
            options.getProbeInterval(),
            options.getReconnectWait(),
            options.getMaxNodes(),
            options.getMaxServices());
    return new NatsRegistry(
        new PeerRegistry(wire, settings, time, home, callers, complaints), options);
  }

  /** {@inheritDoc} Fails with code 503 if NATS cannot be reached, also while it is away. */
  @Override
  public Future<List<Service>> get(String service) {
    return peers.get(service);
  }

  /** {@inheritDoc} Fails with code 503 if NATS cannot be reached. */
  @Override
  public Future<List<String>> list() {
    return peers.list();
  }

  /**
   * {@inheritDoc} A node id that this registry has registered already moves to the new
   * registration.
   *
   * <p>Completes when NATS has taken the announcement and passes questions on to this process.
   * Fails with code 503 if NATS cannot be reached; then nothing stays registered.
   */
  @Override
  public Future<Registration> register(Service service, RegisterOptions register) {
    return peers.register(service, register);
  }

  /**
   * {@inheritDoc} It stands when the time for answers to its first question is over; until NATS can
   * be reached it tries again.
   */
  @Override
  public Watch watch(String service, Handler<RegistryEvent> handler) {
    return peers.watch(service, handler);
  }

  /** {@inheritDoc} Withdraws what was registered through it, if NATS can be reached. */
  @Override
  public Future<Void> close() {
    return peers.close();
  }

  @Override
  public String toString() {
    return "NatsRegistry" + options.getServers();
  }
}
