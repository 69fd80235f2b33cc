// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.websocket;

import dev.vertxmicro.runtime.pooling.Departure;
import dev.vertxmicro.runtime.pooling.EventLoops;
import dev.vertxmicro.time.Nanos;
import dev.vertxmicro.time.Timer;
import io.netty.util.collection.LongObjectHashMap;
import io.netty.util.collection.LongObjectMap;
import io.vertx.core.buffer.Buffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One connection to a node: the requests whose replies it awaits, by id, and the streams that run
 * over it. Belongs to the event loop of the node.
 *
 * <p>An id leaves the table once, with its reply, its cancel or the connection, and whoever takes
 * it out decides. A message that nobody awaits is passed over and told to the observer; none of
 * them ends the connection, but for one that is too large to be read.
 *
 * <p>A message with a stream_id is an event, unless it has no text and its op_id is awaited: then
 * it is a reply that tells the stream's id again.
 */
final class ClusterConnection implements Wire.Listener {

  private final ClusterLink link;
  private final WebSocketLoop loop;
  private final Wire wire;
  private final LongObjectMap<Awaiting> awaited = new LongObjectHashMap<>();
  private final Map<String, SharedStream> instances = new HashMap<>();
  private final Map<String, SharedStream> streams = new HashMap<>();
  private final HeldEvents held;
  private final StoppedStreams stopped = new StoppedStreams();
  private int stops;
  private boolean draining;
  private boolean leaving;
  private boolean closed;
  private boolean heard;
  private long heardNanos;
  private @Nullable Timer keepalive;
  private @Nullable Timer closing;
  private @Nullable Loss ending;

  ClusterConnection(ClusterLink link, WebSocketLoop loop, Wire wire) {
    this.link = link;
    this.loop = loop;
    this.wire = wire;
    this.held = new HeldEvents(loop, this::refuse, this::ignored);
    this.heardNanos = loop.nanoTime();
  }

  /** Starts to listen to the node, and to look whether it lives. */
  void start() {
    try {
      wire.start(this, loop.options().getMaxUnwrittenBytes());
    } catch (IllegalStateException closedAlready) {
      wire.cut();
      closed(closedAlready);
      return;
    }
    armKeepalive();
  }

  String address() {
    return link.address();
  }

  /** Tells whether it takes requests, before Vert.x says that it was closed. */
  boolean isOpen() {
    return !closed && !leaving && !draining && wire.isOpen();
  }

  /** Tells whether more is unwritten than may be. */
  boolean isFull() {
    return wire.isFull();
  }

  /** Tells whether the peer has said anything. */
  boolean hasHeard() {
    return heard;
  }

  int awaited() {
    return awaited.size();
  }

  /** Tells whether nobody would miss it; the reply to a stop is nobody's. */
  boolean isUnused() {
    return awaited.size() == stops && instances.isEmpty();
  }

  // ---- requests

  /** Returns the next id, which no request to the node has had. */
  long nextId() {
    return link.nextId();
  }

  void expect(long id, Awaiting request) {
    awaited.put(id, request);
  }

  /** Nobody awaits the reply to that request any more. */
  void forget(long id) {
    if (awaited.remove(id) != null) {
      settle();
    }
  }

  void write(RequestText text, long id, Departure departure) {
    wire.write(text, id, departure);
  }

  private void settle() {
    if (draining && isUnused()) {
      sayGoodBye();
    }
    link.ready();
  }

  // ---- streams

  /** Gives {@code listener} the stream of an instance, which starts if nobody has it. */
  void join(WebSocketStream listener, String instance, RequestText request) {
    SharedStream running = instances.get(instance);
    if (running != null) {
      running.join(listener);
      return;
    }
    SharedStream fresh = new SharedStream(this, loop, instance, request);
    instances.put(instance, fresh);
    held.startAwaited();
    fresh.join(listener);
    fresh.start();
  }

  /** Returns whether the id is that of a stream which runs already. */
  boolean isRunning(String streamId) {
    return streams.containsKey(streamId);
  }

  /** The reply to a start has come, with that id. */
  HeldEvents.Held opened(String streamId, SharedStream stream) {
    streams.put(streamId, stream);
    stopped.remove(streamId);
    return held.claim(streamId);
  }

  /** A start has had its reply, or will not have one. */
  void startSettled() {
    held.startSettled();
  }

  /** Nobody has the stream of that instance any more. */
  void ended(SharedStream stream, String instance, @Nullable String streamId) {
    instances.remove(instance, stream);
    if (streamId != null) {
      streams.remove(streamId, stream);
      if (!closed && !leaving) {
        stop(streamId, instance);
      }
    }
    if (!closed) {
      settle();
    }
  }

  /** Tells the node, once, that nobody wants the events of a stream. */
  private void stop(String streamId, @Nullable String instance) {
    if (stopped.add(streamId)) {
      long id = nextId();
      Stop stop = new Stop(id);
      expect(id, stop);
      write(RequestText.stop(streamId, instance), id, stop);
    }
  }

  /** Awaits the reply to a stop_stream, for a while: nothing depends on it. */
  private final class Stop extends Departure implements Awaiting {
    private final long id;
    private final Timer timer;

    Stop(long id) {
      this.id = id;
      this.timer = loop.arm(Nanos.of(loop.options().getHoldTimeout()), this::giveUp);
      stops++;
    }

    @Override
    public void left(@Nullable Throwable failure) {
      if (failure != null) {
        EventLoops.execute(loop.context(), this::giveUp);
      }
    }

    private void giveUp() {
      if (awaited.containsKey(id)) {
        over();
        forget(id);
      }
    }

    private void over() {
      stops--;
      timer.cancel();
    }

    @Override
    public void replied(Envelope reply) {
      over();
    }

    @Override
    public void lost(Loss loss) {
      over();
    }
  }

  // ---- what the node says

  @Override
  public void heard() {
    heardNanos = loop.nanoTime();
    if (!heard) {
      heard = true;
      link.heard();
    }
  }

  @Override
  public void text(Buffer message) {
    Envelope envelope;
    try {
      envelope = Envelope.of(message);
    } catch (JsonMembers.MalformedException bad) {
      ignored("malformed");
      return;
    }
    long id = envelope.op();
    Awaiting request = id < 0 ? null : awaited.get(id);
    if (envelope.streamId() != null && (request == null || envelope.hasMessage())) {
      event(envelope.streamId(), envelope);
    } else if (request != null) {
      awaited.remove(id);
      request.replied(envelope);
      settle();
    } else {
      ignored(envelope.isCorrelated() ? "unknown op_id" : "no op_id");
    }
  }

  private void event(String streamId, Envelope event) {
    SharedStream stream = streams.get(streamId);
    if (stream != null) {
      stream.event(event.body());
    } else if (stopped.contains(streamId)) {
      ignored("stopped stream");
    } else if (!held.hold(streamId, event)) {
      ignored("unknown stream");
      refuse(streamId, event.instanceId());
    }
  }

  private void refuse(String streamId, @Nullable String instance) {
    if (!closed && !leaving) {
      stop(streamId, instance);
    }
  }

  @Override
  public void binary() {
    ignored("binary");
  }

  private void ignored(String why) {
    loop.observer().messageIgnored(WebSocketTransport.PROTOCOL, why);
  }

  @Override
  public void tooLarge() {
    loop.observer().limitReached("messageBytes");
    cut(
        Failures.lost(
            address(), "a message of more than " + loop.options().getMaxMessageBytes() + " bytes"));
  }

  @Override
  public void drained() {
    EventLoops.execute(loop.context(), link::ready);
  }

  // ---- whether the node lives

  private void armKeepalive() {
    long interval = Nanos.of(loop.options().getPingInterval());
    if (interval > 0) {
      keepalive = loop.arm(interval, () -> checkLife(interval));
    }
  }

  private void checkLife(long interval) {
    keepalive = null;
    if (closed || leaving) {
      return;
    }
    long silent = loop.nanoTime() - heardNanos;
    if (silent >= 2 * interval) {
      cut(Failures.lost(address(), "no sign of life for " + silent / 1_000_000 + " ms"));
    } else {
      wire.ping();
      armKeepalive();
    }
  }

  // ---- the end

  /** Closes when the last reply is there, and the last stream given up. */
  void drain() {
    draining = true;
    if (isUnused()) {
      sayGoodBye();
    }
  }

  private void sayGoodBye() {
    if (!closed && !leaving) {
      leaving = true;
      armClosing();
      wire.close();
    }
  }

  private void armClosing() {
    if (closing == null) {
      closing = loop.arm(Nanos.of(loop.options().getCloseTimeout()), wire::cut);
    }
  }

  @Override
  public void leaving(String why) {
    if (!closed && !leaving) {
      leaving = true;
      armClosing();
      Loss loss = Failures.lost(address(), why);
      ending = loss;
      link.abandon(this);
      endAll(loss);
    }
  }

  /**
   * Closes at once; what is still awaited fails as {@code loss} says. Cuts first: what the socket
   * held back then proves not to have left.
   */
  void cut(Loss loss) {
    if (closed) {
      return;
    }
    leaving = true;
    ending = loss;
    link.abandon(this);
    wire.cut();
    endAll(loss);
  }

  private void endAll(Loss loss) {
    held.clear();
    for (SharedStream stream : List.copyOf(instances.values())) {
      stream.lost(loss);
    }
    List<Awaiting> all = new ArrayList<>(awaited.values());
    awaited.clear();
    all.forEach(request -> request.lost(loss));
  }

  @Override
  public void closed(@Nullable Throwable cause) {
    if (closed) {
      return;
    }
    closed = true;
    if (keepalive != null) {
      keepalive.cancel();
    }
    if (closing != null) {
      closing.cancel();
    }
    link.closed(this);
    endAll(ending == null ? Failures.lost(address(), cause) : ending);
  }
}
