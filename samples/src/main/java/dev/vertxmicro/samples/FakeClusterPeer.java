// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.samples;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.Map;

/**
 * What {@link IpfsDemo} needs of a peer of an ipfs-cluster: keeps pins in a map that all peers
 * share, and no content at all.
 */
final class FakeClusterPeer {

  private static final String PINS = "/pins/";

  private final String name;
  private final Map<String, JsonObject> pins;
  private final HttpServer server;

  FakeClusterPeer(Vertx vertx, String name, Map<String, JsonObject> pins) {
    this.name = name;
    this.pins = pins;
    this.server = vertx.createHttpServer().requestHandler(this::take);
  }

  /** Listens; completes with the multiaddr of the API. */
  Future<String> start() {
    return server
        .listen(0, "127.0.0.1")
        .map(listening -> "/ip4/127.0.0.1/tcp/" + listening.actualPort());
  }

  Future<Void> stop() {
    return server.close();
  }

  private void take(HttpServerRequest request) {
    HttpServerResponse response = request.response();
    String path = request.path();
    if (path.equals("/id")) {
      response.end(id().encode());
    } else if (path.equals("/peers")) {
      response.end(id().encode() + "\n");
    } else if (path.equals("/add")) {
      add(request);
    } else if (path.equals("/pins")) {
      StringBuilder all = new StringBuilder();
      pins.values().forEach(pin -> all.append(status(pin).encode()).append('\n'));
      response.end(all.toString());
    } else if (path.startsWith(PINS)) {
      pin(request, path.substring(PINS.length()));
    } else {
      fail(response);
    }
  }

  private JsonObject id() {
    return new JsonObject().put("id", "12D3-" + name).put("peername", name).put("version", "1.0.8");
  }

  private void pin(HttpServerRequest request, String cid) {
    HttpServerResponse response = request.response();
    boolean read = request.method().equals(HttpMethod.GET);
    if (request.method().equals(HttpMethod.POST)) {
      JsonObject pin = new JsonObject().put("cid", cid).put("name", request.getParam("name", ""));
      pins.put(cid, pin.put("allocations", new JsonArray().add("12D3-" + name)));
      response.end(pin.encode());
      return;
    }
    JsonObject known = read ? pins.get(cid) : pins.remove(cid);
    if (known == null) {
      fail(response);
    } else if (read) {
      response.end(status(known).encode());
    } else {
      response.end(known.encode());
    }
  }

  private JsonObject status(JsonObject pin) {
    JsonObject here = new JsonObject().put("peername", name).put("status", "pinned");
    return pin.copy().put("peer_map", new JsonObject().put("12D3-" + name, here));
  }

  /** Answers with each file as soon as that has come. */
  private void add(HttpServerRequest request) {
    HttpServerResponse response = request.response().setChunked(true);
    response.putHeader("Trailer", "X-Stream-Error").putTrailer("X-Stream-Error", "");
    request.setExpectMultipart(true);
    request.uploadHandler(
        file -> {
          long[] size = new long[1];
          file.handler(piece -> size[0] += piece.length());
          file.endHandler(
              end -> {
                JsonObject pin =
                    new JsonObject().put("cid", "Qm" + pins.size()).put("name", file.filename());
                pins.put(pin.getString("cid"), pin);
                response.write(pin.copy().put("size", size[0]).encode() + "\n");
              });
        });
    request.endHandler(end -> response.end());
  }

  private static void fail(HttpServerResponse response) {
    JsonObject error = new JsonObject().put("code", 404).put("message", "not found");
    response.setStatusCode(404).end(error.encode());
  }
}
