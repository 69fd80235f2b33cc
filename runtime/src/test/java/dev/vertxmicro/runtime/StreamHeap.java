// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime;

import dev.vertxmicro.registry.MemoryRegistry;
import dev.vertxmicro.runtime.grpc.GrpcEngine;
import dev.vertxmicro.runtime.grpc.GrpcOptions;
import dev.vertxmicro.runtime.grpc.GrpcTransports;
import dev.vertxmicro.runtime.server.RpcServer;
import dev.vertxmicro.runtime.server.ServerOptions;
import dev.vertxmicro.runtime.server.ServerStream;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.streams.ReadStream;
import io.vertx.core.streams.WriteStream;
import java.util.concurrent.TimeUnit;

/**
 * A program with both ends of two streams, one each way, of more bytes than its heap holds. The
 * readers take one message at a time, each in a task of its own; the writers write whenever they
 * may. Run by {@link StreamHeapIT} in a process with a small heap.
 */
final class StreamHeap {

  private static final int MESSAGE_BYTES = 64 * 1024;

  private StreamHeap() {}

  /**
   * Streams as many mebibytes as the second argument says, each way, through the engine that the
   * first one names, and prints what has arrived.
   */
  public static void main(String[] args) throws Exception {
    long messages = Long.parseLong(args[1]) * 1024 * 1024 / MESSAGE_BYTES;
    Vertx vertx = Vertx.vertx();
    MemoryRegistry registry = MemoryRegistry.create(vertx);
    Promise<Long> uploaded = Promise.promise();
    RpcServer server =
        RpcServer.create(vertx, new ServerOptions("heap"))
            .handleServerStream(
                "Heap.Down",
                Buffer.class,
                (Buffer ask, ServerStream<Buffer, Buffer> out) -> write(out, messages))
            .handleStream(
                "Heap.Up",
                Buffer.class,
                (ServerStream<Buffer, Buffer> in) -> read(vertx, in).onComplete(uploaded));
    await(server.start(registry));
    GrpcOptions grpc = new GrpcOptions().setEngine(GrpcEngine.valueOf(args[0]));
    RpcClient client =
        RpcClient.builder(vertx)
            .withRegistry(registry)
            .withTransport(new GrpcTransports(grpc))
            .build();
    CallOption bytes = CallOption.contentType("application/grpc+bytes");

    long down =
        await(
            client.stream(Request.of("heap", "Heap.Down", Buffer.buffer("go"), Buffer.class), bytes)
                .compose(stream -> read(vertx, stream)));
    await(
        client.stream(Request.stream("heap", "Heap.Up", Buffer.class, Buffer.class), bytes)
            .compose(
                stream -> {
                  stream.resume();
                  return write(stream, messages).compose(all -> stream.end());
                }));
    long up = await(uploaded.future());

    await(client.close());
    await(server.close());
    await(vertx.close());
    System.out.println("down=" + down + " up=" + up);
  }

  private static Future<Void> write(WriteStream<Buffer> out, long messages) {
    Promise<Void> done = Promise.promise();
    out.exceptionHandler(done::tryFail);
    writeOn(out, new long[] {messages}, done);
    return done.future();
  }

  private static void writeOn(WriteStream<Buffer> out, long[] left, Promise<Void> done) {
    while (left[0] > 0 && !out.writeQueueFull()) {
      left[0]--;
      out.write(Buffer.buffer(new byte[MESSAGE_BYTES]));
    }
    if (left[0] > 0) {
      out.drainHandler(now -> writeOn(out, left, done));
    } else {
      done.tryComplete();
    }
  }

  private static Future<Long> read(Vertx vertx, ReadStream<Buffer> in) {
    Promise<Long> done = Promise.promise();
    long[] bytes = {0};
    in.handler(
        message -> {
          bytes[0] += message.length();
          vertx.runOnContext(later -> in.fetch(1));
        });
    in.endHandler(end -> done.tryComplete(bytes[0])).exceptionHandler(done::tryFail);
    in.fetch(1);
    return done.future();
  }

  private static <T> T await(Future<T> future) throws Exception {
    return future.toCompletionStage().toCompletableFuture().get(5, TimeUnit.MINUTES);
  }
}
