// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.registry.mdns;

import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import java.util.ArrayList;
import java.util.List;

/** A group that keeps what is sent for the test to look at. */
final class FakeMulticast implements Multicast {

  record Sent(String to, DnsMessage message) {}

  final List<Sent> sent = new ArrayList<>();
  private Receiver receiver;

  @Override
  public Future<Void> open(Receiver receiver) {
    this.receiver = receiver;
    return Future.succeededFuture();
  }

  @Override
  public boolean isOpen() {
    return receiver != null;
  }

  void come(Buffer datagram, int port) {
    receiver.received(datagram, "127.0.0.1", port);
  }

  private Future<Void> send(String to, Buffer datagram) {
    sent.add(new Sent(to, DnsMessage.read(datagram)));
    return Future.succeededFuture();
  }

  @Override
  public Future<Void> tellAll(Buffer datagram) {
    return send("all", datagram);
  }

  @Override
  public Future<Void> ask(Buffer datagram) {
    return send("asked", datagram);
  }

  @Override
  public Future<Void> answer(Buffer datagram, String host, int port) {
    return send(host + ":" + port, datagram);
  }

  @Override
  public Future<Void> close() {
    return Future.succeededFuture();
  }
}
