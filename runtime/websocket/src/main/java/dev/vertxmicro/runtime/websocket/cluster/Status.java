// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.websocket.cluster;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What has become of an instance. What the cluster leaves out is empty.
 *
 * @param status one word
 * @param statusDetail more of that, for a person
 * @param name what people call the instance
 */
public record Status(
    String status, @JsonProperty("status_detail") String statusDetail, String name) {

  /** The status of a program that has ended, the only one that clusters agree on. */
  public static final String FINISHED = "Finished";

  /** Takes what is missing for empty. */
  public Status(@Nullable String status, @Nullable String statusDetail, @Nullable String name) {
    this.status = Objects.requireNonNullElse(status, "");
    this.statusDetail = Objects.requireNonNullElse(statusDetail, "");
    this.name = Objects.requireNonNullElse(name, "");
  }

  /** Tells whether the program has ended. */
  public boolean hasFinished() {
    return status.equals(FINISHED);
  }
}
