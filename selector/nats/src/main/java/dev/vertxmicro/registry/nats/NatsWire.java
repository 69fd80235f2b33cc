// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.registry.nats;

import dev.vertxmicro.codec.CodecException;
import dev.vertxmicro.errors.RpcException;
import dev.vertxmicro.nats.NatsLink;
import dev.vertxmicro.registry.Complaints;
import dev.vertxmicro.registry.PeerWire;
import dev.vertxmicro.registry.Service;
import dev.vertxmicro.registry.ServiceJson;
import dev.vertxmicro.time.Nanos;
import dev.vertxmicro.time.TimeSource;
import dev.vertxmicro.time.Timer;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.buffer.Buffer;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * go-micro's registry protocol on NATS. Questions go to the query subjects with an inbox for the
 * answers, each a service as JSON; who comes and who goes is said on the watch subjects.
 */
final class NatsWire implements PeerWire {

  private static final String CONFIRM = "c";

  private final Bus bus;
  private final NatsRegistryOptions options;
  private final TimeSource time;
  private final String inbox;
  private final Complaints complaints;
  private final Set<String> queries;
  private final Set<String> watches;

  // Touched at home only.
  private final Map<String, Promise<Void>> confirmations = new HashMap<>();
  private final Map<String, Integer> unanswered = new HashMap<>();
  private long sent;

  /**
   * Makes a wire.
   *
   * @param inbox a subject of this registry alone, ending with a dot
   */
  NatsWire(
      Bus bus, NatsRegistryOptions options, TimeSource time, String inbox, Complaints complaints) {
    this.bus = bus;
    this.options = options;
    this.time = time;
    this.inbox = inbox;
    this.complaints = complaints;
    this.queries = Set.copyOf(options.getQuerySubjects());
    this.watches = Set.copyOf(options.getWatchSubjects());
  }

  @Override
  public Future<Void> open(Listener listener) {
    bus.subscribe(inbox + "*");
    return bus.open(new Ears(listener));
  }

  @Override
  public boolean isOpen() {
    return bus.isOpen();
  }

  @Override
  public void hear(boolean questions, boolean announcements) {
    queries.forEach(subject -> hear(subject, questions));
    watches.forEach(subject -> hear(subject, announcements));
  }

  private void hear(String subject, boolean wanted) {
    if (wanted) {
      bus.subscribe(subject);
    } else {
      bus.unsubscribe(subject);
    }
  }

  @Override
  public void ask(long question, @Nullable String service) {
    String reply = inbox + question;
    byte[] payload = Result.question(service);
    unanswered.put(reply, queries.size());
    // No longer than answers are awaited; a "nobody" after that tells nothing.
    time.timer(Nanos.of(options.getAnswerTimeout()), () -> unanswered.remove(reply));
    for (String subject : options.getQuerySubjects()) {
      bus.publish(subject, reply, payload);
    }
  }

  @Override
  public void announce(Service service) {
    tellAll(Result.announcement(options.getRegisterAction(), service));
  }

  @Override
  public void withdraw(Service service) {
    tellAll(Result.announcement("delete", service));
  }

  private void tellAll(byte[] payload) {
    for (String subject : options.getWatchSubjects()) {
      bus.publish(subject, null, payload);
    }
  }

  /** Sends itself a message: the server takes all that a connection sends in order. */
  @Override
  public Future<Void> confirm() {
    Promise<Void> promise = Promise.promise();
    String subject = inbox + CONFIRM + sent++;
    confirmations.put(subject, promise);
    Timer most =
        time.timer(
            Nanos.of(options.getConnectTimeout()),
            () -> promise.tryFail(NatsLink.unavailable("the server does not confirm", null)));
    promise
        .future()
        .onComplete(
            over -> {
              most.cancel();
              confirmations.remove(subject);
            });
    try {
      bus.publish(subject, null, new byte[0]);
    } catch (RuntimeException notSent) {
      promise.tryFail(notSent);
    }
    return promise.future();
  }

  @Override
  public Future<Void> close() {
    return bus.close();
  }

  private final class Ears implements Bus.Listener {

    private final Listener listener;

    Ears(Listener listener) {
      this.listener = listener;
    }

    @Override
    public void received(String subject, @Nullable String reply, byte[] payload) {
      try {
        if (queries.contains(subject)) {
          asked(reply, Result.read(payload));
        } else if (watches.contains(subject)) {
          told(Result.read(payload));
        } else if (subject.startsWith(inbox + CONFIRM)) {
          confirmed(subject);
        } else {
          listener.seen(read(Buffer.buffer(payload), "answer"), options.getNodeTtl());
        }
      } catch (CodecException malformed) {
        complaints.about("nats subject " + subject, malformed.getMessage() + "; passed over");
      } catch (RpcException notSent) {
        complaints.about("nats subject " + subject, "no answer: " + notSent.detail());
      }
    }

    private void confirmed(String subject) {
      Promise<Void> promise = confirmations.get(subject);
      if (promise != null) {
        promise.tryComplete();
      }
    }

    private void asked(@Nullable String reply, Result question) {
      if (reply == null) {
        return;
      }
      boolean get = question.action().equals("get") && !question.name().isEmpty();
      if (get || question.action().equals("list")) {
        listener.asked(
            get ? question.name() : null,
            service -> {
              if (bus.isOpen()) {
                bus.publish(reply, null, ServiceJson.write(service).getBytes());
              }
            });
      }
    }

    private void told(Result result) {
      Buffer json = result.service();
      if (json == null) {
        return;
      }
      switch (result.action()) {
        case "create", "update", "put", "override" ->
            listener.seen(read(json, "announcement of " + result.name()), options.getNodeTtl());
        case "delete" -> listener.gone(read(json, "announcement of " + result.name()));
        default -> complaints.about("nats announcement", "unknown action " + result.action());
      }
    }

    private Service read(Buffer json, String where) {
      return ServiceJson.read(json, "nats " + where, complaints);
    }

    @Override
    public void nobody(String reply) {
      Integer left = unanswered.computeIfPresent(reply, (inbox, n) -> n - 1);
      if (left != null && left == 0) {
        unanswered.remove(reply);
        listener.nobody(Long.parseLong(reply.substring(inbox.length())));
      }
    }

    @Override
    public void lost() {
      Set<Promise<Void>> waiting = new HashSet<>(confirmations.values());
      waiting.forEach(each -> each.tryFail(NatsLink.unavailable("connection lost", null)));
      listener.lost();
    }

    @Override
    public void back() {
      listener.back();
    }
  }

  @Override
  public String toString() {
    return "NatsWire" + List.copyOf(queries);
  }
}
