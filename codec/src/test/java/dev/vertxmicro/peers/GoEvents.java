// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.peers;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vertx.core.json.JsonObject;
import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/**
 * A program of {@code samples/go-peers} that publishes and receives events through a broker of real
 * go-micro: lines of JSON in and out.
 */
public final class GoEvents implements AutoCloseable {

  private static final long WAIT_SECONDS = 20;

  private final Process process;
  private final BufferedWriter in;
  private final BlockingQueue<JsonObject> lines = new LinkedBlockingQueue<>();

  /**
   * Starts one and waits until it is ready: it is connected, and subscribes if its flags say so.
   *
   * @param program {@code events-v4} or {@code events-v5}
   */
  public GoEvents(String program, String... flags) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>();
    command.add(Programs.find(program).toString());
    command.addAll(List.of(flags));
    process = new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.DISCARD).start();
    in = process.outputWriter(UTF_8);
    Thread reader = new Thread(this::readLines, "lines of " + program);
    reader.setDaemon(true);
    reader.start();
    assertTrue(next().getBoolean("ready", false));
  }

  private void readLines() {
    try (BufferedReader out = process.inputReader(UTF_8)) {
      for (String line = out.readLine(); line != null; line = out.readLine()) {
        lines.add(new JsonObject(line));
      }
    } catch (IOException ended) {
      lines.add(new JsonObject().put("ended", ended.toString()));
    }
  }

  /** Takes the next line: an event that has come, or a failure. Fails the test if none comes. */
  public JsonObject next() throws InterruptedException {
    JsonObject line = lines.poll(WAIT_SECONDS, TimeUnit.SECONDS);
    assertNotNull(line, "go-micro said nothing in time");
    return line;
  }

  /** Returns how many lines have come that were not taken. */
  public int waiting() {
    return lines.size();
  }

  /** Has it publish an event. */
  public void publish(String topic, JsonObject header, byte[] body) throws IOException {
    // Not put as bytes: Vert.x writes them in another Base64 than Go reads.
    String base64 = Base64.getEncoder().encodeToString(body);
    JsonObject event = new JsonObject().put("topic", topic).put("header", header);
    in.write(event.put("body", base64).encode());
    in.newLine();
    in.flush();
  }

  /** Ends it without a chance to say goodbye. */
  public void kill() {
    process.destroyForcibly();
  }

  /** Ends it: by closing its standard input, and by force if that is not enough. */
  @Override
  public void close() {
    try {
      in.close();
    } catch (IOException gone) {
      process.destroy();
    }
    try {
      if (!process.waitFor(10, TimeUnit.SECONDS)) {
        process.destroyForcibly();
      }
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    }
  }
}
