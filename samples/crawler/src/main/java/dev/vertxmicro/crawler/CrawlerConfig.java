// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.crawler;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.dataformat.toml.TomlMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What the file of {@code --config} says, in TOML with the original's names: the tables {@code
 * MasterServer} and {@code GRPCServer} (of workers) with {@code RegistryAddress}, {@code
 * RegisterTTL}, {@code RegisterInterval}, {@code ClientTimeOut} and {@code Name}, and the list
 * {@code Tasks}, of whose entries the {@code Name} counts. Of its own are {@code Registry} (etcd or
 * consul) in these tables, and the table {@code Election} with {@code TTL} and {@code LockDelay}.
 * Times are seconds, with a fraction if need be. What else is there is passed over.
 */
final class CrawlerConfig {

  /** No file. */
  static final CrawlerConfig NONE = new CrawlerConfig("", new TomlMapper().createObjectNode());

  private final String file;
  private final JsonNode root;

  private CrawlerConfig(String file, JsonNode root) {
    this.file = file;
    this.root = root;
  }

  /**
   * Reads a file.
   *
   * @throws IllegalArgumentException if it cannot be read, or is no TOML
   */
  static CrawlerConfig read(Path file) {
    try {
      return parse(file.toString(), Files.readString(file));
    } catch (IOException unreadable) {
      throw new IllegalArgumentException(
          "config: " + file + ": " + unreadable.getMessage(), unreadable);
    }
  }

  /** Reads the text of a file, see {@link #read}. */
  static CrawlerConfig parse(String name, String toml) {
    try {
      return new CrawlerConfig(name, new TomlMapper().readTree(toml));
    } catch (JsonProcessingException malformed) {
      throw new IllegalArgumentException(
          "config: " + name + ": " + malformed.getOriginalMessage(), malformed);
    }
  }

  @Nullable String text(String table, String name) {
    JsonNode value = root.path(table).path(name);
    if (value.isMissingNode()) {
      return null;
    }
    if (!value.isTextual()) {
      throw unfit(table, name, value, "a string");
    }
    return value.textValue();
  }

  String text(String table, String name, String otherwise) {
    String text = text(table, name);
    return text == null ? otherwise : text;
  }

  Duration seconds(String table, String name, Duration otherwise) {
    JsonNode value = root.path(table).path(name);
    if (value.isMissingNode()) {
      return otherwise;
    }
    if (!value.isNumber() || value.doubleValue() < 0 || value.doubleValue() > 86_400) {
      throw unfit(table, name, value, "seconds, 0 to 86400");
    }
    return Duration.ofMillis(Math.round(value.doubleValue() * 1_000));
  }

  /** Returns the names of the tasks that are to be there. */
  List<String> tasks() {
    List<String> names = new ArrayList<>();
    for (JsonNode task : root.path("Tasks")) {
      JsonNode name = task.path("Name");
      if (!name.isTextual() || name.textValue().isEmpty()) {
        throw unfit("Tasks", "Name", name, "a name for each");
      }
      names.add(name.textValue());
    }
    return List.copyOf(names);
  }

  private IllegalArgumentException unfit(
      String table, String name, JsonNode value, String expected) {
    return new IllegalArgumentException(
        "config: "
            + file
            + ": "
            + table
            + "."
            + name
            + ": "
            + value
            + " (expected: "
            + expected
            + ")");
  }
}
