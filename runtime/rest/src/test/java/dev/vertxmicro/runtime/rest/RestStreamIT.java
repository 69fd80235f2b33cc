// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.rest;

import static dev.vertxmicro.runtime.rest.Waiting.await;
import static dev.vertxmicro.runtime.rest.Waiting.failure;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.vertxmicro.codec.Message;
import dev.vertxmicro.errors.GrpcStatus;
import dev.vertxmicro.errors.Processed;
import dev.vertxmicro.errors.RpcException;
import dev.vertxmicro.metadata.Metadata;
import dev.vertxmicro.registry.Node;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Streams: one body that is sent bit by bit, one answer that is read as values. */
class RestStreamIT {

  private Vertx vertx;
  private HttpServer server;
  private Wire wire;

  @BeforeEach
  void start() {
    vertx = Vertx.vertx();
    server = vertx.createHttpServer();
    wire = new Wire(vertx, new RestOptions(), 4);
  }

  @AfterEach
  void stop() {
    wire.close();
    assertEquals("connections=0, streams=0, queued=0", wire.observer().toString());
    await(vertx.close());
  }

  private Node serve(io.vertx.core.Handler<HttpServerRequest> handler) {
    await(server.requestHandler(handler).listen(0, "127.0.0.1"));
    return Node.of("rest", "127.0.0.1:" + server.actualPort());
  }

  @ParameterizedTest
  @ValueSource(strings = {"{\"a\":1}\n{\"a\":2}\n", "[{\"a\":1},{\"a\":2}]", "{\"a\":1}{\"a\":2}"})
  void bringsTheValuesOfSequencesAndArrays(String body) {
    Node node = serve(request -> request.response().end(body));

    assertEquals(
        List.of("{\"a\":1}", "{\"a\":2}"), wire.list(node, Wire.request("GET /list")).all());
    assertEquals(2, wire.list(node, Wire.request("GET /list")).all().size());
    assertEquals(1, wire.observer().connectionsOpened());
  }

  @ParameterizedTest
  @ValueSource(ints = {200, 204})
  void anEmptyAnswerHasNoValues(int status) {
    Node node = serve(request -> request.response().setStatusCode(status).end());

    assertEquals(List.of(), wire.list(node, Wire.request("GET /list")).all());
  }

  @Test
  void headAndTrailersArriveAsMetadata() {
    Node node =
        serve(
            request -> {
              HttpServerResponse response = request.response().setChunked(true);
              response.putHeader("X-Head", "yes").putTrailer("X-Tail", "last");
              response.end("1 2");
            });

    Wire.Opened list = wire.list(node, Wire.request("GET /list"));

    assertEquals("yes", await(list.exchange.reply()).headers().get("x-head"));
    assertEquals(List.of("1", "2"), list.all());
    assertEquals("last", await(list.exchange.trailers()).get("x-tail"));
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void aTrailerThatIsNotEmptyFailsTheStreamBehindItsValues(boolean empty) {
    Node node =
        serve(
            request -> {
              HttpServerResponse response = request.response().setChunked(true);
              response.putHeader("Trailer", "X-Stream-Error");
              response
                  .trailers()
                  .add("X-Stream-Error", "")
                  .add("X-Stream-Error", empty ? "" : "disk");
              response.end("{}\n{}\n");
            });
    Message request =
        Wire.request("GET /list")
            .withHeaders(Metadata.of(RestRequest.ERROR_TRAILER, "X-Stream-Error"));

    Wire.Opened list = wire.list(node, request);

    if (empty) {
      assertEquals(2, list.all().size());
    } else {
      RpcException failed = assertThrows(RpcException.class, list::all);
      assertEquals(500, failed.code());
      assertEquals("disk", failed.detail());
      assertEquals(Processed.YES, failed.processed());
      assertEquals(2, list.seen.size());
    }
  }

  @Test
  void anErrorIsTheFailureOfTheStream() {
    Node node =
        serve(request -> request.response().setStatusCode(404).end("{\"message\":\"no pin\"}"));

    RpcException failed = failure(wire.list(node, Wire.request("GET /list")).exchange.reply());

    assertEquals(404, failed.code());
    assertEquals("no pin", failed.detail());
    assertEquals(GrpcStatus.NOT_FOUND, failed.grpcStatus());
  }

  @Test
  void handsOverWhatIsAskedForAndNoMore() {
    Node node = serve(request -> request.response().end("1 2 3 4 5 "));
    Wire.Opened list = wire.list(node, Wire.request("GET /list"));
    await(list.exchange.reply());

    list.fetch(2);
    assertEquals(List.of("1", "2"), list.seen);
    assertFalse(list.exchange.trailers().isComplete());

    assertEquals(5, list.all().size());
  }

  @Test
  void aReaderThatDoesNotReadStopsTheServer() {
    AtomicInteger written = new AtomicInteger();
    Promise<Void> full = Promise.promise();
    String value = "\"" + "x".repeat(64 * 1024) + "\"";
    int most = 1_000;
    Node node =
        serve(
            request -> {
              HttpServerResponse response = request.response().setChunked(true);
              io.vertx.core.Handler<Void> writing =
                  v -> {
                    while (written.get() < most && !response.writeQueueFull()) {
                      response.write(value);
                      written.incrementAndGet();
                    }
                    full.tryComplete();
                    if (written.get() == most) {
                      response.drainHandler(null).end();
                    }
                  };
              response.drainHandler(writing);
              writing.handle(null);
            });
    Wire.Opened list = wire.list(node, Wire.request("GET /list"));
    await(list.exchange.reply());
    await(full.future());
    list.fetch(1);

    assertTrue(written.get() < most, "the server was never stopped");
    assertEquals(most, list.all().size());
  }

  @Test
  void theBodyIsSentWhileValuesArrive() {
    Node node =
        serve(
            request -> {
              HttpServerResponse response = request.response().setChunked(true);
              request.handler(piece -> response.write("\"" + piece + "\"\n"));
              request.endHandler(end -> response.end("\"end\""));
            });
    Wire.Opened upload = wire.open(node, Wire.request("POST /add"));
    await(upload.exchange.opened());
    upload.fetch(Long.MAX_VALUE);

    for (String piece : List.of("one", "two")) {
      await(wire.onLoop(() -> upload.exchange.write(Buffer.buffer(piece))));
      Promise<Void> echoed = Promise.promise();
      wire.onLoop(
          () -> {
            upload.exchange.handler(
                reply -> {
                  upload.seen.add(reply.toString());
                  echoed.tryComplete();
                });
            return true;
          });
      if (!upload.seen.contains("\"" + piece + "\"")) {
        await(echoed.future());
      }
    }
    await(wire.onLoop(upload.exchange::end));

    assertEquals(List.of("\"one\"", "\"two\"", "\"end\""), upload.all());
  }

  @Test
  void theAnswerMayEndBeforeTheBody() {
    Node node = serve(request -> request.response().end("\"enough\""));
    Wire.Opened upload = wire.open(node, Wire.request("POST /add"));

    assertEquals(List.of("\"enough\""), upload.all());

    RpcException late = failure(wire.onLoop(() -> upload.exchange.write(Buffer.buffer("more"))));
    assertEquals(499, late.code());
  }

  /** Written as fast as the stream takes it, what is sent stops with the server that reads none. */
  @Test
  void aServerThatDoesNotReadStopsTheWriter() {
    Promise<HttpServerRequest> come = Promise.promise();
    AtomicInteger received = new AtomicInteger();
    Node node =
        serve(
            request -> {
              if (request.path().equals("/other")) {
                request.response().end();
                return;
              }
              request.pause();
              request.handler(piece -> received.addAndGet(piece.length()));
              request.endHandler(end -> request.response().end());
              come.complete(request);
            });
    Wire.Opened upload = wire.open(node, Wire.request("POST /add"));
    HttpServerRequest request = await(come.future());
    int most = 2_000;
    byte[] piece = new byte[32 * 1024];
    AtomicInteger written = new AtomicInteger();
    Runnable writing =
        () -> {
          while (written.get() < most && !upload.exchange.isWriteQueueFull()) {
            // Counted before the write, which may drain and so come back here.
            written.incrementAndGet();
            upload.exchange.write(Buffer.buffer(piece));
          }
        };
    wire.onLoop(
        () -> {
          upload.exchange.drainHandler(writing);
          writing.run();
          return true;
        });

    // What goes on without the server would do so in each of these rounds over both event loops.
    int last = -1;
    int still = 0;
    while (still < 20 && written.get() < most) {
      await(wire.call(node, "GET /other"));
      still = written.get() == last ? still + 1 : 0;
      last = written.get();
    }
    assertTrue(written.get() < most, "the writer was never stopped");
    assertEquals(0, received.get());

    request.resume();
    Promise<Void> all = Promise.promise();
    wire.onLoop(
        () -> {
          upload.exchange.drainHandler(
              () -> {
                writing.run();
                if (written.get() == most) {
                  all.tryComplete();
                }
              });
          return true;
        });
    await(all.future());
    wire.onLoop(upload.exchange::end);

    assertEquals(List.of(), upload.all());
    assertEquals(most * piece.length, received.get());
  }

  @Test
  void cancelCutsTheConnection() {
    Promise<Void> cut = Promise.promise();
    Node node =
        serve(
            request -> {
              request.response().setChunked(true).write("1 ");
              request.connection().closeHandler(cut::complete);
            });
    Wire.Opened list = wire.list(node, Wire.request("GET /list"));
    await(list.exchange.reply());

    wire.onLoop(
        () -> {
          list.exchange.cancel();
          return true;
        });

    assertEquals(499, failure(list.exchange.trailers()).code());
    await(cut.future());
  }

  @Test
  void aConnectionThatIsLostFailsTheStreamBehindItsHead() {
    Node node =
        serve(
            request -> {
              HttpServerResponse response = request.response().setChunked(true);
              response.write("{\"a\":1}\n{\"a\"").onSuccess(v -> request.connection().close());
            });
    Wire.Opened list = wire.list(node, Wire.request("GET /list"));

    RpcException lost = assertThrows(RpcException.class, list::all);

    assertEquals(GrpcStatus.UNAVAILABLE, lost.grpcStatus());
    assertEquals(Processed.YES, lost.processed());
    assertEquals(List.of("{\"a\":1}"), list.seen);
  }

  @ParameterizedTest
  @ValueSource(strings = {"{\"a\":1}\n<html>", "[1,2"})
  void brokenJsonFailsTheStream(String body) {
    Node node = serve(request -> request.response().end(body));

    RpcException broken =
        assertThrows(RpcException.class, wire.list(node, Wire.request("GET /list"))::all);

    assertEquals(GrpcStatus.INTERNAL, broken.grpcStatus());
    assertEquals(200, ((HttpError) broken.getCause()).status());
  }

  @Test
  void piecesArriveAsTheyAre() {
    Node node = serve(request -> request.response().end("no JSON at all"));
    Message request =
        Wire.request("GET /file").withHeaders(Metadata.of(RestRequest.PIECES, "true"));

    assertEquals("no JSON at all", String.join("", wire.list(node, request).all()));
  }

  @Test
  void streamsAreBoundedPerNode() {
    wire.close();
    wire = new Wire(vertx, new RestOptions().setMaxStreamsPerNode(2), 4);
    Node node = serve(request -> request.response().setChunked(true).write("1 "));
    wire.list(node, Wire.request("GET /list"));
    wire.list(node, Wire.request("GET /list"));

    RpcException refused = failure(wire.list(node, Wire.request("GET /list")).exchange.reply());

    assertEquals(GrpcStatus.RESOURCE_EXHAUSTED, refused.grpcStatus());
    assertEquals(Processed.NOT_SENT, refused.processed());
    assertEquals(1, wire.observer().limitReachedTimes("streams"));
    wire.onLoop(() -> true);
    await(server.close());
  }

  @Test
  void longStreamsLeaveThePoolToCalls() {
    wire.close();
    wire = new Wire(vertx, new RestOptions(), 1);
    Node node =
        serve(
            request -> {
              if (request.path().equals("/list")) {
                request.response().setChunked(true).write("1 ");
              } else {
                request.response().end("fine");
              }
            });
    assertEquals("fine", await(wire.call(node, "GET /call")).body().toString());
    Wire.Opened first = wire.list(node, Wire.request("GET /list"));
    await(first.exchange.reply());

    assertEquals("fine", await(wire.call(node, "GET /call")).body().toString());

    await(server.close());
    failure(first.exchange.trailers());
  }
}
