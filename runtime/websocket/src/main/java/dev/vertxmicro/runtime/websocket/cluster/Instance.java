// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.websocket.cluster;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A program that a cluster has started. What the cluster leaves out is empty.
 *
 * @param instanceId its id
 * @param name what people call it
 * @param cmd the program
 * @param args its arguments
 * @param status one word, {@link Status#FINISHED} when it has ended
 * @param statusDetail more of that, for a person
 */
public record Instance(
    @JsonProperty("instance_id") String instanceId,
    String name,
    String cmd,
    List<String> args,
    String status,
    @JsonProperty("status_detail") String statusDetail) {

  /** Copies the arguments. */
  public Instance(
      @Nullable String instanceId,
      @Nullable String name,
      @Nullable String cmd,
      @Nullable List<String> args,
      @Nullable String status,
      @Nullable String statusDetail) {
    this.instanceId = Objects.requireNonNullElse(instanceId, "");
    this.name = Objects.requireNonNullElse(name, "");
    this.cmd = Objects.requireNonNullElse(cmd, "");
    this.args = args == null ? List.of() : List.copyOf(args);
    this.status = Objects.requireNonNullElse(status, "");
    this.statusDetail = Objects.requireNonNullElse(statusDetail, "");
  }

  /** Returns everything but the arguments, which may hold secrets. */
  @Override
  public String toString() {
    return "Instance[%s, name=%s, cmd=%s, args=%d, status=%s, %s]"
        .formatted(instanceId, name, cmd, args.size(), status, statusDetail);
  }
}
