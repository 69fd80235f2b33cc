// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.benchmarks;

import dev.vertxmicro.broker.GoMicroPayload;
import dev.vertxmicro.codec.Message;
import io.vertx.core.buffer.Buffer;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** What go-micro's JSON of an event costs, either way. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(
    value = 1,
    jvmArgs = {"-Xms512m", "-Xmx512m", "-XX:+AlwaysPreTouch"})
public class PayloadBenchmark {

  /** The size of the body in bytes. */
  @Param({"128", "65536"})
  int bytes;

  private Message event = Message.event("none").build();
  private byte[] payload = {};

  /** Makes the event. */
  @Setup
  public void make() {
    byte[] body = new byte[bytes];
    new Random(bytes).nextBytes(body);
    event = BrokerLoad.event("greeter.news", Buffer.buffer(body));
    payload = GoMicroPayload.encode(event);
  }

  /** Writes the payload of an event. */
  @Benchmark
  public byte[] encode() {
    return GoMicroPayload.encode(event);
  }

  /** Reads the event of a payload. */
  @Benchmark
  public Message decode() {
    return GoMicroPayload.decode("greeter.news", payload);
  }
}
