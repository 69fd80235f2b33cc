// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.errors;

import dev.vertxmicro.metadata.Metadata;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletionException;
import org.jspecify.annotations.Nullable;

/**
 * The one failure of this runtime: every call, stream and publish that fails, fails with it.
 *
 * <p>It carries go-micro's error, the gRPC status, whether a server may have acted ({@link
 * Processed}), the peer's trailing metadata and what became of each attempt. Earlier attempts'
 * failures are also its suppressed exceptions. It has no stack trace: it is made on an event loop,
 * where a trace says nothing. Immutable but for the suppressed list. Its message is one line.
 */
public final class RpcException extends RuntimeException {

  private static final long serialVersionUID = 1;

  private final RpcError error;
  private final GrpcStatus grpcStatus;
  private final Processed processed;
  private final Metadata metadata;
  private final AttemptFailure[] attempts;
  private final PhaseTimes times;
  private final FailurePlace place;

  private RpcException(Builder builder) {
    super(null, builder.cause, true, false);
    this.error = builder.error;
    this.grpcStatus = builder.grpcStatus;
    this.processed = builder.processed;
    this.metadata = builder.metadata;
    this.attempts = builder.attempts.toArray(new AttemptFailure[0]);
    this.times = builder.times;
    this.place = builder.place;
  }

  /**
   * Starts an error that this client makes itself: id {@link RpcError#CLIENT_ID}, code by {@link
   * GrpcStatus#microCode()} but {@link RpcError#CANCELLED_CODE} for {@code CANCELLED}, {@link
   * Processed#NOT_SENT} unless said otherwise.
   */
  public static Builder client(GrpcStatus status, String detail) {
    int code = status == GrpcStatus.CANCELLED ? RpcError.CANCELLED_CODE : status.microCode();
    return new Builder(RpcError.of(RpcError.CLIENT_ID, code, detail), status);
  }

  /**
   * Starts the error of a call that its caller cancelled: {@link RpcError#CANCELLED_CODE} and
   * {@code CANCELLED}. A {@code CANCELLED} that came from a server has code 500, as in go-micro.
   *
   * @param reason why, for a person
   */
  public static Builder cancelled(String reason) {
    return client(GrpcStatus.CANCELLED, reason);
  }

  /** Starts an error from its parts, {@link Processed#NOT_SENT} unless said otherwise. */
  public static Builder of(RpcError error, GrpcStatus status) {
    return new Builder(error, status);
  }

  /**
   * Returns {@code failure} itself if it is an {@code RpcException} (or a {@link
   * CompletionException} around one), else an internal client error (code 500, {@link
   * Processed#UNKNOWN}) around it.
   */
  public static RpcException from(Throwable failure) {
    Throwable cause = failure.getCause();
    if (failure instanceof CompletionException && cause != null) {
      return from(cause);
    }
    if (failure instanceof RpcException rpc) {
      return rpc;
    }
    return client(GrpcStatus.INTERNAL, failure.toString())
        .processed(Processed.UNKNOWN)
        .cause(failure)
        .build();
  }

  /**
   * Returns one line that is enough to act on: where, code, status, processed, who made the error,
   * detail (at most 2,000 characters), times and attempts as far as they are known. Made anew at
   * each call, since most failures are counted or retried, not printed.
   */
  @Override
  public String getMessage() {
    return FailureText.of(this, place);
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
    return List.of(attempts);
  }

  /** Returns where the time went: of the call if it is the call's error, else of the attempt. */
  public PhaseTimes times() {
    return times;
  }

  /**
   * Returns a builder that starts from this error, to add what its maker could not know. Its
   * suppressed exceptions are those of this error at the time of the call.
   */
  public Builder toBuilder() {
    Builder builder = new Builder(error, grpcStatus);
    builder.processed = processed;
    builder.metadata = metadata;
    builder.attempts = attempts();
    builder.suppressed = List.of(getSuppressed());
    builder.times = times;
    builder.cause = getCause();
    builder.place = place;
    return builder;
  }

  /** Collects the parts of an {@link RpcException}. Not thread-safe; may build several times. */
  public static final class Builder {

    private final RpcError error;
    private final GrpcStatus grpcStatus;
    private Processed processed = Processed.NOT_SENT;
    private Metadata metadata = Metadata.empty();
    private List<AttemptFailure> attempts = List.of();
    private List<Throwable> suppressed = List.of();
    private PhaseTimes times = PhaseTimes.NONE;
    private FailurePlace place = FailurePlace.UNKNOWN;
    private @Nullable Throwable cause;

    private Builder(RpcError error, GrpcStatus grpcStatus) {
      this.error = Objects.requireNonNull(error, "error");
      this.grpcStatus = Objects.requireNonNull(grpcStatus, "grpcStatus");
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

    /** Sets what was called: a service and its endpoint, or a topic and nothing. */
    public Builder target(String service, String endpoint) {
      place = place.withTarget(endpoint.isEmpty() ? service : service + " " + endpoint);
      return this;
    }

    /** Sets the node that was tried; null if none was picked. */
    public Builder node(@Nullable String nodeId) {
      place = place.withNode(nodeId);
      return this;
    }

    /** Sets which attempt failed, from 1, out of how many at most. */
    public Builder attempt(int number, int most) {
      place = place.withAttempt(number + "/" + most);
      return this;
    }

    /** Sets how long the call took. */
    public Builder elapsed(Duration elapsed) {
      place = place.withElapsed(Objects.requireNonNull(elapsed, "elapsed"));
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
      RpcException built = new RpcException(this);
      suppressed.forEach(built::addSuppressed);
      return built;
    }
  }
}
