// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.samples.interop;

import dev.vertxmicro.errors.RpcException;
import dev.vertxmicro.peers.GoPeer;
import dev.vertxmicro.runtime.CallOption;
import dev.vertxmicro.runtime.Reply;
import dev.vertxmicro.runtime.Request;
import dev.vertxmicro.runtime.RpcClient;
import dev.vertxmicro.runtime.RpcClientOptions;
import dev.vertxmicro.runtime.RpcStream;
import dev.vertxmicro.runtime.grpc.FlakyProxy;
import dev.vertxmicro.runtime.grpc.FlakyProxy.Direction;
import dev.vertxmicro.runtime.grpc.FrameType;
import dev.vertxmicro.runtime.grpc.SeenFrame;
import dev.vertxmicro.runtime.grpc.WireTap;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Assertions;

/**
 * A go-micro service of the version that its program is named after, a client of ours, and the wire
 * between them, which is recorded.
 */
final class Wired implements AutoCloseable {

  static final String SERVICE = "test.svc";

  private static final long PAUSE_NANOS = 5_000_000;

  private final Vertx vertx = Vertx.vertx();
  private final GoPeer peer;
  private final FlakyProxy proxy;
  private final RpcClient client;

  private Wired(String program, GoPeer peer, String protocol) {
    this.peer = peer;
    Assertions.assertEquals(program, "greeter-" + peer.goMicro().replaceFirst("\\.0$", ""));
    this.proxy = FlakyProxy.to(port(peer.address()));
    this.client =
        RpcClient.builder(vertx).with(new RpcClientOptions().setProtocol(protocol)).build();
  }

  /** Starts a service of that program. */
  static Wired to(String program) throws InterruptedException {
    return new Wired(program, GoPeer.start(program, SERVICE), "grpc");
  }

  /** Starts a service of that program that speaks mucp. */
  static Wired toMucp(String program) throws InterruptedException {
    return new Wired(program, GoPeer.start(program, SERVICE, "-server", "mucp"), "mucp");
  }

  static int port(String address) {
    return Integer.parseInt(address.substring(address.lastIndexOf(':') + 1));
  }

  /** Waits for a future, and throws what it failed with. */
  static <T> T await(Future<T> future) {
    try {
      return future.await(30, TimeUnit.SECONDS);
    } catch (TimeoutException e) {
      throw new AssertionError("nothing in 30 s", e);
    }
  }

  /** Looks again and again, for half a minute, until something is so. */
  static void until(BooleanSupplier isSo, String what) {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
    while (!isSo.getAsBoolean()) {
      Assertions.assertTrue(System.nanoTime() - end < 0, () -> "not in 30 s: " + what);
      LockSupport.parkNanos(PAUSE_NANOS);
    }
  }

  GoPeer peer() {
    return peer;
  }

  RpcClient client() {
    return client;
  }

  Vertx vertx() {
    return vertx;
  }

  /** Returns the address of the proxy. */
  String address() {
    return "127.0.0.1:" + proxy.port();
  }

  <R> Reply<R> call(String endpoint, Object request, Class<R> reply, CallOption... options) {
    return await(
        client.start(Request.of(SERVICE, endpoint, request, reply), here(options)).response());
  }

  /** Calls and returns the failure that must come. */
  RpcException failure(String endpoint, Object request, CallOption... options) {
    try {
      Reply<Object> reply = call(endpoint, request, Object.class, options);
      throw new AssertionError("a reply: " + reply);
    } catch (RpcException expected) {
      return expected;
    }
  }

  <Q, R> RpcStream<Q, R> stream(Request<Q, R> request, CallOption... options) {
    return await(client.stream(request, here(options)));
  }

  private CallOption[] here(CallOption... options) {
    CallOption[] all = Arrays.copyOf(options, options.length + 1);
    all[options.length] = CallOption.address(address());
    return all;
  }

  WireTap tap() {
    return proxy.tap();
  }

  /** Returns the frames that the client has sent on its first connection. */
  List<SeenFrame> sent() {
    return tap().frames(0, Direction.TO_SERVER);
  }

  /** Returns the headers of the client's first request, waiting for it. */
  SeenFrame request() {
    return tap()
        .awaitFrame("a request", 0, Direction.TO_SERVER, frame -> frame.is(FrameType.HEADERS));
  }

  /** Returns the trailers of the first stream, waiting for them. */
  SeenFrame trailers() {
    return tap()
        .awaitFrame(
            "trailers",
            0,
            Direction.TO_CLIENT,
            frame -> frame.is(FrameType.HEADERS) && frame.endsStream());
  }

  /** Waits for the trailers or the reset with which the server has ended a stream. */
  SeenFrame endByServer(int stream) {
    return tap()
        .awaitFrame(
            "the end of stream " + stream,
            0,
            Direction.TO_CLIENT,
            frame ->
                frame.streamId() == stream
                    && (frame.endsStream() || frame.is(FrameType.RST_STREAM)));
  }

  static String header(SeenFrame frame, String name) {
    return frame.header(name).orElseGet(() -> Assertions.fail(name + " is not in " + frame));
  }

  @Override
  public void close() {
    await(client.close());
    proxy.close();
    peer.close();
    await(vertx.close());
  }

  static CallOption within(Duration timeout) {
    return CallOption.timeout(timeout);
  }
}
