// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.server;

import dev.vertxmicro.errors.GrpcStatus;
import dev.vertxmicro.errors.RpcError;
import dev.vertxmicro.errors.RpcException;
import dev.vertxmicro.greeter.EchoReply;
import dev.vertxmicro.greeter.EchoRequest;
import dev.vertxmicro.greeter.FailReply;
import dev.vertxmicro.greeter.FailRequest;
import dev.vertxmicro.greeter.HelloReply;
import dev.vertxmicro.greeter.HelloRequest;
import dev.vertxmicro.greeter.MetadataReply;
import dev.vertxmicro.greeter.MetadataRequest;
import dev.vertxmicro.greeter.PanicReply;
import dev.vertxmicro.greeter.PanicRequest;
import dev.vertxmicro.greeter.PlainErrorReply;
import dev.vertxmicro.greeter.PlainErrorRequest;
import dev.vertxmicro.greeter.SlowReply;
import dev.vertxmicro.greeter.SlowRequest;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;

/** The greeter of the Go peers, served by this runtime. */
final class ServedGreeter {

  /** How much time the callers of Slow gave, one for each call. */
  final BlockingQueue<Duration> remaining = new LinkedBlockingQueue<>();

  /** Why nobody waits for a Slow any longer, one for each call. */
  final BlockingQueue<RpcException> cancelled = new LinkedBlockingQueue<>();

  private final RpcServer server;

  ServedGreeter(Vertx vertx) {
    server =
        RpcServer.create(vertx, new ServerOptions("greeter"))
            .handle("Greeter.Hello", HelloRequest.class, this::hello)
            .handle("Greeter.Echo", EchoRequest.class, ServedGreeter::echo)
            .handle("Greeter.Fail", FailRequest.class, ServedGreeter::fail)
            .handle("Greeter.PlainError", PlainErrorRequest.class, ServedGreeter::plainError)
            .handle("Greeter.Panic", PanicRequest.class, ServedGreeter::panic)
            .handle("Greeter.Slow", SlowRequest.class, this::slow)
            .handle("Greeter.Metadata", MetadataRequest.class, ServedGreeter::metadata);
  }

  RpcServer server() {
    return server;
  }

  private Future<HelloReply> hello(HelloRequest request) {
    return Future.succeededFuture(
        HelloReply.newBuilder()
            .setGreeting("Hello " + request.getName())
            .setServedBy(server.node().address())
            .build());
  }

  private static Future<EchoReply> echo(EchoRequest request) {
    return Future.succeededFuture(EchoReply.newBuilder().setPayload(request.getPayload()).build());
  }

  private static Future<FailReply> fail(FailRequest request) {
    return Future.failedFuture(
        RpcException.of(
                RpcError.of(request.getId(), request.getCode(), request.getDetail()),
                GrpcStatus.ofMicroCode(request.getCode()))
            .build());
  }

  private static Future<PlainErrorReply> plainError(PlainErrorRequest request) {
    return Future.failedFuture(request.getText());
  }

  private static Future<PanicReply> panic(PanicRequest request) {
    throw new IllegalStateException(request.getText());
  }

  /** Ends when nobody waits for it any longer. */
  private Future<SlowReply> slow(SlowRequest request, ServerCall call) {
    Promise<SlowReply> reply = Promise.promise();
    remaining.add(call.deadline().remaining());
    call.cancelled()
        .onSuccess(
            reason -> {
              cancelled.add(reason);
              reply.fail(reason);
            });
    return reply.future();
  }

  private static Future<MetadataReply> metadata(MetadataRequest request, ServerCall call) {
    MetadataReply.Builder reply = MetadataReply.newBuilder();
    call.metadata().forEach(reply::putMetadata);
    return Future.succeededFuture(reply.build());
  }
}
