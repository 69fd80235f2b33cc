// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.cli;

import dev.vertxmicro.runtime.CallOption;
import dev.vertxmicro.runtime.Request;
import dev.vertxmicro.runtime.RpcClient;
import dev.vertxmicro.time.TimeSource;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.HdrHistogram.Histogram;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Loads an endpoint. */
@Command(
    name = "bench",
    sortOptions = false,
    description = {
      "Calls an endpoint at a steady rate and prints how long the answers took.",
      "The rate does not wait for answers (an open loop), and a call's time counts from when it was"
          + " due."
    })
final class BenchCommand extends CallingCommand {

  private static final double[] PERCENTILES = {50, 90, 95, 99, 99.9, 99.99};
  private static final long PROGRESS_MILLIS = 250;

  @Parameters(
      index = "2",
      arity = "0..1",
      paramLabel = "JSON",
      defaultValue = "{}",
      description = "The request. Default: ${DEFAULT-VALUE}")
  private String body = "{}";

  @Option(
      names = "--rate",
      paramLabel = "N",
      defaultValue = "100",
      description = "Calls a second, up to 1,000,000. Default: ${DEFAULT-VALUE}")
  private double rate;

  @Option(
      names = "--duration",
      paramLabel = "TIME",
      converter = DurationConverter.class,
      defaultValue = "10s",
      description = "For how long, up to 24h. Default: ${DEFAULT-VALUE}")
  private Duration duration = Duration.ofSeconds(10);

  @Option(
      names = "--max-open",
      paramLabel = "N",
      defaultValue = "10000",
      description =
          "Most calls under way; what is due beyond is not sent. Default: ${DEFAULT-VALUE}")
  private int most;

  @Option(
      names = "--chart",
      paramLabel = "FILE",
      description = "Draw latency by percentile into this file, .html or .svg.")
  private @Nullable Path chart;

  /** Made by the command line. */
  BenchCommand() {}

  @Override
  int run(Vertx vertx, Terminal terminal) {
    check();
    RpcClient client = openClient(vertx);
    Wire wire = wire(client);
    Buffer request = wire.encode(body);
    CallOption options = options(wire);
    OpenLoop load =
        new OpenLoop(
            TimeSource.of(vertx),
            rate,
            duration,
            most,
            () ->
                client.call(Request.of(service, wire.endpoint(), request, Buffer.class), options));
    Promise<OpenLoop> running = Promise.promise();
    vertx.runOnContext(begin -> load.run().onComplete(running));
    long progress = vertx.setPeriodic(PROGRESS_MILLIS, tick -> progress(terminal, load));
    try {
      await(running.future(), duration.plus(flags.timeout));
    } finally {
      vertx.cancelTimer(progress);
      if (!json) {
        terminal.endProgress();
      }
    }
    print(terminal, load);
    draw(load.latencies());
    return load.answered() > 0 && load.failures().isEmpty() ? MicroCommand.OK : MicroCommand.FAILED;
  }

  private void progress(Terminal terminal, OpenLoop load) {
    if (!json) {
      terminal.progress(load.line());
    }
  }

  private void check() {
    if (!(rate > 0 && rate <= 1_000_000)) {
      throw new IllegalArgumentException("--rate: " + rate + " (expected: above 0, to 1000000)");
    }
    if (duration.isZero() || duration.compareTo(Duration.ofHours(24)) > 0) {
      throw new IllegalArgumentException(
          "--duration: " + duration + " (expected: above 0, to 24h)");
    }
    if (most < 1) {
      throw new IllegalArgumentException("--max-open: " + most + " (expected: 1 or more)");
    }
    if (chart != null && !chart.toString().matches(".*\\.(html|svg)")) {
      throw new IllegalArgumentException("--chart: " + chart + " (expected: .html or .svg)");
    }
  }

  private void print(Terminal terminal, OpenLoop load) {
    Histogram latencies = load.latencies();
    double perSecond = load.answered() / (duration.toNanos() / 1e9);
    if (json) {
      JsonObject nanos = new JsonObject().put("min", latencies.getMinValue());
      for (double percentile : PERCENTILES) {
        nanos.put("p" + trimmed(percentile), latencies.getValueAtPercentile(percentile));
      }
      nanos.put("max", latencies.getMaxValue());
      terminal.line(
          new JsonObject()
              .put("sent", load.sent())
              .put("answered", load.answered())
              .put("notSent", load.notSent())
              .put("failures", new JsonObject(Map.copyOf(load.failures())))
              .put("answeredPerSecond", perSecond)
              .put("latencyNanos", nanos)
              .encode());
      return;
    }
    terminal.line(
        String.format(
            Locale.ROOT,
            "%,d calls sent, %,d answered (%.1f a second), %,d failed, %,d not sent",
            load.sent(),
            load.answered(),
            perSecond,
            load.sent() - load.answered(),
            load.notSent()));
    load.failures().forEach((status, count) -> terminal.line("  " + status + " " + count));
    if (load.answered() > 0) {
      List<String> heading = new ArrayList<>(List.of("MIN"));
      List<String> row = new ArrayList<>(List.of(Chart.text((double) latencies.getMinValue())));
      for (double percentile : PERCENTILES) {
        heading.add("P" + trimmed(percentile));
        row.add(Chart.text((double) latencies.getValueAtPercentile(percentile)));
      }
      heading.add("MAX");
      row.add(Chart.text((double) latencies.getMaxValue()));
      terminal.table(heading, List.of(row));
    }
  }

  private static String trimmed(double percentile) {
    return percentile == Math.rint(percentile)
        ? Integer.toString((int) percentile)
        : Double.toString(percentile);
  }

  private void draw(Histogram latencies) {
    if (chart == null || latencies.getTotalCount() == 0) {
      return;
    }
    Chart drawn =
        new Chart(
            String.format(Locale.ROOT, "%s %s at %,.0f calls a second", service, endpoint, rate),
            latencies);
    try {
      Files.writeString(chart, chart.toString().endsWith(".svg") ? drawn.svg() : drawn.html());
    } catch (IOException unwritable) {
      throw new IllegalArgumentException(
          "--chart: " + chart + ": " + unwritable.getMessage(), unwritable);
    }
  }
}
