// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.registry.mdns;

import dev.vertxmicro.errors.GrpcStatus;
import dev.vertxmicro.errors.RpcException;
import dev.vertxmicro.registry.Home;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.datagram.DatagramPacket;
import io.vertx.core.datagram.DatagramSocket;
import io.vertx.core.datagram.DatagramSocketOptions;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;

/**
 * The group of multicast DNS on one network interface. Two sockets: one on the port of the group,
 * which it shares with other programs and on which all hear what is said to all; and one on a port
 * of its own, to ask from: go-micro answers to where a question came from, and what comes to the
 * shared port is given to any one of the programs there.
 */
final class UdpMulticast implements Multicast {

  private static final String GROUP = "224.0.0.251";
  private static final String ANY = "0.0.0.0";
  private static final int RECEIVE_BYTES = 65_536;

  private final Vertx vertx;
  private final Home home;
  private final MdnsOptions options;

  // Touched at home only.
  private @Nullable Future<Void> opening;
  private @Nullable DatagramSocket shared;
  private @Nullable DatagramSocket own;
  private boolean open;
  private boolean closed;

  UdpMulticast(Vertx vertx, Home home, MdnsOptions options) {
    this.vertx = vertx;
    this.home = home;
    this.options = options;
  }

  @Override
  public Future<Void> open(Receiver receiver) {
    if (closed) {
      return Future.failedFuture(unavailable("closed", null));
    }
    Future<Void> joined = opening;
    if (joined == null) {
      joined = join(receiver);
      opening = joined;
      joined.onFailure(failure -> opening = null);
    }
    return joined;
  }

  private Future<Void> join(Receiver receiver) {
    Promise<Void> joined = Promise.promise();
    home.blocking(this::networkInterface)
        .compose(
            card -> {
              DatagramSocket all = socket(card).handler(packet -> received(packet, receiver));
              DatagramSocket mine = socket(card).handler(packet -> received(packet, receiver));
              shared = all;
              own = mine;
              return all.listen(options.getPort(), ANY)
                  .compose(bound -> all.listenMulticastGroup(GROUP, card.getName(), null))
                  .compose(member -> mine.listen(0, address(card)));
            })
        .onComplete(done -> atHome(() -> joined(done.cause(), joined)));
    return joined.future();
  }

  private void joined(@Nullable Throwable failure, Promise<Void> joined) {
    if (failure == null && !closed) {
      open = true;
      joined.complete();
      return;
    }
    closeSockets()
        .onComplete(
            over -> joined.fail(unavailable(failure == null ? "closed" : "no multicast", failure)));
  }

  /** Blocks. */
  private NetworkInterface networkInterface() throws SocketException {
    String name = options.getNetworkInterface();
    if (name != null) {
      NetworkInterface named = NetworkInterface.getByName(name);
      if (named == null) {
        throw new SocketException("no network interface " + name);
      }
      return named;
    }
    for (NetworkInterface each : Collections.list(NetworkInterface.getNetworkInterfaces())) {
      if (each.isLoopback()) {
        return each;
      }
    }
    throw new SocketException("no loopback interface");
  }

  private static String address(NetworkInterface card) {
    for (InetAddress address : Collections.list(card.getInetAddresses())) {
      if (address instanceof Inet4Address) {
        return address.getHostAddress();
      }
    }
    return ANY;
  }

  private DatagramSocket socket(NetworkInterface card) {
    return vertx.createDatagramSocket(
        new DatagramSocketOptions()
            .setReuseAddress(true)
            .setMulticastNetworkInterface(card.getName())
            .setReceiveBufferSize(RECEIVE_BYTES * 4));
  }

  private void received(DatagramPacket packet, Receiver receiver) {
    String host = packet.sender().hostAddress();
    if (host != null) {
      atHome(() -> receiver.received(packet.data(), host, packet.sender().port()));
    }
  }

  private boolean atHome(Runnable task) {
    try {
      home.execute(task);
      return true;
    } catch (RejectedExecutionException vertxEnded) {
      return false;
    }
  }

  @Override
  public boolean isOpen() {
    return open;
  }

  @Override
  public Future<Void> tellAll(Buffer datagram) {
    return send(shared, datagram, GROUP, options.getPort());
  }

  @Override
  public Future<Void> ask(Buffer datagram) {
    return send(own, datagram, GROUP, options.getPort());
  }

  @Override
  public Future<Void> answer(Buffer datagram, String host, int port) {
    return send(shared, datagram, host, port);
  }

  private static Future<Void> send(
      @Nullable DatagramSocket over, Buffer datagram, String host, int port) {
    return over == null
        ? Future.failedFuture(unavailable("not open", null))
        : over.send(datagram, port, host);
  }

  @Override
  public Future<Void> close() {
    closed = true;
    open = false;
    return closeSockets();
  }

  private Future<Void> closeSockets() {
    DatagramSocket first = shared;
    DatagramSocket second = own;
    shared = null;
    own = null;
    return Future.join(List.of(closed(first), closed(second))).<Void>mapEmpty().otherwiseEmpty();
  }

  private static Future<Void> closed(@Nullable DatagramSocket socket) {
    return socket == null ? Future.succeededFuture() : socket.close();
  }

  private static RpcException unavailable(String why, @Nullable Throwable cause) {
    String detail = cause == null ? why : why + ": " + cause.getMessage();
    return RpcException.client(GrpcStatus.UNAVAILABLE, "mdns: " + detail).cause(cause).build();
  }
}
