// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.broker.nats;

import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.vertxmicro.broker.Delivery;
import dev.vertxmicro.codec.Message;
import dev.vertxmicro.errors.GrpcStatus;
import dev.vertxmicro.errors.Processed;
import dev.vertxmicro.errors.RpcException;
import dev.vertxmicro.time.Timer;
import io.nats.client.Connection;
import io.nats.client.Dispatcher;
import io.nats.client.support.Status;
import io.vertx.core.Future;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * A subscription of JetStream: a durable consumer of the stream, shared by the members of a queue
 * group, from which this process pulls as many events as it has room for.
 *
 * <p>A pull asks for a number of events within 30 s; the server sends what there is, to the inbox
 * of this subscription, and in the end a status that says how many it did not send. {@code
 * outstanding} is what was asked for and has not come. A pull does not outlive the server or the
 * connection, so a new one starts when the connection is back, when the server says that something
 * is wrong, and when nothing at all was heard for longer than a pull lasts.
 *
 * <p>The server gives an event to another when it has heard nothing of it for {@code ackWait}. So
 * all events that this process holds are reported as being in progress three times in that span.
 */
final class StreamSource extends NatsSource {

  private static final Logger LOG = System.getLogger(StreamSource.class.getName());

  private static final Duration PULL = Duration.ofSeconds(30);
  private static final Duration SILENCE = PULL.plusSeconds(5);
  private static final Duration PAUSE_AFTER_TROUBLE = Duration.ofSeconds(1);

  private static final byte[] ACK = "+ACK".getBytes(US_ASCII);
  private static final byte[] IN_PROGRESS = "+WPI".getBytes(US_ASCII);
  private static final byte[] TERM = "+TERM".getBytes(US_ASCII);

  private final Consumers consumers;
  private final String consumer;
  private final JetStreamOptions options;
  private final int prefetch;
  private final int maxDeliveries;
  private final Duration redeliveryDelay;
  private final Executor context;
  private final ReentrantLock lock = new ReentrantLock();

  // Guarded by the lock.
  private @Nullable StreamDelivery held;
  private int outstanding;
  private String inbox = "";
  private long heardNanos;
  private boolean stopped;
  private boolean troubled;

  // Touched on the context only.
  private @Nullable Timer tick;

  StreamSource(
      NatsBroker broker,
      String topic,
      Consumers consumers,
      String consumer,
      dev.vertxmicro.broker.SubscribeOptions subscribe) {
    super(broker, topic);
    this.consumers = consumers;
    this.consumer = consumer;
    this.options = consumers.options();
    this.prefetch = subscribe.getPrefetch();
    this.maxDeliveries = subscribe.getMaxDeliveries();
    this.redeliveryDelay = subscribe.getRedeliveryDelay();
    this.context = broker.newContext();
  }

  @Override
  void attach(Dispatcher dispatcher) {
    lock.lock();
    try {
      inbox = dispatcherInbox();
      dispatcher.subscribe(inbox, this::onMessage);
      outstanding = 0;
    } finally {
      lock.unlock();
    }
    context.execute(this::startTicking);
    room();
  }

  private String dispatcherInbox() {
    Connection over = connection();
    return over == null ? inbox : over.createInbox();
  }

  @Override
  void reconnected() {
    lock.lock();
    try {
      outstanding = 0;
    } finally {
      lock.unlock();
    }
    room();
  }

  /** Pulls if there is room for a quarter of the prefetch, so that pulls are few. */
  @Override
  public void room() {
    lock.lock();
    try {
      if (stopped || troubled) {
        return;
      }
      int wanted = prefetch - outstanding - subscription().pending();
      if (wanted >= Math.max(1, prefetch / 4) || (wanted > 0 && outstanding == 0)) {
        pull(wanted);
      }
    } finally {
      lock.unlock();
    }
  }

  private void pull(int events) {
    String request = "{\"batch\":" + events + ",\"expires\":" + PULL.toNanos() + "}";
    if (send(consumers.nextSubject(consumer), inbox, request.getBytes(US_ASCII))) {
      outstanding += events;
      heardNanos = broker().time().nanoTime();
    }
  }

  /** Sends over the connection if it stands; when it is back, everything starts anew. */
  private boolean send(String subject, @Nullable String replyTo, byte[] payload) {
    Connection over = connection();
    try {
      if (over == null) {
        return false;
      }
      over.publish(subject, replyTo, payload);
      return true;
    } catch (IllegalStateException lost) {
      return false;
    }
  }

  private void onMessage(io.nats.client.Message message) {
    if (message.isStatusMessage()) {
      onStatus(message);
    } else if (message.isJetStream()) {
      onPayload(message);
      lock.lock();
      try {
        outstanding = Math.max(0, outstanding - 1);
        heardNanos = broker().time().nanoTime();
      } finally {
        lock.unlock();
      }
      room();
    }
  }

  private void onStatus(io.nats.client.Message message) {
    Status status = message.getStatus();
    if (status.getCode() == 100) {
      return;
    }
    boolean pullEnded = status.getCode() == 408 || status.getCode() == 404;
    lock.lock();
    try {
      heardNanos = broker().time().nanoTime();
      outstanding = pullEnded ? Math.max(0, outstanding - unsent(message)) : 0;
      if (!pullEnded && !stopped) {
        troubled = true;
      }
    } finally {
      lock.unlock();
    }
    if (pullEnded) {
      room();
    } else {
      LOG.log(Level.DEBUG, "{0}: {1}", topic(), status.getMessageWithCode());
      context.execute(this::pauseAfterTrouble);
    }
  }

  /** How many events of a pull the server did not send; all that we know of if it does not say. */
  private int unsent(io.nats.client.Message status) {
    String pending =
        status.hasHeaders() ? status.getHeaders().getFirst("Nats-Pending-Messages") : null;
    try {
      return pending == null ? outstanding : Integer.parseInt(pending);
    } catch (NumberFormatException unknown) {
      return outstanding;
    }
  }

  /** Waits a second, makes sure that the consumer is there, and goes on. */
  private void pauseAfterTrouble() {
    broker().time().timer(PAUSE_AFTER_TROUBLE.toNanos(), this::mend);
  }

  private void mend() {
    Connection over = connection();
    if (isStopped() || over == null) {
      return;
    }
    broker()
        .blocking(
            () -> {
              consumers.ensure(over, consumer, topic());
              return null;
            })
        .onComplete(
            mended -> {
              if (mended.failed()) {
                LOG.log(Level.WARNING, topic() + ": no events for now", mended.cause());
                context.execute(this::pauseAfterTrouble);
                return;
              }
              lock.lock();
              try {
                troubled = false;
              } finally {
                lock.unlock();
              }
              room();
            });
  }

  private boolean isStopped() {
    lock.lock();
    try {
      return stopped;
    } finally {
      lock.unlock();
    }
  }

  // ---- Signs of life

  private void startTicking() {
    if (tick == null && !isStopped()) {
      tick = broker().time().timer(options.getAckWait().toNanos() / 3, this::onTick);
    }
  }

  private void onTick() {
    tick = null;
    List<String> subjects = new ArrayList<>();
    boolean silent;
    lock.lock();
    try {
      for (StreamDelivery each = held; each != null; each = each.next) {
        subjects.add(each.settleSubject);
      }
      silent = outstanding > 0 && broker().time().nanoTime() - heardNanos > SILENCE.toNanos();
      if (silent) {
        outstanding = 0;
      }
    } finally {
      lock.unlock();
    }
    subjects.forEach(subject -> send(subject, null, IN_PROGRESS));
    if (silent) {
      room();
    }
    startTicking();
  }

  // ---- Deliveries

  @Override
  Delivery delivery(Message event, io.nats.client.Message payload) {
    return new StreamDelivery(event, payload);
  }

  @Override
  void take(Delivery delivery) {
    StreamDelivery taken = (StreamDelivery) delivery;
    if (taken.attempt() > maxDeliveries) {
      // Whoever had the last delivery vanished before it could give up.
      subscription()
          .reject(
              taken,
              RpcException.client(
                      GrpcStatus.ABORTED,
                      "given up after " + maxDeliveries + " deliveries: never settled")
                  .processed(Processed.UNKNOWN)
                  .target(topic(), "")
                  .build());
      return;
    }
    if (subscription().pending() >= prefetch) {
      // A pull of an earlier connection goes on; somebody else may have room.
      taken.redelivered(redeliveryDelay);
      return;
    }
    hold(taken);
    super.take(taken);
  }

  private void hold(StreamDelivery delivery) {
    lock.lock();
    try {
      delivery.next = held;
      if (held != null) {
        held.previous = delivery;
      }
      held = delivery;
    } finally {
      lock.unlock();
    }
  }

  private void release(StreamDelivery delivery) {
    lock.lock();
    try {
      if (delivery.previous != null) {
        delivery.previous.next = delivery.next;
      } else if (held == delivery) {
        held = delivery.next;
      }
      if (delivery.next != null) {
        delivery.next.previous = delivery.previous;
      }
      delivery.previous = null;
      delivery.next = null;
    } finally {
      lock.unlock();
    }
  }

  /** An event of the stream. What is not acknowledged the server keeps. */
  private final class StreamDelivery extends Delivery {

    private final String settleSubject;
    private final byte[] payload;

    // Guarded by the lock: the list of what is held.
    private @Nullable StreamDelivery previous;
    private @Nullable StreamDelivery next;

    StreamDelivery(Message event, io.nats.client.Message payload) {
      super(event, deliveries(payload));
      this.settleSubject = payload.getReplyTo();
      this.payload = payload.getData();
    }

    @Override
    protected Future<Void> acked() {
      return settle(ACK);
    }

    @Override
    protected boolean redeliveredByBroker() {
      return true;
    }

    @Override
    protected Future<Void> redelivered(Duration delay) {
      return settle(nak(delay));
    }

    @Override
    protected Future<Void> handedBack() {
      settle(nak(Duration.ZERO));
      // Without a connection the server finds out by itself, after ackWait.
      return Future.succeededFuture();
    }

    @Override
    protected void givenUp(RpcException why) {
      String deadLetters = options.getDeadLetterTopic();
      if (deadLetters == null) {
        settle(TERM);
        return;
      }
      broker()
          .storeDeadLetter(deadLetters, payload, why)
          .onSuccess(stored -> settle(TERM))
          .onFailure(
              failure -> {
                LOG.log(Level.WARNING, topic() + ": no dead letter for now", failure);
                settle(nak(PAUSE_AFTER_TROUBLE));
              });
    }

    private Future<Void> settle(byte[] how) {
      release(this);
      return send(settleSubject, null, how)
          ? Future.succeededFuture()
          : Future.failedFuture(
              RpcException.client(
                      GrpcStatus.UNAVAILABLE,
                      "nats: not connected; the event will be delivered again")
                  .processed(Processed.NOT_SENT)
                  .target(topic(), "")
                  .build());
    }
  }

  private static int deliveries(io.nats.client.Message payload) {
    return (int) Math.min(Integer.MAX_VALUE, payload.metaData().deliveredCount());
  }

  private static byte[] nak(Duration delay) {
    String nak = delay.isZero() ? "-NAK" : "-NAK {\"delay\": " + delay.toNanos() + "}";
    return nak.getBytes(US_ASCII);
  }

  // ---- Close

  @Override
  public Future<Void> stop() {
    lock.lock();
    try {
      stopped = true;
    } finally {
      lock.unlock();
    }
    context.execute(
        () -> {
          if (tick != null) {
            tick.cancel();
            tick = null;
          }
        });
    return super.stop();
  }

  @Override
  public void closed() {
    super.closed();
    Connection over = connection();
    if (over != null && consumers.isPrivate(consumer)) {
      broker().blocking(() -> consumers.remove(over, consumer));
    }
  }
}
