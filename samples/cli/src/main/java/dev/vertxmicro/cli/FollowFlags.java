// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.cli;

import java.time.Duration;
import picocli.CommandLine.Option;

/** When a command ends that follows something. */
final class FollowFlags {

  @Option(
      names = "--count",
      paramLabel = "N",
      defaultValue = "0",
      description = "End after so many; 0 for no bound. Default: ${DEFAULT-VALUE}")
  int count;

  @Option(
      names = "--for",
      paramLabel = "TIME",
      converter = DurationConverter.class,
      defaultValue = "0s",
      description =
          "End after that time, with code 5 if --count were not there; 0s for no bound. Default:"
              + " ${DEFAULT-VALUE}")
  Duration time = Duration.ZERO;

  /** Made by the command line. */
  FollowFlags() {}
}
