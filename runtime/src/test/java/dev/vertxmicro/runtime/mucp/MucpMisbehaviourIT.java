// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.mucp;

import static dev.vertxmicro.runtime.mucp.ScriptedHttpServer.ok;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.vertxmicro.errors.GrpcStatus;
import dev.vertxmicro.errors.Processed;
import dev.vertxmicro.errors.RpcException;
import dev.vertxmicro.runtime.mucp.MucpCaller.Call;
import dev.vertxmicro.runtime.mucp.ScriptedHttpServer.Peer;
import dev.vertxmicro.runtime.mucp.ScriptedHttpServer.Script;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What servers can do to a call, and what the caller is told; and that the next call has its own
 * answer whatever happened, on the same connection or on another.
 */
class MucpMisbehaviourIT {

  private static final String HEAD = "HTTP/1.1 200 OK\r\n";
  private static final String CHUNKED = HEAD + "Transfer-Encoding: chunked\r\n\r\n";

  /** What becomes of the connection. */
  private enum Fate {
    LIVES,
    ENDS
  }

  /** What a server does with a request that it has read, and what the caller must be told. */
  private record Misbehaviour(String name, Script script, Told told, Fate fate) {
    @Override
    public String toString() {
      return name;
    }
  }

  /** A reply, or a failure. */
  private record Told(String body, GrpcStatus status, int code, Processed processed) {
    static Told reply(String body) {
      return new Told(body, GrpcStatus.OK, 0, Processed.YES);
    }

    static Told failure(GrpcStatus status, int code, Processed processed) {
      return new Told("", status, code, processed);
    }
  }

  private static final Told LOST = Told.failure(GrpcStatus.UNAVAILABLE, 503, Processed.UNKNOWN);
  private static final Told GARBLED = Told.failure(GrpcStatus.INTERNAL, 500, Processed.UNKNOWN);
  private static final Told GARBLED_BODY = Told.failure(GrpcStatus.INTERNAL, 500, Processed.YES);
  private static final Told TOO_LARGE_HEAD =
      Told.failure(GrpcStatus.RESOURCE_EXHAUSTED, 500, Processed.UNKNOWN);
  private static final Told TOO_LARGE =
      Told.failure(GrpcStatus.RESOURCE_EXHAUSTED, 500, Processed.YES);

  static List<Misbehaviour> misbehaviours() {
    List<Misbehaviour> all = new ArrayList<>();
    writes(all, "garbage line", "garbage\r\n\r\n", GARBLED, Fate.ENDS);
    writes(all, "binary garbage", "\0\1\2\u00ff", GARBLED, Fate.ENDS);
    writes(all, "half a line of garbage", "HTTQ", GARBLED, Fate.ENDS);
    writes(all, "HTTP/2 preface", "\0\0\6\4\0\0\0\0\0", GARBLED, Fate.ENDS);
    writes(all, "no status code", "HTTP/1.1 OK\r\n\r\n", GARBLED, Fate.ENDS);
    writes(all, "header without colon", HEAD + "garbage\r\n\r\n", GARBLED, Fate.ENDS);
    writes(all, "length is a word", HEAD + "Content-Length: x\r\n\r\n", GARBLED_BODY, Fate.ENDS);
    writes(
        all,
        "two lengths",
        HEAD + "Content-Length: 1\r\nContent-Length: 2\r\n\r\nab",
        GARBLED_BODY,
        Fate.ENDS);
    writes(
        all,
        "length and chunks",
        HEAD + "Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        GARBLED_BODY,
        Fate.ENDS);
    writes(all, "chunk is no number", CHUNKED + "zz\r\n", GARBLED_BODY, Fate.ENDS);
    writes(all, "chunk longer than said", CHUNKED + "1\r\nabc\r\n", GARBLED_BODY, Fate.ENDS);
    writes(all, "switches protocols", "HTTP/1.1 101 Go\r\n\r\n", GARBLED, Fate.ENDS);
    writes(
        all,
        "head too large",
        HEAD + "X-Large: " + "x".repeat(70_000) + "\r\n\r\n",
        TOO_LARGE_HEAD,
        Fate.ENDS);
    writes(all, "many headers", HEAD + "X-Many: 1\r\n".repeat(10_000), TOO_LARGE_HEAD, Fate.ENDS);
    writes(all, "body too large", HEAD + "Content-Length: 4194305\r\n\r\n", TOO_LARGE, Fate.ENDS);
    writes(all, "chunk too large", CHUNKED + "400001\r\n", TOO_LARGE, Fate.ENDS);
    writes(all, "body shorter than said", ok("fi") + "ne", Told.reply("fi"), Fate.ENDS);
    writes(all, "two answers", ok("one") + ok("two"), Told.reply("one"), Fate.ENDS);
    writes(all, "an answer and a line end", ok("one") + "\r\n", Told.reply("one"), Fate.ENDS);
    writes(
        all,
        "says that it closes",
        HEAD + "Connection: close\r\nContent-Length: 2\r\n\r\nok",
        Told.reply("ok"),
        Fate.ENDS);
    writes(
        all,
        "HTTP/1.0",
        "HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nok",
        Told.reply("ok"),
        Fate.ENDS);
    writes(
        all,
        "interim answers",
        "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nX: y\r\n\r\n" + ok("ok"),
        Told.reply("ok"),
        Fate.LIVES);
    writes(
        all,
        "chunks",
        CHUNKED + "1\r\no\r\n1;x=y\r\nk\r\n0\r\nX-T: 1\r\n\r\n",
        Told.reply("ok"),
        Fate.LIVES);
    writes(
        all,
        "lower case and bare line feeds",
        "HTTP/1.1 200 OK\ncontent-length: 2\n\nok",
        Told.reply("ok"),
        Fate.LIVES);
    writes(all, "empty body", ok(""), Told.reply(""), Fate.LIVES);
    for (int status :
        new int[] {201, 204, 301, 304, 400, 401, 403, 404, 429, 500, 502, 503, 504, 999}) {
      Told told = Told.failure(GrpcStatus.ofHttpStatus(status), 500, Processed.UNKNOWN);
      boolean bodiless = status == 204 || status == 304;
      String line = "HTTP/1.1 " + status + " Words\r\nLocation: http://127.0.0.1:1/\r\n";
      if (!bodiless) {
        writes(
            all, status + " with a body", line + "Content-Length: 3\r\n\r\nwhy", told, Fate.LIVES);
      }
      writes(
          all,
          status + " without a body",
          line + (bodiless ? "\r\n" : "Content-Length: 0\r\n\r\n"),
          told,
          Fate.LIVES);
    }
    writes(
        all,
        "error of a proxy without end",
        "HTTP/1.1 502 Bad\r\nContent-Length: 9000000\r\n\r\n" + "x".repeat(70_000),
        Told.failure(GrpcStatus.UNAVAILABLE, 500, Processed.UNKNOWN),
        Fate.ENDS);
    says(
        all,
        "go-micro's error",
        "Micro-Error: {\"id\":\"a\",\"code\":404,\"detail\":\"d\"}",
        "",
        Told.failure(GrpcStatus.NOT_FOUND, 404, Processed.YES));
    says(
        all,
        "error with a code outside of the table",
        "Micro-Error: {\"id\":\"a\",\"code\":418}",
        "",
        Told.failure(GrpcStatus.UNKNOWN, 418, Processed.YES));
    says(
        all,
        "error with code 200",
        "Micro-Error: {\"id\":\"a\",\"code\":200}",
        "",
        Told.failure(GrpcStatus.UNKNOWN, 200, Processed.YES));
    says(
        all,
        "error that is text",
        "Micro-Error: rpc: can't find method X",
        "",
        Told.failure(GrpcStatus.INTERNAL, 500, Processed.YES));
    says(
        all,
        "error under its other name",
        "X-Micro-Error: no",
        "",
        Told.failure(GrpcStatus.INTERNAL, 500, Processed.YES));
    says(
        all,
        "error with a body",
        "Micro-Error: no",
        "fine",
        Told.failure(GrpcStatus.INTERNAL, 500, Processed.YES));
    says(all, "empty error", "Micro-Error:", "ok", Told.reply("ok"));
    says(
        all,
        "unsupported content type",
        "Content-Type: text/plain; charset=utf-8",
        "unsupported Content-Type: x",
        Told.failure(GrpcStatus.INTERNAL, 500, Processed.YES));
    says(all, "another content type", "Content-Type: application/json", "ok", Told.reply("ok"));
    ends(all, "nothing", "", LOST);
    ends(all, "half a status line", "HTTP/1.1 2", LOST);
    ends(all, "half a header", HEAD + "Content-Le", LOST);
    ends(all, "a head", HEAD + "Content-Length: 5\r\n\r\n", LOST);
    ends(all, "half a body", HEAD + "Content-Length: 5\r\n\r\nhal", LOST);
    ends(all, "half a chunk", CHUNKED + "5\r\nhal", LOST);
    ends(all, "no last chunk", CHUNKED + "1\r\nh\r\n", LOST);
    ends(all, "an interim answer", "HTTP/1.1 100 Continue\r\n\r\n", LOST);
    all.add(
        new Misbehaviour(
            "body until the end",
            peer -> {
              peer.read();
              peer.write(HEAD + "\r\nall");
              peer.fin();
            },
            Told.reply("all"),
            Fate.ENDS));
    all.add(
        new Misbehaviour(
            "byte by byte",
            peer -> {
              peer.read();
              for (char c : ok("slowly").toCharArray()) {
                peer.write(String.valueOf(c));
              }
            },
            Told.reply("slowly"),
            Fate.LIVES));
    return all;
  }

  private static void writes(
      List<Misbehaviour> all, String name, String answer, Told told, Fate fate) {
    Script script =
        peer -> {
          peer.read();
          peer.write(answer);
        };
    all.add(new Misbehaviour(name, script, told, fate));
  }

  private static void says(
      List<Misbehaviour> all, String name, String header, String body, Told told) {
    String answer = HEAD + header + "\r\nContent-Length: " + body.length() + "\r\n\r\n" + body;
    writes(all, name, answer, told, Fate.LIVES);
  }

  /** Ends the connection behind these bytes, in both ways. */
  private static void ends(List<Misbehaviour> all, String name, String answer, Told told) {
    all.add(
        new Misbehaviour(
            name + ", then FIN",
            peer -> {
              peer.read();
              peer.write(answer);
              peer.fin();
            },
            told,
            Fate.ENDS));
    all.add(
        new Misbehaviour(
            name + ", then RST",
            peer -> {
              peer.read();
              peer.write(answer);
              peer.reset();
            },
            told,
            Fate.ENDS));
  }

  @ParameterizedTest
  @MethodSource("misbehaviours")
  void tellsTheCallerAndServesTheNext(Misbehaviour misbehaviour) {
    try (ScriptedHttpServer server = ScriptedHttpServer.start(misbehaviour.script);
        MucpCaller caller = MucpCaller.create()) {
      Call first = caller.call(server.address());

      Told told = misbehaviour.told;
      if (told.status == GrpcStatus.OK) {
        assertEquals(told.body, first.body());
      } else {
        RpcException failure = first.failure();
        assertEquals(told.status, failure.grpcStatus(), failure.getMessage());
        assertEquals(told.code, failure.code());
        assertEquals(told.processed, failure.processed());
      }
      assertEquals("fine", caller.call(server.address()).body());
      assertEquals(misbehaviour.fate == Fate.LIVES ? 1 : 2, server.connections());
    }
  }

  @Test
  void theDetailOfAnErrorIsTheServersText() {
    String text = "{\"id\":\"a\",\"code\":409,\"detail\":\"100 % caf\u00c3\u00a9\"}";
    try (ScriptedHttpServer server =
            ScriptedHttpServer.start(
                answering(HEAD + "Micro-Error: " + text + "\r\nContent-Length: 0\r\n\r\n"),
                answering("HTTP/1.1 503 Not Now\r\nContent-Length: 4\r\n\r\nwait"),
                answering(HEAD + "Micro-Error: plain\r\nContent-Length: 0\r\n\r\n"));
        MucpCaller caller = MucpCaller.create()) {

      assertEquals("100 % caf\u00e9", caller.call(server.address()).failure().detail());
      RpcException foreign = caller.call(server.address()).failure();
      assertEquals("503 Not Now: wait", foreign.detail());
      assertEquals("go.micro.client.transport", foreign.error().id());
      RpcException plain = caller.call(server.address()).failure();
      assertEquals("plain", plain.detail());
      assertEquals("go.micro.client", plain.error().id());
    }
  }

  @Test
  void anAnswerBeforeTheWholeRequestIsTheAnswer() {
    try (ScriptedHttpServer server =
            ScriptedHttpServer.start(
                peer -> {
                  peer.readHead();
                  peer.write(ok("early"));
                  peer.hold();
                });
        MucpCaller caller = MucpCaller.create()) {
      Call call = caller.callWithLargeBody(server.address());

      assertEquals("early", call.body());
      assertEquals("fine", caller.call(server.address()).body());

      server.peer(0).release();
      assertEquals(2, server.connections());
    }
  }

  @Test
  void aRequestThatWasNotWrittenWholeIsNotSent() {
    try (ScriptedHttpServer server =
            ScriptedHttpServer.start(
                peer -> {
                  peer.readHead();
                  peer.reset();
                });
        MucpCaller caller = MucpCaller.create()) {
      RpcException failure = caller.callWithLargeBody(server.address()).failure();

      assertEquals(GrpcStatus.UNAVAILABLE, failure.grpcStatus());
      assertEquals(Processed.NOT_SENT, failure.processed());
      assertEquals("fine", caller.call(server.address()).body());
    }
  }

  @Test
  void anAnswerThatComesLaterThanTheCallReachesNobody() {
    try (ScriptedHttpServer server =
            ScriptedHttpServer.start(
                peer -> {
                  peer.read();
                  peer.hold();
                  peer.write(ok("late"));
                });
        MucpCaller caller = MucpCaller.create(1)) {
      Call late = caller.call(server.address());
      server.nextRequest();

      late.cancel();
      server.peer(0).release();

      RpcException failure = late.failure();
      assertEquals(499, failure.code());
      assertEquals(Processed.UNKNOWN, failure.processed());
      assertEquals("RST", server.peer(0).awaitEnd());
      assertEquals("fine", caller.call(server.address()).body());
      assertEquals(2, server.connections());
    }
  }

  @Test
  void whatNobodyAskedForEndsAnIdleConnection() {
    try (ScriptedHttpServer server =
            ScriptedHttpServer.start(
                peer -> {
                  peer.read();
                  peer.write(ok("one"));
                  peer.hold();
                  peer.write(ok("unasked"));
                });
        MucpCaller caller = MucpCaller.create()) {
      assertEquals("one", caller.call(server.address()).body());

      server.peer(0).release();

      assertEquals("RST", server.peer(0).awaitEnd());
      assertEquals("fine", caller.call(server.address()).body());
      assertEquals(2, server.connections());
    }
  }

  @Test
  void anIdleConnectionThatTheServerClosesIsNoFailure() {
    try (ScriptedHttpServer server =
            ScriptedHttpServer.start(
                peer -> {
                  peer.read();
                  peer.write(ok("one"));
                  peer.fin();
                });
        MucpCaller caller = MucpCaller.create()) {
      assertEquals("one", caller.call(server.address()).body());
      assertEquals("FIN", server.peer(0).awaitEnd());

      assertEquals("fine", caller.call(server.address()).body());
    }
  }

  @Test
  void aUsedConnectionThatEndsWithoutAnAnswerLeavesItOpenWhetherTheServerActed() {
    try (ScriptedHttpServer server =
            ScriptedHttpServer.start(
                answering(ok("one")),
                peer -> {
                  peer.read();
                  peer.reset();
                });
        MucpCaller caller = MucpCaller.create()) {
      assertEquals("one", caller.call(server.address()).body());

      RpcException failure = caller.call(server.address()).failure();

      assertEquals(1, server.connections());
      assertEquals(GrpcStatus.UNAVAILABLE, failure.grpcStatus());
      assertEquals(Processed.UNKNOWN, failure.processed());
    }
  }

  @Test
  void aConnectionOpenedAheadIsNotUsedWhenTheServerMayBeClosingIt() {
    try (ScriptedHttpServer server = ScriptedHttpServer.start();
        MucpCaller caller = MucpCaller.create()) {
      MucpCaller.await(caller.connect(server.address()));
      assertEquals(1, caller.observer.connections());

      caller.time.advance(Duration.ofSeconds(4));

      assertEquals("fine", caller.call(server.address()).body());
      assertEquals(2, server.connections());
      assertEquals("FIN", server.peer(0).awaitEnd());
    }
  }

  @Test
  void aConnectionOpenedAheadIsUsed() {
    try (ScriptedHttpServer server = ScriptedHttpServer.start();
        MucpCaller caller = MucpCaller.create()) {
      MucpCaller.await(caller.connect(server.address()));
      caller.time.advance(Duration.ofMillis(3_999));

      assertEquals("fine", caller.call(server.address()).body());

      assertEquals(1, server.connections());
    }
  }

  @Test
  void noAnswerAtAllIsOneCallsMatter() {
    try (ScriptedHttpServer server = ScriptedHttpServer.start(Peer::read);
        MucpCaller caller = MucpCaller.create()) {
      Call silent = caller.call(server.address());
      server.nextRequest();

      assertEquals("fine", caller.call(server.address()).body());

      assertFalse(silent.isDone());
      silent.cancel();
      assertEquals("RST", server.peer(0).awaitEnd());
      assertTrue(silent.isSent());
    }
  }

  @Test
  void nothingMoreOfACallLeavesWhenItIsCancelledWhileTheServerDoesNotRead() throws IOException {
    try (ScriptedHttpServer server =
            ScriptedHttpServer.start(
                peer -> {
                  peer.note(peer.readHead());
                  peer.hold();
                  peer.read();
                });
        MucpCaller caller = MucpCaller.create()) {
      Call call = caller.callWithLargeBody(server.address());
      server.nextRequest();

      call.cancel();
      server.peer(0).release();

      RpcException failure = call.failure();
      assertEquals(499, failure.code());
      assertEquals(Processed.NOT_SENT, failure.processed());
      assertEquals("RST", server.peer(0).awaitEnd());
      assertEquals(0, server.requestsLeft());
    }
  }

  private static Script answering(String answer) {
    return peer -> {
      peer.read();
      peer.write(answer);
    };
  }
}
