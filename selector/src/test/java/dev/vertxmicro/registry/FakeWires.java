// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.registry;

import dev.vertxmicro.codec.CodecException;
import dev.vertxmicro.errors.GrpcStatus;
import dev.vertxmicro.errors.RpcException;
import io.vertx.core.Future;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Wires that carry at once and lose nothing, unless they are told to. */
final class FakeWires {

  static final Duration TTL = Duration.ofSeconds(10);

  private final List<FakeWire> wires = new ArrayList<>();
  private boolean up = true;
  int questions;

  FakeWire join() {
    FakeWire wire = new FakeWire();
    wires.add(wire);
    return wire;
  }

  void lose() {
    up = false;
    living(wire -> wire.listener.lost());
  }

  void restore() {
    up = true;
    living(wire -> wire.listener.back());
  }

  private void living(Consumer<FakeWire> what) {
    wires.stream().filter(wire -> wire.listener != null && !wire.dead).toList().forEach(what);
  }

  private static RpcException down() {
    return RpcException.client(GrpcStatus.UNAVAILABLE, "the wire is down").build();
  }

  final class FakeWire implements PeerWire {

    private Listener listener;
    private boolean hearsQuestions;
    private boolean hearsAnnouncements;
    private boolean dead;

    /** Makes the process at this end vanish. */
    void die() {
      dead = true;
    }

    @Override
    public Future<Void> open(Listener listener) {
      if (!up) {
        return Future.failedFuture(down());
      }
      this.listener = listener;
      return Future.succeededFuture();
    }

    @Override
    public boolean isOpen() {
      return up && listener != null;
    }

    @Override
    public void hear(boolean questions, boolean announcements) {
      hearsQuestions = questions;
      hearsAnnouncements = announcements;
    }

    @Override
    public void ask(long question, @Nullable String service) {
      requireUp();
      questions++;
      List<FakeWire> heard = wires.stream().filter(w -> w.hearsQuestions && !w.dead).toList();
      heard.forEach(wire -> wire.listener.asked(service, reply -> listener.seen(reply, TTL)));
      if (heard.isEmpty()) {
        listener.nobody(question);
      }
    }

    @Override
    public void announce(Service service) {
      requireUp();
      if (service.nodes().get(0).id().equals("unwritable")) {
        throw new CodecException("unwritable", null);
      }
      tell(ears -> ears.seen(service, TTL));
    }

    @Override
    public void withdraw(Service service) {
      requireUp();
      tell(ears -> ears.gone(service));
    }

    private void tell(Consumer<Listener> what) {
      if (!dead) {
        living(
            wire -> {
              if (wire.hearsAnnouncements) {
                what.accept(wire.listener);
              }
            });
      }
    }

    private void requireUp() {
      if (!up) {
        throw down();
      }
    }

    @Override
    public Future<Void> confirm() {
      return Future.succeededFuture();
    }

    @Override
    public Future<Void> close() {
      dead = true;
      return Future.succeededFuture();
    }
  }
}
