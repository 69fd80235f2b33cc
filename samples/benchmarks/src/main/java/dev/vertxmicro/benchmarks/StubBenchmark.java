// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.benchmarks;

import dev.vertxmicro.codec.Message;
import dev.vertxmicro.registry.StaticRegistry;
import dev.vertxmicro.runtime.CallOption;
import dev.vertxmicro.runtime.Request;
import dev.vertxmicro.runtime.RpcClient;
import dev.vertxmicro.runtime.RpcClientOptions;
import dev.vertxmicro.runtime.transport.MemoryTransport;
import dev.vertxmicro.time.TimeSource;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * What a call through a stub costs over the same call without; run with {@code -prof gc} to see
 * garbage. The whole path of a call, on an event loop, but for a wire: the node is in memory.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(
    value = 2,
    jvmArgs = {"-Xms512m", "-Xmx512m"})
public class StubBenchmark {

  private static final int CALLS = 1_000;
  private static final String NODE = "echo.memory:1";

  private final Vertx vertx = Vertx.vertx();
  private final Context context = vertx.getOrCreateContext();
  private final Buffer payload = Buffer.buffer(new byte[128]);
  private final MemoryTransport transport = MemoryTransport.create(TimeSource.of(vertx));
  private final RpcClient client =
      RpcClient.builder(vertx)
          .with(new RpcClientOptions().setProtocol(MemoryTransport.PROTOCOL))
          .withRegistry(StaticRegistry.of("echo", NODE))
          .withTransport(transport)
          .build();
  private final EchoService stub = EchoServiceStub.create(client);

  /** Starts the node. */
  @Setup
  public void serve() {
    transport.serve(
        NODE,
        request -> Future.succeededFuture(Message.reply().body(request.message().body()).build()));
  }

  /** Calls without a stub. */
  @Benchmark
  @OperationsPerInvocation(CALLS)
  public void client() {
    run(() -> client.call(Request.of("echo", "Echo.Echo", payload, Buffer.class)));
  }

  /** Calls through a stub. */
  @Benchmark
  @OperationsPerInvocation(CALLS)
  public void stub() {
    run(() -> stub.echo(payload));
  }

  /** Calls without a stub, with the options that {@link #stubWithDefaults} has by annotation. */
  @Benchmark
  @OperationsPerInvocation(CALLS)
  public void clientWithOptions() {
    run(
        () ->
            client.call(
                Request.of("echo", "Echo.Safely", payload, Buffer.class),
                CallOption.idempotent(),
                CallOption.timeout(Duration.ofSeconds(2)),
                CallOption.retries(3)));
  }

  /** Calls a method with defaults of its own. */
  @Benchmark
  @OperationsPerInvocation(CALLS)
  public void stubWithDefaults() {
    run(() -> stub.safely(payload));
  }

  /** Makes one call after the other on an event loop, and waits for them. */
  private void run(Supplier<Future<Buffer>> call) {
    Promise<Void> done = Promise.promise();
    context.runOnContext(
        here -> {
          Future<Buffer> last = call.get();
          for (int i = 1; i < CALLS; i++) {
            if (!last.succeeded()) {
              break;
            }
            last = call.get();
          }
          last.<Void>mapEmpty().onComplete(done);
        });
    done.future().await();
  }

  /** Ends it all. */
  @TearDown
  public void close() {
    client.close().await();
    vertx.close().await();
  }
}
