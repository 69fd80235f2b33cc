// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.benchmarks;

import com.sun.management.OperatingSystemMXBean;
import com.sun.management.ThreadMXBean;
import io.vertx.core.json.JsonObject;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * One client in a process of its own. Reads lines of JSON with {@code millis}, {@code inFlight},
 * {@code outside} and, if it is not the first one, the {@code setup} of a client, puts the server
 * under that load, and answers each with one line of figures; ends when its input ends. Clients are
 * opened as they are wanted, and kept.
 *
 * <p>The next call is made where the one before completes, inside of what reads the connection; if
 * {@code outside} is true by a later task, as a service does that calls out while it serves.
 */
public final class ClientProcess {

  private static final int MOST_SAMPLES = 4_000_000;

  private final Variant variant;
  private final Map<Setup, Load> loads = new HashMap<>();
  private final long[] latencies = new long[MOST_SAMPLES];
  private final OperatingSystemMXBean process =
      (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
  private final ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();

  private ClientProcess(Variant variant) {
    this.variant = variant;
  }

  private Load load(Setup setup) {
    return loads.computeIfAbsent(setup, variant::open);
  }

  /** Expects the name of a {@link Variant} and the port of the server. */
  public static void main(String[] args) throws IOException, InterruptedException {
    Thread.currentThread().setUncaughtExceptionHandler(ClientProcess::end);
    ClientProcess client = new ClientProcess(Variant.valueOf(args[0]));
    Setup first = Setup.plain(Integer.parseInt(args[1]));
    System.out.println(new JsonObject().put("options", client.load(first).options()).encode());
    BufferedReader commands =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    for (String line = commands.readLine(); line != null; line = commands.readLine()) {
      JsonObject round = new JsonObject(line);
      Figures measured =
          client.run(
              round.containsKey("setup")
                  ? client.load(Setup.of(round.getJsonObject("setup")))
                  : client.load(first),
              round.getLong("millis"),
              round.getInteger("inFlight"),
              round.getBoolean("outside"));
      System.out.println(measured.toJson().encode());
    }
    client.loads.values().forEach(Load::close);
    System.exit(0);
  }

  /** Event loops would keep a process alive that answers no more. */
  private static void end(Thread main, Throwable failure) {
    failure.printStackTrace();
    System.exit(1);
  }

  private Figures run(Load load, long millis, int inFlight, boolean outside)
      throws InterruptedException {
    Round round = new Round(load, inFlight, outside);
    long garbage = allocated();
    long cpu = process.getProcessCpuTime();
    long start = System.nanoTime();
    round.stopAt = start + millis * 1_000_000;
    for (int i = 0; i < inFlight; i++) {
      load.execute(round::next);
    }
    round.ended.await();
    long nanos = System.nanoTime() - start;
    cpu = process.getProcessCpuTime() - cpu;
    garbage = allocated() - garbage;
    Throwable wrong = round.failure.get();
    if (wrong != null) {
      throw new IllegalStateException("a call failed", wrong);
    }
    int calls = round.calls.get();
    int samples = Math.min(calls, MOST_SAMPLES);
    Arrays.sort(latencies, 0, samples);
    return new Figures(
        calls * 1e9 / nanos,
        cpu / 1e3 / calls,
        (double) garbage / calls,
        latencies[(int) (samples * 0.5)] / 1e3,
        latencies[(int) (samples * 0.99)] / 1e3,
        latencies[(int) (samples * 0.999)] / 1e3);
  }

  /** Bytes allocated so far by all threads that live. */
  private long allocated() {
    long sum = 0;
    for (long bytes : threads.getThreadAllocatedBytes(threads.getAllThreadIds())) {
      sum += Math.max(0, bytes);
    }
    return sum;
  }

  /** Keeps a number of calls in flight until its time is over. */
  private final class Round {
    private final Load load;
    private final boolean outside;
    private final AtomicInteger calls = new AtomicInteger();
    private final AtomicInteger open;
    private final AtomicBoolean failed = new AtomicBoolean();
    private final AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();
    private final CountDownLatch ended = new CountDownLatch(1);
    private volatile long stopAt;

    Round(Load load, int inFlight, boolean outside) {
      this.load = load;
      this.outside = outside;
      open = new AtomicInteger(inFlight);
    }

    void next() {
      long start = System.nanoTime();
      if (start >= stopAt || failed.get()) {
        if (open.decrementAndGet() == 0) {
          ended.countDown();
        }
        return;
      }
      load.call(wrong -> done(start, wrong));
    }

    private void done(long start, @Nullable Throwable wrong) {
      if (wrong != null) {
        failure.compareAndSet(null, wrong);
        failed.set(true);
      } else {
        int index = calls.getAndIncrement();
        if (index < MOST_SAMPLES) {
          latencies[index] = System.nanoTime() - start;
        }
      }
      if (outside) {
        load.execute(this::next);
      } else {
        next();
      }
    }
  }
}
