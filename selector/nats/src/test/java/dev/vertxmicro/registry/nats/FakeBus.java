// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.registry.nats;

import dev.vertxmicro.errors.GrpcStatus;
import dev.vertxmicro.errors.RpcException;
import io.vertx.core.Future;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** A bus that keeps what is published for the test to pass on. */
final class FakeBus implements Bus {

  record Sent(String subject, @Nullable String reply, String payload) {}

  final List<Sent> sent = new ArrayList<>();
  final Set<String> subjects = new LinkedHashSet<>();
  Listener listener;
  boolean open = true;

  @Override
  public Future<Void> open(Listener listener) {
    this.listener = listener;
    return Future.succeededFuture();
  }

  @Override
  public boolean isOpen() {
    return open;
  }

  @Override
  public void subscribe(String subject) {
    subjects.add(subject);
  }

  @Override
  public void unsubscribe(String subject) {
    subjects.remove(subject);
  }

  @Override
  public void publish(String subject, @Nullable String reply, byte[] payload) {
    if (!open) {
      throw RpcException.client(GrpcStatus.UNAVAILABLE, "no connection").build();
    }
    sent.add(
        new Sent(subject, reply, new String(payload, java.nio.charset.StandardCharsets.UTF_8)));
  }

  @Override
  public Future<Void> close() {
    open = false;
    return Future.succeededFuture();
  }
}
