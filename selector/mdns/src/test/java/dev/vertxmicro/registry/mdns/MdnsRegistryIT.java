// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.registry.mdns;

import dev.vertxmicro.peers.FreePorts;
import dev.vertxmicro.registry.RegisterOptions;
import dev.vertxmicro.registry.Registry;
import dev.vertxmicro.registry.RegistryContract;
import dev.vertxmicro.registry.Service;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.MulticastSocket;
import java.net.NetworkInterface;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;

/** The contract of registries, on multicast that stays on this machine. */
class MdnsRegistryIT extends RegistryContract {

  private static final AtomicInteger TESTS = new AtomicInteger();

  private static Vertx vertx;
  private static int port;

  private final int test = TESTS.incrementAndGet();
  private final List<Registry> opened = new ArrayList<>();

  @BeforeAll
  static void start() {
    port = FreePorts.one();
    String fault = fault();
    if (fault != null) {
      String reason =
          "left out: tests of multicast on loopback, which this machine has not: " + fault;
      System.out.println(reason);
      Assumptions.abort(reason);
    }
    vertx = Vertx.vertx();
  }

  /** Says something to itself, as a check. */
  private static String fault() {
    InetSocketAddress group = new InetSocketAddress("224.0.0.251", port);
    try (MulticastSocket socket = new MulticastSocket(port)) {
      NetworkInterface card = NetworkInterface.getByInetAddress(InetAddress.getLoopbackAddress());
      socket.joinGroup(group, card);
      socket.setNetworkInterface(card);
      socket.setSoTimeout(2_000);
      socket.send(new DatagramPacket(new byte[] {1}, 1, group));
      socket.receive(new DatagramPacket(new byte[10], 10));
      return null;
    } catch (IOException none) {
      return none.toString();
    }
  }

  @AfterAll
  static void stop() {
    if (vertx != null) {
      await(vertx.close());
    }
  }

  @AfterEach
  void close() {
    opened.forEach(registry -> await(registry.close()));
  }

  @Override
  protected Registry open() {
    Registry registry =
        MdnsRegistry.create(
            vertx, new MdnsOptions().setPort(port).setProbeInterval(Duration.ofSeconds(1)));
    opened.add(registry);
    return registry;
  }

  @Override
  protected String named(String name) {
    return name + "-" + test;
  }

  @Override
  protected Duration patience() {
    return Duration.ofSeconds(20);
  }

  @Override
  protected RegisterOptions living() {
    return new RegisterOptions(Duration.ofSeconds(2), Duration.ofMillis(500));
  }

  @Override
  protected RegisterOptions silent() {
    return new RegisterOptions(Duration.ofSeconds(1), Duration.ZERO);
  }

  /** go-micro has no place for metadata of a whole service. */
  @Override
  protected Service kept(Service service) {
    Service.Builder kept = Service.builder(service.name()).version(service.version());
    service.endpoints().forEach(kept::endpoint);
    return kept.build().withNodes(service.nodes());
  }

  /** The clock of the machine cannot be moved. */
  @Override
  protected void pass(Duration time) {
    long until = System.nanoTime() + time.toNanos();
    while (System.nanoTime() - until < 0) {
      LockSupport.parkNanos(until - System.nanoTime());
    }
  }
}
