// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.samples.cluster;

import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.Reader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One program and what it has written, as far as it is kept: the last {@value #MOST_KEPT}
 * characters. A thread of its own reads what it writes, and waits until the event loop has taken
 * each piece: a program that writes faster than that waits, too.
 */
final class ProcessInstance {

  private static final int MOST_KEPT = 1 << 20;
  private static final int PIECE = 4_096;
  private static final long PATIENCE_MILLIS = 2_000;
  private static final long LAST_WORDS_MILLIS = 200;

  private final Vertx vertx;
  private final Context context;
  private final String id;
  private final String name;
  private final List<String> command;
  private final Process process;
  private final Thread atExit;
  private final Promise<Void> ended = Promise.promise();

  // the event loop only
  private final Deque<String> pieces = new ArrayDeque<>();
  private final List<Consumer<String>> listeners = new ArrayList<>();
  private int kept;
  private boolean killed;
  private @Nullable Integer exit;

  ProcessInstance(
      Vertx vertx, Context context, String id, String name, List<String> command, Process process) {
    this.vertx = vertx;
    this.context = context;
    this.id = id;
    this.name = name;
    this.command = List.copyOf(command);
    this.process = process;
    this.atExit = new Thread(this::destroy, "end of instance " + id);
  }

  String id() {
    return id;
  }

  /** Starts to read what the program writes, and to wait for its end. */
  void watch() {
    Runtime.getRuntime().addShutdownHook(atExit);
    Thread reader = new Thread(this::read, "output of instance " + id);
    reader.setDaemon(true);
    reader.start();
    // What it has left behind may hold its output open, and then the reader sees no end.
    process
        .onExit()
        .thenAccept(
            gone ->
                post(() -> vertx.setTimer(LAST_WORDS_MILLIS, fired -> finish(gone.exitValue()))));
  }

  private void read() {
    try (Reader output = new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8)) {
      char[] piece = new char[PIECE];
      int length = output.read(piece);
      while (length >= 0) {
        String text = new String(piece, 0, length);
        handOver(() -> take(text));
        length = output.read(piece);
      }
      int code = process.waitFor();
      handOver(() -> finish(code));
    } catch (IOException broken) {
      post(() -> take("\n[output broke off]\n"));
    } catch (InterruptedException stopped) {
      Thread.currentThread().interrupt();
    }
  }

  private void handOver(Runnable task) throws InterruptedException {
    CountDownLatch taken = new CountDownLatch(1);
    post(
        () -> {
          task.run();
          taken.countDown();
        });
    taken.await();
  }

  private void post(Runnable task) {
    context.runOnContext(v -> task.run());
  }

  private void take(String text) {
    pieces.add(text);
    kept += text.length();
    while (kept > MOST_KEPT) {
      kept -= pieces.remove().length();
    }
    List.copyOf(listeners).forEach(listener -> listener.accept(text));
  }

  private void finish(int code) {
    if (exit != null) {
      return;
    }
    exit = code;
    try {
      Runtime.getRuntime().removeShutdownHook(atExit);
    } catch (IllegalStateException exiting) {
      // Then it runs already, and finds nothing to end.
    }
    ended.complete();
  }

  // ---- what the cluster asks

  boolean isRunning() {
    return exit == null;
  }

  Future<Void> ended() {
    return ended.future();
  }

  JsonObject describe() {
    return status()
        .put("instance_id", id)
        .put("cmd", command.get(0))
        .put("args", new JsonArray(new ArrayList<>(command.subList(1, command.size()))));
  }

  JsonObject status() {
    String detail =
        exit == null ? "pid " + process.pid() : (killed ? "killed, " : "") + "exit code " + exit;
    return new JsonObject()
        .put("name", name)
        .put("status", exit == null ? "Running" : "Finished")
        .put("status_detail", detail);
  }

  String journal(int lines) {
    String all = String.join("", pieces);
    int from = all.length();
    int end = all.endsWith("\n") ? all.length() - 1 : all.length();
    for (int i = 0; i < lines && from > 0; i++) {
      from = all.lastIndexOf('\n', end - 1) + 1;
      end = from - 1;
    }
    return lines == 0 ? all : all.substring(Math.max(0, from));
  }

  void add(Consumer<String> listener) {
    listeners.add(listener);
  }

  void remove(Consumer<String> listener) {
    listeners.remove(listener);
  }

  /** Asks the program to end, and ends it if it does not. */
  void kill() {
    killed = true;
    process.descendants().forEach(ProcessHandle::destroy);
    process.destroy();
    vertx.setTimer(PATIENCE_MILLIS, fired -> destroy());
  }

  void killNow() {
    killed |= exit == null;
    destroy();
  }

  private void destroy() {
    process.descendants().forEach(ProcessHandle::destroyForcibly);
    process.destroyForcibly();
  }
}
