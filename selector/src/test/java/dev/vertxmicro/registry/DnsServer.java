// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.registry;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.datagram.DatagramPacket;
import io.vertx.core.datagram.DatagramSocket;
import io.vertx.core.net.NetServer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/** A small DNS server on loopback, over UDP and TCP, that answers what a test says. */
final class DnsServer {

  static final int A = 1;
  static final int CNAME = 5;
  static final int AAAA = 28;
  static final int SRV = 33;

  private static final int NXDOMAIN = 3;
  private static final int MOST_UDP_BYTES = 512;

  private final DatagramSocket udp;
  private final NetServer tcp;
  private final Map<String, List<Record>> records = new ConcurrentHashMap<>();
  private final AtomicInteger queries = new AtomicInteger();
  private volatile int code = -1;
  private volatile boolean silent;
  private volatile Buffer garbage;

  /** One record; the data is in wire format. */
  record Record(String owner, int type, long ttl, Buffer data) {}

  private DnsServer(DatagramSocket udp, NetServer tcp) {
    this.udp = udp;
    this.tcp = tcp;
  }

  /** Starts a server on a free port of 127.0.0.1. */
  static Future<DnsServer> start(Vertx vertx) {
    DatagramSocket udp = vertx.createDatagramSocket();
    NetServer tcp = vertx.createNetServer();
    DnsServer server = new DnsServer(udp, tcp);
    udp.handler(server::datagram);
    tcp.connectHandler(
        socket ->
            socket.handler(
                query -> {
                  Buffer response = server.answer(query.slice(2, query.length()), 65_535);
                  socket.write(
                      Buffer.buffer()
                          .appendUnsignedShort(response.length())
                          .appendBuffer(response));
                }));
    return udp.listen(0, "127.0.0.1")
        .compose(bound -> tcp.listen(udp.localAddress().port(), "127.0.0.1"))
        .map(server);
  }

  /** Returns the address to ask. */
  String address() {
    return "127.0.0.1:" + udp.localAddress().port();
  }

  int queries() {
    return queries.get();
  }

  /** Answers a question with these records from now on, of whatever owner and type. */
  void answer(String name, int type, Record... answers) {
    records.put(name + " " + type, List.of(answers));
  }

  /** Answers everything with a code from now on; -1: as usual. */
  void fail(int responseCode) {
    code = responseCode;
  }

  /** Answers nothing from now on. */
  void beSilent() {
    silent = true;
  }

  /** Answers everything with the header of the query and these bytes. */
  void answerGarbage(Buffer bytes) {
    garbage = bytes;
  }

  Future<Void> close() {
    return udp.close().eventually(() -> tcp.close());
  }

  static Record srv(String owner, long ttl, int priority, int weight, int port, String target) {
    return new Record(
        owner,
        SRV,
        ttl,
        Buffer.buffer()
            .appendUnsignedShort(priority)
            .appendUnsignedShort(weight)
            .appendUnsignedShort(port)
            .appendBuffer(name(target)));
  }

  static Record address(String owner, int type, long ttl, int... bytes) {
    Buffer data = Buffer.buffer();
    for (int part : bytes) {
      data.appendByte((byte) part);
    }
    return new Record(owner, type, ttl, data);
  }

  static Record cname(String owner, String alias) {
    return new Record(owner, CNAME, 60, name(alias));
  }

  static Buffer name(String text) {
    Buffer name = Buffer.buffer();
    if (!text.equals(".")) {
      for (String label : text.split("\\.")) {
        byte[] bytes = label.getBytes(StandardCharsets.US_ASCII);
        name.appendUnsignedByte((short) bytes.length).appendBytes(bytes);
      }
    }
    return name.appendByte((byte) 0);
  }

  private void datagram(DatagramPacket packet) {
    queries.incrementAndGet();
    if (!silent) {
      udp.send(
          answer(packet.data(), MOST_UDP_BYTES),
          packet.sender().port(),
          packet.sender().hostAddress());
    }
  }

  private Buffer answer(Buffer query, int most) {
    List<String> labels = new ArrayList<>();
    int at = 12;
    while (query.getUnsignedByte(at) != 0) {
      int length = query.getUnsignedByte(at);
      labels.add(query.getString(at + 1, at + 1 + length, "US-ASCII"));
      at += 1 + length;
    }
    int type = query.getUnsignedShort(at + 1);
    Buffer question = query.slice(12, at + 5);
    List<Record> answers = records.get(String.join(".", labels) + " " + type);
    Buffer garbled = garbage;
    int unknown = answers == null && garbled == null ? NXDOMAIN : 0;
    int response = code >= 0 ? code : unknown;
    List<Record> sent = response == 0 && answers != null ? answers : List.of();
    Buffer body = Buffer.buffer();
    for (Record one : sent) {
      body.appendBuffer(name(one.owner))
          .appendUnsignedShort(one.type)
          .appendUnsignedShort(1)
          .appendUnsignedInt(one.ttl)
          .appendUnsignedShort(one.data.length())
          .appendBuffer(one.data);
    }
    boolean cut = 12 + question.length() + body.length() > most;
    return Buffer.buffer()
        .appendUnsignedShort(query.getUnsignedShort(0))
        .appendUnsignedShort(0x8180 | (cut ? 0x0200 : 0) | response)
        .appendUnsignedShort(1)
        .appendUnsignedShort(garbled != null ? 1 : cut ? 0 : sent.size())
        .appendUnsignedShort(0)
        .appendUnsignedShort(0)
        .appendBuffer(question)
        .appendBuffer(garbled != null ? garbled : cut ? Buffer.buffer() : body);
  }
}
