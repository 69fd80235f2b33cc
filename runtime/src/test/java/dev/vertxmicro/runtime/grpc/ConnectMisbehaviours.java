// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.grpc;

import static dev.vertxmicro.runtime.grpc.Misbehaviour.connecting;
import static dev.vertxmicro.runtime.grpc.Outcome.notConnected;

import dev.vertxmicro.errors.GrpcStatus;
import dev.vertxmicro.errors.Processed;
import dev.vertxmicro.runtime.grpc.Misbehaviour.Caller;
import dev.vertxmicro.runtime.grpc.Outcome.EndedBy;
import dev.vertxmicro.runtime.grpc.Outcome.Then;
import dev.vertxmicro.runtime.transport.TestCertificate;
import java.util.List;
import java.util.function.Consumer;

/** What a server can do before the first request: nothing of it has left the client. */
final class ConnectMisbehaviours {
  /** Made once for the run, when first needed. */
  private static final class Certificates {
    static final TestCertificate LOOPBACK = TestCertificate.forLoopback();
    static final TestCertificate OTHER_HOST = TestCertificate.forOtherHost();
  }

  private ConnectMisbehaviours() {}

  /** The certificate with which TLS servers of the catalogue can be trusted. */
  static TestCertificate certificate() {
    return Certificates.LOOPBACK;
  }

  /** The certificate that names another host; a {@link Caller#TLS} trusts it as well. */
  static TestCertificate otherHostCertificate() {
    return Certificates.OTHER_HOST;
  }

  static List<Misbehaviour> all() {
    return List.of(
        refused(),
        connecting("CLOSES_AT_ACCEPT", notConnected(), Steps.fin()),
        connecting("RESETS_AT_ACCEPT", notConnected(), Steps.rst()),
        connecting("MUTE_PEER", notConnected().endedBy(EndedBy.DIAL_TIMEOUT), Steps.mute()),
        connecting(
            "HTTP_1_PEER",
            notConnected(),
            Steps.raw("HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\n\r\n"),
            Steps.fin()),
        connecting("GREETS_WITH_GARBAGE", notConnected(), Steps.raw("?".repeat(100))),
        noStreams(),
        tls("TLS_UNTRUSTED", Caller.TLS_STRANGER, s -> s.tls(certificate().server("h2"))),
        tls("TLS_OTHER_HOST", Caller.TLS, s -> s.tls(otherHostCertificate().server("h2"))),
        tls("TLS_TO_CLEAR_TEXT_PEER", Caller.TLS, s -> {}),
        tls("TLS_WITHOUT_ALPN", Caller.TLS, s -> s.tls(certificate().server())),
        tls("TLS_FOR_HTTP_1_ONLY", Caller.TLS, s -> s.tls(certificate().server("http/1.1"))),
        tls(
            "TLS_WANTS_A_CERTIFICATE",
            Caller.TLS,
            s -> s.tls(certificate().serverFor(otherHostCertificate(), "h2"))),
        tls("CLEAR_TEXT_TO_TLS_PEER", Caller.CLEAR_TEXT, s -> s.tls(certificate().server("h2"))),
        tlsMute());
  }

  private static Misbehaviour refused() {
    return new Misbehaviour(
        "REFUSES_CONNECTIONS",
        Caller.CLEAR_TEXT,
        ScriptedHttp2Server::refuseConnections,
        notConnected().then(Then.FAILS_TOO));
  }

  /** A connection that never has a stream to give: the call waits, and nothing of it is sent. */
  private static Misbehaviour noStreams() {
    return new Misbehaviour(
        "ALLOWS_NO_STREAMS",
        Caller.CLEAR_TEXT,
        server -> server.onConnect(Steps.settings(Steps.MAX_CONCURRENT_STREAMS, 0)),
        Outcome.failure(GrpcStatus.DEADLINE_EXCEEDED, Processed.NOT_SENT)
            .endedBy(EndedBy.DEADLINE)
            .then(Then.FAILS_TOO));
  }

  private static Misbehaviour tls(
      String name, Caller caller, Consumer<ScriptedHttp2Server> script) {
    return new Misbehaviour(name, caller, script, notConnected().then(Then.FAILS_TOO));
  }

  /** Takes the ClientHello and says nothing. */
  private static Misbehaviour tlsMute() {
    return new Misbehaviour(
        "TLS_MUTE_PEER",
        Caller.TLS,
        server -> server.onConnect(Steps.mute()),
        notConnected().endedBy(EndedBy.DIAL_TIMEOUT).then(Then.FAILS_TOO));
  }
}
