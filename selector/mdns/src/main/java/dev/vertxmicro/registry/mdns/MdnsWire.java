// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.registry.mdns;

import dev.vertxmicro.codec.CodecException;
import dev.vertxmicro.registry.Complaints;
import dev.vertxmicro.registry.Node;
import dev.vertxmicro.registry.PeerWire;
import dev.vertxmicro.registry.Service;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * go-micro's registry protocol on multicast DNS. A question is for the PTR records of a service;
 * who runs a node of it answers with a message for each: PTR, SRV, address and TXT, and the
 * question again, without which go-micro does not take it. Nodes that come or go are said to all,
 * in the same records; those that go with a TTL of zero.
 */
final class MdnsWire implements PeerWire {

  private static final System.Logger LOG = System.getLogger(MdnsWire.class.getName());

  private final Multicast multicast;
  private final MdnsOptions options;
  private final Zone zone;
  private final Complaints complaints;

  // Touched at home only.
  private boolean hearsQuestions;
  private Future<Void> lastSent = Future.succeededFuture();

  MdnsWire(Multicast multicast, MdnsOptions options, Complaints complaints) {
    this.multicast = multicast;
    this.options = options;
    this.zone = new Zone(options.getDomain(), options.getTtl().toSeconds());
    this.complaints = complaints;
  }

  @Override
  public Future<Void> open(Listener listener) {
    Ears ears = new Ears(listener);
    return multicast.open(ears::received);
  }

  @Override
  public boolean isOpen() {
    return multicast.isOpen();
  }

  @Override
  public void hear(boolean questions, boolean announcements) {
    hearsQuestions = questions;
  }

  @Override
  public void ask(long question, @Nullable String service) {
    String name = zone.name(service == null ? Zone.LIST : service);
    if (DnsText.isName(name)) {
      sent(multicast.ask(DnsMessage.question(name).write()));
    }
  }

  @Override
  public void announce(Service service) {
    tellAll(service, false);
  }

  @Override
  public void withdraw(Service service) {
    tellAll(service, true);
  }

  private void tellAll(Service service, boolean goodbye) {
    for (Node node : service.nodes()) {
      List<DnsRecord> records = zone.records(service, node, goodbye);
      // go-micro's announcements have no PTR either.
      List<DnsRecord> said = records.subList(1, records.size());
      sent(multicast.tellAll(DnsMessage.response(said).write()));
    }
  }

  private void sent(Future<Void> datagram) {
    lastSent = datagram;
    datagram.onFailure(failure -> LOG.log(Level.DEBUG, "mdns: a datagram was not sent", failure));
  }

  /** The network takes it and promises nothing more. */
  @Override
  public Future<Void> confirm() {
    return lastSent;
  }

  @Override
  public Future<Void> close() {
    return multicast.close();
  }

  private final class Ears {

    private final Listener listener;

    Ears(Listener listener) {
      this.listener = listener;
    }

    void received(Buffer datagram, String host, int port) {
      try {
        DnsMessage message = DnsMessage.read(datagram);
        if (message.response()) {
          heard(message);
        } else if (hearsQuestions) {
          for (DnsMessage.Question question : message.questions()) {
            asked(message.id(), question, host, port);
          }
        }
      } catch (CodecException malformed) {
        complaints.about("mdns from " + host, malformed.getMessage() + "; passed over");
      }
    }

    private void asked(int id, DnsMessage.Question question, String host, int port) {
      String name = question.name();
      if (!name.endsWith("." + zone.domain())) {
        return;
      }
      String asked = name.substring(0, name.length() - zone.domain().length() - 1);
      if (asked.equals(Zone.LIST)) {
        Set<String> names = new LinkedHashSet<>();
        listener.asked(null, service -> names.add(service.name()));
        for (String each : names) {
          answer(id, question, zone.listing(each), host, port);
        }
        return;
      }
      listener.asked(
          null,
          service -> {
            for (Node node : service.nodes()) {
              if (asked.equals(service.name()) || asked.equals(node.id() + "." + service.name())) {
                answer(id, question, zone.records(service, node, false), host, port);
              }
            }
          });
    }

    /** To who asked if it asked from a port of its own, else to all (RFC 6762 section 6.7). */
    private void answer(
        int id, DnsMessage.Question question, List<DnsRecord> records, String host, int port) {
      boolean alone = question.unicast() || port != options.getPort();
      Buffer answer = new DnsMessage(alone ? id : 0, true, List.of(question), records).write();
      sent(alone ? multicast.answer(answer, host, port) : multicast.tellAll(answer));
    }

    private void heard(DnsMessage message) {
      Map<String, DnsRecord> texts = new HashMap<>();
      Map<String, byte[]> addresses = new HashMap<>();
      for (DnsRecord record : message.records()) {
        switch (record.type()) {
          case DnsMessage.TXT -> texts.put(record.name(), record);
          case DnsMessage.A -> addresses.put(record.name(), record.data().getBytes());
          case DnsMessage.AAAA -> addresses.putIfAbsent(record.name(), record.data().getBytes());
          default -> {} // Read below.
        }
      }
      for (DnsRecord record : message.records()) {
        if (record.type() == DnsMessage.SRV) {
          heard(record, texts.get(record.name()), addresses);
        }
      }
    }

    private void heard(DnsRecord srv, @Nullable DnsRecord txt, Map<String, byte[]> addresses) {
      String suffix = "." + zone.domain();
      String list = "." + zone.name(Zone.LIST);
      byte[] host = addresses.getOrDefault(srv.target(), addresses.get(srv.name()));
      if (!srv.name().endsWith(suffix)) {
        return;
      }
      if (srv.name().endsWith(list)) {
        if (srv.ttl() > 0) {
          listener.named(srv.name().substring(0, srv.name().length() - list.length()));
        }
      } else if (txt != null && host != null && srv.port() > 0) {
        told(srv, txt, Addresses.text(host, srv.port()));
      }
    }

    private void told(DnsRecord srv, DnsRecord txt, String address) {
      Service read = TxtJson.read(txt.data(), "node", address, complaints);
      String rest = "." + zone.name(read.name());
      if (!srv.name().endsWith(rest)) {
        throw new CodecException(
            srv.name() + " is no node of service " + read.name() + ", as its text says", null);
      }
      Node node = read.nodes().get(0);
      String id = srv.name().substring(0, srv.name().length() - rest.length());
      Service service =
          read.withNodes(
              List.of(Node.builder(id, node.address()).metadata(node.metadata()).build()));
      if (srv.ttl() == 0) {
        listener.gone(service);
      } else {
        listener.seen(service, Duration.ofSeconds(srv.ttl()));
      }
    }
  }

  @Override
  public String toString() {
    return "MdnsWire[" + options + "]";
  }
}
