// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.crawler;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.json.JsonObject;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryMXBean;
import java.lang.management.RuntimeMXBean;
import java.lang.management.ThreadInfo;
import java.lang.management.ThreadMXBean;
import java.util.Arrays;
import java.util.Comparator;
import java.util.Objects;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/**
 * What {@code --pprof} serves, in place of Go's profiles: {@code /} for people, {@code /threads}
 * with their stacks, {@code /memory} and {@code /health} for programs. Health is 200 if the process
 * does its work and 503 if not.
 */
final class JvmPage {

  private static final int DEPTH = 40;

  private JvmPage() {}

  /**
   * Listens on {@code address}.
   *
   * @param health what is to be known of the process, with a boolean {@code up}
   */
  static Future<HttpServer> listen(
      Vertx vertx, ListenAddress address, Supplier<JsonObject> health) {
    HttpServerOptions options =
        new HttpServerOptions().setHost(address.host()).setPort(address.port()).setIdleTimeout(60);
    return address.named(
        vertx
            .createHttpServer(options)
            .requestHandler(request -> answer(vertx, request, health))
            .listen());
  }

  private static void answer(Vertx vertx, HttpServerRequest request, Supplier<JsonObject> health) {
    switch (request.path()) {
      case "/", "/debug/pprof/" ->
          end(request, 200, "text/html; charset=utf-8", html(health.get()));
      case "/health" -> {
        JsonObject state = health.get();
        end(request, state.getBoolean("up") ? 200 : 503, "application/json", state.encode());
      }
      case "/memory" -> end(request, 200, "application/json", memory().encode());
      // Stacks stop the world for a moment each; not on the event loop.
      case "/threads" ->
          vertx
              .executeBlocking(JvmPage::threads, false)
              .onSuccess(text -> end(request, 200, "text/plain; charset=utf-8", text));
      default -> end(request, 404, "text/plain", "unknown: " + request.path() + "\n");
    }
  }

  private static void end(HttpServerRequest request, int status, String type, String body) {
    request.response().setStatusCode(status).putHeader("content-type", type).end(body);
  }

  private static String html(JsonObject health) {
    RuntimeMXBean runtime = ManagementFactory.getRuntimeMXBean();
    JsonObject memory = memory();
    return """
    <!doctype html><title>crawler</title>
    <h1>%s, process %d</h1>
    <p>%s %s, up for %,d s; %,d threads; heap %,d of at most %,d MiB</p>
    <p>%s</p>
    <p><a href="/health">health</a> <a href="/memory">memory</a> <a href="/threads">threads</a></p>
    """
        .formatted(
            escape(health.getString("name", "")),
            runtime.getPid(),
            escape(runtime.getVmName()),
            escape(runtime.getVmVersion()),
            runtime.getUptime() / 1_000,
            ManagementFactory.getThreadMXBean().getThreadCount(),
            memory.getLong("heapUsed") >> 20,
            memory.getLong("heapMax") >> 20,
            escape(health.encode()));
  }

  private static String escape(String text) {
    return text.replace("&", "&amp;").replace("<", "&lt;");
  }

  private static JsonObject memory() {
    MemoryMXBean memory = ManagementFactory.getMemoryMXBean();
    return new JsonObject()
        .put("heapUsed", memory.getHeapMemoryUsage().getUsed())
        .put("heapCommitted", memory.getHeapMemoryUsage().getCommitted())
        .put("heapMax", memory.getHeapMemoryUsage().getMax())
        .put("nonHeapUsed", memory.getNonHeapMemoryUsage().getUsed())
        .put(
            "collections",
            ManagementFactory.getGarbageCollectorMXBeans().stream()
                .mapToLong(collector -> Math.max(0, collector.getCollectionCount()))
                .sum());
  }

  private static String threads() {
    ThreadMXBean threads = ManagementFactory.getThreadMXBean();
    return Arrays.stream(threads.getThreadInfo(threads.getAllThreadIds(), DEPTH))
        .filter(Objects::nonNull)
        .sorted(Comparator.comparing(ThreadInfo::getThreadName))
        .map(
            thread ->
                thread.getThreadName()
                    + " "
                    + thread.getThreadState()
                    + "\n"
                    + Arrays.stream(thread.getStackTrace())
                        .map(frame -> "    at " + frame + "\n")
                        .collect(Collectors.joining()))
        .collect(Collectors.joining("\n"));
  }
}
