// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.peers;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Assumptions;

/**
 * Finds the real programs that tests talk to: servers, and services of other frameworks.
 *
 * <p>They are looked for in the directory that the environment names in {@code MICRO_PEERS}, else
 * in {@code .peers/bin} of the working directory or the nearest directory above it. {@code ./micro
 * test} puts them there.
 */
public final class Programs {

  private Programs() {}

  /**
   * Returns where a program is. Where it is missing the test is aborted, and says so on standard
   * output; with {@code MICRO_REQUIRE_PEERS=1} it fails.
   */
  public static Path find(String program) {
    Optional<Path> found = directory().map(dir -> dir.resolve(program)).filter(Files::isExecutable);
    if (found.isPresent()) {
      return found.get();
    }
    String reason = "left out: a test against " + program + ", which ./micro test did not get";
    if ("1".equals(System.getenv("MICRO_REQUIRE_PEERS"))) {
      throw new AssertionError("MICRO_REQUIRE_PEERS=1 and " + reason);
    }
    System.out.println(reason);
    return Assumptions.abort(reason);
  }

  private static Optional<Path> directory() {
    String named = System.getenv("MICRO_PEERS");
    if (named != null && !named.isEmpty()) {
      return Optional.of(Path.of(named).toAbsolutePath());
    }
    for (Path dir = Path.of("").toAbsolutePath(); dir != null; dir = dir.getParent()) {
      Path bin = dir.resolve(".peers").resolve("bin");
      if (Files.isDirectory(bin)) {
        return Optional.of(bin);
      }
    }
    return Optional.empty();
  }
}
