// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime;

import dev.vertxmicro.metadata.Metadata;
import dev.vertxmicro.registry.Node;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A reply with what came around it. Immutable.
 *
 * @param <R> the body's type
 */
public final class Reply<R extends @Nullable Object> {

  private final R body;
  private final Metadata headers;
  private final Metadata trailers;
  private final Node node;
  private final int attempts;

  private Reply(R body, Metadata headers, Metadata trailers, Node node, int attempts) {
    this.body = body;
    this.headers = Objects.requireNonNull(headers, "headers");
    this.trailers = Objects.requireNonNull(trailers, "trailers");
    this.node = Objects.requireNonNull(node, "node");
    this.attempts = attempts;
  }

  /** Makes a reply, for call wrappers that answer themselves. */
  public static <R extends @Nullable Object> Reply<R> of(
      R body, Metadata headers, Metadata trailers, Node node) {
    return new Reply<>(body, headers, trailers, node, 1);
  }

  /** Returns the body; null only if the peer sent JSON's {@code null}. */
  public R body() {
    return body;
  }

  /** Returns what the peer sent before the body. */
  public Metadata headers() {
    return headers;
  }

  /** Returns what the peer sent after the body. */
  public Metadata trailers() {
    return trailers;
  }

  /** Returns the node that answered. */
  public Node node() {
    return node;
  }

  /** Returns how many attempts the call had started when this reply came; at least 1. */
  public int attempts() {
    return attempts;
  }

  Reply<R> withAttempts(int started) {
    return started == attempts ? this : new Reply<>(body, headers, trailers, node, started);
  }

  /** Returns everything but the body, which may hold secrets. */
  @Override
  public String toString() {
    return "Reply[node=" + node.id() + ", attempts=" + attempts + ", " + headers + "]";
  }
}
