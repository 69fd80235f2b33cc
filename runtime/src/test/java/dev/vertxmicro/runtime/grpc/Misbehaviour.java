// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.grpc;

import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;

/**
 * Something a server can do to a unary call, and what a gRPC client must make of it.
 *
 * <p>The script is for the call that comes first; what comes later is answered {@code ok("fine")}
 * unless the outcome says that it {@link Outcome.Then#FAILS_TOO}. Use it as a parameter:
 *
 * <pre>{@code
 * @ParameterizedTest
 * @MethodSource("dev.vertxmicro.runtime.grpc.Misbehaviour#all")
 * void reports(Misbehaviour misbehaviour) {
 *   try (ScriptedHttp2Server server = misbehaviour.start()) {
 *     ... call 127.0.0.1:server.port() as misbehaviour.caller() says, and again ...
 *   }
 * }
 * }</pre>
 *
 * <p>The scripts expect a client with the limits of {@link #CLIENT_MESSAGE_LIMIT} and {@link
 * #CLIENT_HEADER_LIMIT}, which accepts gzip and sends one small message.
 *
 * @param name unique
 * @param caller how the client must connect
 * @param script prepares the server
 * @param outcome what the client must report
 */
record Misbehaviour(
    String name, Caller caller, Consumer<ScriptedHttp2Server> script, Outcome outcome) {

  /** The greatest message that the client takes, also after inflating. */
  static final int CLIENT_MESSAGE_LIMIT = 4 << 20;

  /** The MAX_HEADER_LIST_SIZE that the client announces. */
  static final int CLIENT_HEADER_LIMIT = 65_536;

  /** How the client connects. */
  enum Caller {
    /** HTTP/2 in clear text, with prior knowledge. */
    CLEAR_TEXT,
    /** TLS that trusts both certificates of {@link ConnectMisbehaviours}, and checks the host. */
    TLS,
    /** TLS that trusts no certificate of the tests. */
    TLS_STRANGER
  }

  /** All of them, by what they disturb: connect, connection, stream, answer, message. */
  static List<Misbehaviour> all() {
    return Stream.of(
            ConnectMisbehaviours.all(),
            ConnectionMisbehaviours.all(),
            StreamMisbehaviours.all(),
            AnswerMisbehaviours.all(),
            MessageMisbehaviours.all())
        .flatMap(List::stream)
        .toList();
  }

  /** A misbehaviour towards the first request of a clear-text client. */
  static Misbehaviour answering(String name, Outcome outcome, Step... script) {
    return new Misbehaviour(name, Caller.CLEAR_TEXT, server -> server.answerNext(script), outcome);
  }

  /** A misbehaviour towards the first connection of a clear-text client. */
  static Misbehaviour connecting(String name, Outcome outcome, Step... script) {
    return new Misbehaviour(
        name, Caller.CLEAR_TEXT, server -> server.onNextConnect(script), outcome);
  }

  /** Starts a server that misbehaves so. */
  ScriptedHttp2Server start() {
    ScriptedHttp2Server server = ScriptedHttp2Server.start().answer(GrpcSteps.ok("fine"));
    script.accept(server);
    return server;
  }

  @Override
  public String toString() {
    return name;
  }
}
