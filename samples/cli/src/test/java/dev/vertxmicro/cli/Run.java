// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.cli;

import io.vertx.core.json.JsonObject;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import picocli.CommandLine;

/**
 * One run of the command line in this process.
 *
 * @param code its exit code
 * @param out what it printed
 * @param err what it complained of
 */
record Run(int code, String out, String err) {

  static Run of(String... args) {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    CommandLine line = MicroCommand.commandLine();
    line.setOut(new PrintWriter(out, true));
    line.setErr(new PrintWriter(err, true));
    int code = line.execute(args);
    return new Run(code, out.toString(), err.toString());
  }

  static CompletableFuture<Run> inBackground(String... args) {
    return CompletableFuture.supplyAsync(() -> of(args), task -> new Thread(task).start());
  }

  List<JsonObject> lines() {
    return out.lines().map(JsonObject::new).toList();
  }

  JsonObject json() {
    return new JsonObject(out);
  }
}
