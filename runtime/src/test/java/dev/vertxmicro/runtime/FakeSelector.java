// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime;

import dev.vertxmicro.errors.GrpcStatus;
import dev.vertxmicro.errors.RpcException;
import dev.vertxmicro.registry.Node;
import dev.vertxmicro.selector.Next;
import dev.vertxmicro.selector.Outcome;
import dev.vertxmicro.selector.Pick;
import dev.vertxmicro.selector.SelectOption;
import dev.vertxmicro.selector.Selector;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.util.ArrayList;
import java.util.List;

/** Picks its nodes one after the other, from the first for each call, and keeps the outcomes. */
final class FakeSelector implements Selector {

  final List<Node> nodes = new ArrayList<>();
  final List<String> outcomes = new ArrayList<>();

  /** If set, selections wait for it. */
  Promise<Void> gate = null;

  /** If set, choices that are open have no node any more. */
  boolean exhausted;

  /** The services that calls asked for. */
  final List<String> asked = new ArrayList<>();

  private int open;

  void add(String address) {
    nodes.add(Node.of(address, address));
  }

  int openLeases() {
    return open;
  }

  @Override
  public Future<Next> select(String service, SelectOption... options) {
    asked.add(service);
    Future<Void> opened = gate == null ? Future.succeededFuture() : gate.future();
    return opened.compose(
        ready ->
            nodes.isEmpty()
                ? Future.failedFuture(
                    RpcException.client(GrpcStatus.NOT_FOUND, "service " + service + ": not found")
                        .build())
                : Future.succeededFuture(new Turn()));
  }

  @Override
  public long openPicks() {
    return open;
  }

  @Override
  public void reset(String service) {}

  @Override
  public Future<Void> close() {
    return Future.succeededFuture();
  }

  private final class Turn implements Next {
    private int at;

    @Override
    public Pick next() {
      if (exhausted) {
        throw RpcException.client(GrpcStatus.UNAVAILABLE, "no node left").build();
      }
      open++;
      Node node = nodes.get(at++ % nodes.size());
      return new Pick() {
        private boolean done;

        @Override
        public Node node() {
          return node;
        }

        @Override
        public void answered() {
          outcomes.add(node.id() + " answered");
        }

        @Override
        public void done(Outcome outcome) {
          if (done) {
            throw new IllegalStateException("done twice");
          }
          done = true;
          open--;
          outcomes.add(node.id() + " " + outcome.kind());
        }
      };
    }

    @Override
    public int size() {
      return nodes.size();
    }
  }
}
