// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.registry.consul;

import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;

/** What a class logs while this is open. */
final class RecordedLogger extends Handler implements AutoCloseable {

  private final Queue<LogRecord> records = new ConcurrentLinkedQueue<>();
  private final Logger logger;

  RecordedLogger(Class<?> type) {
    logger = Logger.getLogger(type.getName());
    logger.addHandler(this);
  }

  List<String> messages(Level level) {
    return records.stream()
        .filter(entry -> entry.getLevel().equals(level))
        .map(LogRecord::getMessage)
        .toList();
  }

  boolean contains(String text) {
    return records.stream().anyMatch(entry -> entry.getMessage().contains(text));
  }

  @Override
  public void publish(LogRecord entry) {
    records.add(entry);
  }

  @Override
  public void flush() {}

  @Override
  public void close() {
    logger.removeHandler(this);
  }
}
