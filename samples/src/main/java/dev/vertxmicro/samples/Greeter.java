// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.samples;

import dev.vertxmicro.greeter.HelloReply;
import dev.vertxmicro.greeter.HelloRequest;
import dev.vertxmicro.registry.Registry;
import dev.vertxmicro.registry.Service;
import dev.vertxmicro.runtime.server.RpcServer;
import dev.vertxmicro.runtime.server.ServerCall;
import dev.vertxmicro.runtime.server.ServerOptions;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.VerticleBase;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * A node of the service {@code greeter}: a verticle that serves {@code Greeter.Hello} to records as
 * JSON and {@code ProtoGreeter.Hello} to protobuf messages, on a free port of the loopback
 * interface.
 *
 * <p>It can be told to be slow, and to die. Those methods may be called from any thread.
 */
final class Greeter extends VerticleBase {

  static final String SERVICE = "greeter";

  private final String id;
  private final Registry registry;
  private final AtomicInteger waiting = new AtomicInteger();
  private volatile boolean alive;
  private volatile Duration pace = Duration.ZERO;
  private volatile Promise<Void> busy = Promise.promise();
  private volatile Promise<Void> idle = Promise.promise();
  private volatile @Nullable RpcServer server;

  Greeter(String id, Registry registry) {
    this.id = id;
    this.registry = registry;
  }

  @Override
  public Future<?> start() {
    ServerOptions options =
        new ServerOptions(SERVICE)
            .setNodeId(id)
            // A server that is to be killed does not wait for its calls.
            .setDrainTimeout(Duration.ZERO);
    RpcServer server =
        RpcServer.create(vertx, options)
            .handle("Greeter.Hello", Hello.class, this::hello)
            .handle("ProtoGreeter.Hello", HelloRequest.class, this::protoHello);
    this.server = server;
    return server.start(registry).onSuccess(started -> alive = true);
  }

  private Future<Greeting> hello(Hello hello, ServerCall call) {
    return think(call).map(thought -> new Greeting(text(hello.name())));
  }

  private Future<HelloReply> protoHello(HelloRequest hello, ServerCall call) {
    return think(call)
        .map(thought -> HelloReply.newBuilder().setGreeting(text(hello.getName())).build());
  }

  static String text(String name) {
    return "Hello " + name;
  }

  /** Waits as long as an answer takes here, or until nobody waits for it any more. */
  private Future<Void> think(ServerCall call) {
    if (pace.isZero()) {
      return Future.succeededFuture();
    }
    Promise<Void> thought = Promise.promise();
    waiting.incrementAndGet();
    busy.tryComplete();
    long timer = vertx.setTimer(pace.toMillis(), due -> thought.tryComplete());
    call.cancelled()
        .onSuccess(
            reason -> {
              vertx.cancelTimer(timer);
              thought.tryFail(reason);
            });
    return thought
        .future()
        .onComplete(
            done -> {
              if (waiting.decrementAndGet() == 0 && pace.isZero()) {
                idle.tryComplete();
              }
            });
  }

  /** Returns the id of this node. */
  String id() {
    return id;
  }

  /** Returns what this node registers. */
  Service service() {
    return Objects.requireNonNull(server, "server").service();
  }

  /**
   * Takes that long for each answer from now on.
   *
   * @return completes when the first call waits
   */
  Future<Void> slowDown(Duration pace) {
    Promise<Void> first = Promise.promise();
    this.busy = first;
    this.idle = Promise.promise();
    this.pace = pace;
    return first.future();
  }

  /**
   * Answers at once from now on.
   *
   * @return completes when the calls that waited already have ended, one way or another
   */
  Future<Void> speedUp() {
    this.pace = Duration.ZERO;
    if (waiting.get() == 0) {
      idle.tryComplete();
    }
    return idle.future();
  }

  /** Tells whether this node runs. */
  boolean isAlive() {
    return alive;
  }

  /** Ends this node, whatever it is doing. */
  Future<Void> kill() {
    alive = false;
    return vertx.undeploy(deploymentID());
  }
}
