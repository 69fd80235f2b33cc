// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime;

import dev.vertxmicro.metadata.Metadata;
import dev.vertxmicro.registry.Node;
import dev.vertxmicro.runtime.retry.CallInfo;
import dev.vertxmicro.time.Deadline;
import java.util.Objects;

/** One attempt as call wrappers see it. Immutable: {@link #header} returns a copy to hand on. */
public final class CallContext implements CallInfo {

  private final Attempt attempt;
  private final Metadata metadata;

  CallContext(Attempt attempt, Metadata metadata) {
    this.attempt = attempt;
    this.metadata = Objects.requireNonNull(metadata, "metadata");
  }

  /** Returns what is called, as the caller gave it. */
  public Request<?, ?> request() {
    return attempt.loop().request();
  }

  /** Returns the node of this attempt. */
  public Node node() {
    return attempt.node();
  }

  /** Returns the number of this attempt, from 0. */
  public int attempt() {
    return attempt.number();
  }

  /**
   * Returns this attempt with {@code value} as the only value of the header {@code name}.
   *
   * @throws IllegalArgumentException if the name is one of {@link
   *     dev.vertxmicro.metadata.ReservedHeaders}
   */
  public CallContext header(String name, String value) {
    return new CallContext(attempt, OwnMetadata.checked(metadata.with(name, value)));
  }

  @Override
  public String service() {
    return attempt.loop().service();
  }

  @Override
  public String endpoint() {
    return attempt.loop().endpoint();
  }

  @Override
  public boolean idempotent() {
    return attempt.loop().idempotent();
  }

  /** Returns the headers of this attempt. */
  @Override
  public Metadata metadata() {
    return metadata;
  }

  /** Returns the deadline of this attempt, at most the call's. */
  @Override
  public Deadline deadline() {
    return attempt.deadline();
  }

  Attempt machinery() {
    return attempt;
  }

  @Override
  public String toString() {
    return "CallContext[" + request() + ", " + node() + ", attempt=" + attempt() + "]";
  }
}
