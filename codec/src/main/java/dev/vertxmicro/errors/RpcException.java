// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.errors;

import dev.vertxmicro.metadata.Metadata;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The one failure of this runtime: every call, stream and publish that fails, fails with it.
 *
 * <p>It carries go-micro's error, the gRPC status, whether a server may have acted ({@link
 * Processed}), the peer's trailing metadata and what became of each attempt. Earlier attempts'
 * failures are also its suppressed exceptions. It has no stack trace: it is made on an event loop,
 * where a trace says nothing. Immutable but for the suppressed list.
 */
public final class RpcException extends RuntimeException {

  private static final long serialVersionUID = 1;

  private final RpcError error;
  private final GrpcStatus grpcStatus;
  private final Processed processed;
  private final transient Metadata metadata;
  private final transient List<AttemptFailure> attempts;
  private final transient PhaseTimes times;
  private final transient Builder origin;

  private RpcException(Builder builder) {
    super(builder.message(), builder.cause, true, false);
    this.error = builder.error;
    this.grpcStatus = builder.grpcStatus;
    this.processed = builder.processed;
    this.metadata = builder.metadata;
    this.attempts = builder.attempts;
    this.times = builder.times;
    this.origin = builder;
  }

  /**
   * Starts an error that this client makes itself: id {@code go.micro.client}, code by {@link
   * GrpcStatus#microCode()}, {@link Processed#NOT_SENT} unless said otherwise.
   */
  public static Builder client(GrpcStatus status, String detail) {
    return new Builder(RpcError.of(RpcError.CLIENT_ID, status.microCode(), detail), status);
  }

  /** Starts an error from its parts, {@link Processed#NOT_SENT} unless said otherwise. */
  public static Builder of(RpcError error, GrpcStatus status) {
    return new Builder(error, status);
  }

  /**
   * Returns {@code failure} itself if it is an {@code RpcException}, else an internal client error
   * (code 500) around it.
   */
  public static RpcException from(Throwable failure) {
    if (failure instanceof RpcException rpc) {
      return rpc;
    }
    return client(GrpcStatus.INTERNAL, String.valueOf(failure.getMessage()))
        .processed(Processed.UNKNOWN)
        .cause(failure)
        .build();
  }

  /** Returns go-micro's error. */
  public RpcError error() {
    return error;
  }

  /**
   * Returns go-micro's HTTP-like code; 408 for an expired deadline, 499 for the caller's cancel.
   */
  public int code() {
    return error.code();
  }

  /** Returns what happened, for a person, without the context that {@link #getMessage} adds. */
  public String detail() {
    return error.detail();
  }

  /** Returns the gRPC status that the error came with or maps to. */
  public GrpcStatus grpcStatus() {
    return grpcStatus;
  }

  /** Tells whether a server may have acted on the request. */
  public Processed processed() {
    return processed;
  }

  /** Returns the peer's trailing metadata; empty if it sent none. */
  public Metadata metadata() {
    return metadata;
  }

  /** Returns what became of each attempt that failed, in the order they started. */
  public List<AttemptFailure> attempts() {
    return attempts;
  }

  /** Returns where the time went: of the call if it is the call's error, else of the attempt. */
  public PhaseTimes times() {
    return times;
  }

  /** Returns a builder that starts from this error, to add what its maker could not know. */
  public Builder toBuilder() {
    Builder builder = new Builder(origin);
    builder.suppressed = List.of(getSuppressed());
    return builder;
  }

  /** Collects the parts of an {@link RpcException}. Not thread-safe. */
  public static final class Builder {

    private final RpcError error;
    private final GrpcStatus grpcStatus;
    private Processed processed = Processed.NOT_SENT;
    private Metadata metadata = Metadata.empty();
    private List<AttemptFailure> attempts = List.of();
    private List<Throwable> suppressed = List.of();
    private PhaseTimes times = PhaseTimes.NONE;
    private @Nullable Throwable cause;
    private @Nullable String target;
    private @Nullable String nodeId;
    private @Nullable String attempt;
    private @Nullable Duration elapsed;

    private Builder(RpcError error, GrpcStatus grpcStatus) {
      this.error = Objects.requireNonNull(error, "error");
      this.grpcStatus = Objects.requireNonNull(grpcStatus, "grpcStatus");
    }

    private Builder(Builder other) {
      this(other.error, other.grpcStatus);
      processed = other.processed;
      metadata = other.metadata;
      attempts = other.attempts;
      times = other.times;
      cause = other.cause;
      target = other.target;
      nodeId = other.nodeId;
      attempt = other.attempt;
      elapsed = other.elapsed;
    }

    /** Sets whether a server may have acted. */
    public Builder processed(Processed processed) {
      this.processed = Objects.requireNonNull(processed, "processed");
      return this;
    }

    /** Sets the peer's trailing metadata. */
    public Builder metadata(Metadata metadata) {
      this.metadata = Objects.requireNonNull(metadata, "metadata");
      return this;
    }

    /** Sets the cause. */
    public Builder cause(@Nullable Throwable cause) {
      this.cause = cause;
      return this;
    }

    /** Sets what was called. */
    public Builder target(String service, String endpoint) {
      this.target = service + " " + endpoint;
      return this;
    }

    /** Sets the node that was tried; null if none was picked. */
    public Builder node(@Nullable String nodeId) {
      this.nodeId = nodeId;
      return this;
    }

    /** Sets which attempt failed, from 1, out of how many at most. */
    public Builder attempt(int number, int most) {
      this.attempt = number + "/" + most;
      return this;
    }

    /** Sets how long the call took. */
    public Builder elapsed(Duration elapsed) {
      this.elapsed = Objects.requireNonNull(elapsed, "elapsed");
      return this;
    }

    /** Sets where the time went. */
    public Builder times(PhaseTimes times) {
      this.times = Objects.requireNonNull(times, "times");
      return this;
    }

    /** Sets what became of each failed attempt. */
    public Builder attempts(List<AttemptFailure> attempts) {
      this.attempts = List.copyOf(attempts);
      return this;
    }

    /** Sets the failures of earlier attempts. */
    public Builder suppressed(List<? extends Throwable> suppressed) {
      this.suppressed = List.copyOf(suppressed);
      return this;
    }

    /** Returns the exception. */
    public RpcException build() {
      RpcException built = new RpcException(new Builder(this));
      suppressed.forEach(built::addSuppressed);
      return built;
    }

    private String message() {
      StringBuilder text = new StringBuilder();
      if (target != null) {
        text.append(target);
        if (nodeId != null) {
          text.append(" on ").append(nodeId);
        }
        if (attempt != null) {
          text.append(", attempt ").append(attempt);
        }
        if (elapsed != null) {
          text.append(", after ").append(elapsed.toMillis()).append(" ms");
        }
        text.append(": ");
      }
      text.append(error.code());
      if (!error.status().isEmpty()) {
        text.append(' ').append(error.status());
      }
      text.append(" (grpc ").append(grpcStatus).append(", processed ").append(processed);
      if (!error.id().isEmpty() && !error.id().equals(RpcError.CLIENT_ID)) {
        text.append(", from ").append(error.id());
      }
      text.append("): ").append(error.detail());
      if (!times.equals(PhaseTimes.NONE)) {
        text.append(" [").append(times).append(']');
      }
      return text.toString();
    }
  }
}
