// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.samples.interop;

import com.google.protobuf.MessageLite;
import io.vertx.core.Future;
import io.vertx.core.MultiMap;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.http.RequestOptions;
import java.util.Map;

/** One gRPC call with the headers that a test writes, for what our client would not send. */
record RawGrpc(MultiMap headers, Buffer body, MultiMap trailers) {

  /** Posts a message in a frame and waits for the end of the reply. */
  static RawGrpc call(
      Vertx vertx, String address, String path, Map<String, String> headers, MessageLite message) {
    byte[] bytes = message.toByteArray();
    Buffer frame = Buffer.buffer().appendByte((byte) 0).appendInt(bytes.length).appendBytes(bytes);
    HttpClient http =
        vertx.createHttpClient(
            new HttpClientOptions()
                .setProtocolVersion(HttpVersion.HTTP_2)
                .setHttp2ClearTextUpgrade(false));
    RequestOptions where =
        new RequestOptions()
            .setMethod(HttpMethod.POST)
            .setHost("127.0.0.1")
            .setPort(Wired.port(address))
            .setURI(path)
            .setHeaders(MultiMap.caseInsensitiveMultiMap().addAll(headers));
    try {
      return Wired.await(http.request(where).compose(request -> send(request, frame)));
    } finally {
      Wired.await(http.close());
    }
  }

  private static Future<RawGrpc> send(HttpClientRequest request, Buffer frame) {
    return request
        .send(frame)
        .compose(
            response ->
                response
                    .body()
                    .map(body -> new RawGrpc(response.headers(), body, response.trailers())));
  }

  /** Returns the gRPC status, from the trailers or, if there is nothing else, from the head. */
  int status() {
    String status = trailers.get("grpc-status");
    return Integer.parseInt(status != null ? status : headers.get("grpc-status"));
  }

  /** Returns the message in the first frame of the reply. */
  byte[] message() {
    return body.getBytes(5, body.length());
  }
}
