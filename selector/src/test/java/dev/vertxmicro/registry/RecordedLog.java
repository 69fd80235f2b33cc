// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.registry;

import java.util.List;
import java.util.ResourceBundle;
import java.util.concurrent.CopyOnWriteArrayList;

/** A log that keeps what it is told at WARNING and above, for tests of complaints. */
public final class RecordedLog implements System.Logger {

  private final List<String> warnings = new CopyOnWriteArrayList<>();

  /** Makes an empty log. */
  public RecordedLog() {}

  /** Returns the warnings so far. */
  public List<String> warnings() {
    return List.copyOf(warnings);
  }

  @Override
  public String getName() {
    return "recorded";
  }

  @Override
  public boolean isLoggable(Level level) {
    return level.getSeverity() >= Level.WARNING.getSeverity();
  }

  @Override
  public void log(Level level, ResourceBundle bundle, String message, Throwable thrown) {
    log(level, bundle, message);
  }

  @Override
  public void log(Level level, ResourceBundle bundle, String format, Object... parameters) {
    if (isLoggable(level)) {
      warnings.add(format);
    }
  }
}
