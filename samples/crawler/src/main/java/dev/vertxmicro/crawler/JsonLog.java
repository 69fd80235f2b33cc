// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.crawler;

import dev.vertxmicro.time.TimeSource;
import io.vertx.core.json.JsonObject;
import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import java.util.function.Consumer;

/**
 * Writes log lines as the original does: one JSON object each, with {@code level}, {@code ts},
 * {@code logger}, {@code caller}, {@code msg} and fields.
 */
final class JsonLog {

  private static final DateTimeFormatter TIME =
      DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss.SSSZ", Locale.ROOT)
          .withZone(ZoneId.systemDefault());

  private static final StackWalker STACK = StackWalker.getInstance();

  private final String logger;
  private final TimeSource time;
  private final Consumer<String> out;

  /**
   * Makes a log.
   *
   * @param logger master or worker
   * @param out takes the lines
   */
  JsonLog(String logger, TimeSource time, Consumer<String> out) {
    this.logger = logger;
    this.time = time;
    this.out = out;
  }

  void info(String message, Object... fields) {
    write("INFO", message, fields);
  }

  void error(String message, Object... fields) {
    write("ERROR", message, fields);
  }

  /**
   * Writes a line.
   *
   * @param fields names and values in turn
   */
  private void write(String level, String message, Object... fields) {
    JsonObject line =
        new JsonObject()
            .put("level", level)
            .put("ts", TIME.format(Instant.ofEpochMilli(time.epochMillis())))
            .put("logger", logger)
            .put("caller", caller())
            .put("msg", message);
    for (int i = 0; i < fields.length; i += 2) {
      line.put((String) fields[i], fields[i + 1]);
    }
    out.accept(line.encode());
  }

  private static String caller() {
    return STACK.walk(
        frames ->
            frames
                .filter(frame -> !frame.getClassName().equals(JsonLog.class.getName()))
                .findFirst()
                .map(frame -> frame.getFileName() + ":" + frame.getLineNumber())
                .orElse(""));
  }
}
