// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.grpc;

import dev.vertxmicro.errors.GrpcStatus;
import dev.vertxmicro.errors.Processed;
import java.util.Optional;

/**
 * What a unary client must report of a {@link Misbehaviour}.
 *
 * @param status OK for a reply; of a call that its deadline ends, what the caller is told
 * @param processed empty for a reply
 * @param detail must be in the error's detail, or be the reply's body; may be empty
 * @param endedBy who ends the call
 * @param then what becomes of the next call to the same address
 */
record Outcome(
    GrpcStatus status, Optional<Processed> processed, String detail, EndedBy endedBy, Then then) {

  /** Who ends the call. */
  enum EndedBy {
    /** What the server does, or the failure to connect: at once, without any timer. */
    SERVER,
    /** The client's bound on connecting. */
    DIAL_TIMEOUT,
    /** The client's keepalive: it sends PING and gets no answer. */
    KEEPALIVE,
    /** Nobody but the deadline, or the caller's cancel. */
    DEADLINE
  }

  /** What becomes of the next call. */
  enum Then {
    /** It succeeds on the same connection. */
    REUSES,
    /** It succeeds, on a new connection; the old one gets no new work. */
    RECONNECTS,
    /** It fails in the same way. */
    FAILS_TOO
  }

  /** A reply with this body; the connection stays in use. */
  static Outcome reply(String body) {
    return new Outcome(GrpcStatus.OK, Optional.empty(), body, EndedBy.SERVER, Then.REUSES);
  }

  /** A failure that the server causes; the connection stays in use. */
  static Outcome failure(GrpcStatus status, Processed processed) {
    return new Outcome(status, Optional.of(processed), "", EndedBy.SERVER, Then.REUSES);
  }

  /** The connection was lost with the request on it. */
  static Outcome lost() {
    return failure(GrpcStatus.UNAVAILABLE, Processed.UNKNOWN).then(Then.RECONNECTS);
  }

  /** No connection could be made. */
  static Outcome notConnected() {
    return failure(GrpcStatus.UNAVAILABLE, Processed.NOT_SENT).then(Then.RECONNECTS);
  }

  Outcome detail(String text) {
    return new Outcome(status, processed, text, endedBy, then);
  }

  Outcome endedBy(EndedBy who) {
    return new Outcome(status, processed, detail, who, then);
  }

  Outcome then(Then next) {
    return new Outcome(status, processed, detail, endedBy, next);
  }
}
