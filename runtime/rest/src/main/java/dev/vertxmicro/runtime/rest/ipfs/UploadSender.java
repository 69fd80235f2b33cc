// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.rest.ipfs;

import dev.vertxmicro.runtime.rest.RestBody;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.file.OpenOptions;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.RequestOptions;
import io.vertx.core.streams.ReadStream;
import io.vertx.core.streams.WriteStream;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.Iterator;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Sends an upload as {@code multipart/form-data}, part by part, no faster than the peer takes it.
 * Belongs to the context of the stream that it sends on.
 */
final class UploadSender {

  private static final int OK = 200;
  private static final int PIECE_BYTES = 64 * 1024;
  private static final String EOL = "\r\n";

  private final Vertx vertx;
  private final Iterator<UploadPart> rest;
  private final boolean noCopy;
  private final String boundary = "vertx-micro-" + UUID.randomUUID();
  private final Promise<Void> sent = Promise.promise();
  // Kept here, as Vert.x closes the sockets of a client that was garbage collected.
  private @Nullable HttpClient web;
  private boolean stopped;

  /**
   * Makes a sender, for one stream.
   *
   * @param noCopy whether the peer is told where files on the web are
   */
  UploadSender(Vertx vertx, Upload upload, boolean noCopy) {
    this.vertx = vertx;
    this.rest = upload.parts().iterator();
    this.noCopy = noCopy;
  }

  String contentType() {
    return "multipart/form-data; boundary=" + boundary;
  }

  /** Writes everything to the requests of a stream and ends them; fails with what stops that. */
  Future<Void> sendOn(WriteStream<RestBody> to) {
    next(to);
    return sent.future();
  }

  /** Ends what is still being fetched: nobody takes it any more. */
  void stop() {
    stopped = true;
    if (web != null) {
      web.close();
    }
  }

  /** Sends the next part; in a turn of its own, however many there are. */
  private void next(WriteStream<RestBody> to) {
    if (!rest.hasNext()) {
      to.write(RestBody.text("--" + boundary + "--" + EOL))
          .compose(last -> to.end())
          .onComplete(sent);
      return;
    }
    UploadPart part = rest.next();
    to.write(RestBody.text(head(part)))
        .compose(head -> content(part.content(), to))
        .compose(content -> to.write(RestBody.text(EOL)))
        .onComplete(end -> vertx.runOnContext(turn -> next(to)), sent::fail);
  }

  private String head(UploadPart part) {
    StringBuilder head = new StringBuilder("--").append(boundary).append(EOL);
    if (noCopy && part.content() instanceof UploadPart.WebFile file) {
      head.append("Abspath: ").append(file.url().toASCIIString()).append(EOL);
    }
    return head.append("Content-Disposition: form-data; name=\"file\"; filename=\"")
        .append(URLEncoder.encode(part.path(), StandardCharsets.UTF_8))
        .append('"')
        .append(EOL)
        .append("Content-Type: ")
        .append(contentType(part.content()))
        .append(EOL)
        .append(EOL)
        .toString();
  }

  private static String contentType(UploadPart.Content content) {
    if (content instanceof UploadPart.Directory) {
      return "application/x-directory";
    }
    return content instanceof UploadPart.Link ? "application/symlink" : "application/octet-stream";
  }

  private Future<Void> content(UploadPart.Content content, WriteStream<RestBody> to) {
    if (content instanceof UploadPart.Link link) {
      return to.write(RestBody.text(link.target()));
    }
    if (content instanceof UploadPart.Bytes bytes) {
      return pieces(bytes.bytes(), to);
    }
    if (content instanceof UploadPart.Streamed streamed) {
      return pump(streamed.stream(), to);
    }
    if (content instanceof UploadPart.LocalFile local) {
      return vertx
          .fileSystem()
          .open(local.file().toString(), new OpenOptions().setWrite(false).setCreate(false))
          .compose(opened -> pump(opened, to).eventually(opened::close));
    }
    return content instanceof UploadPart.WebFile file
        ? fetch(file.url(), to)
        : Future.succeededFuture();
  }

  private Future<Void> fetch(URI url, WriteStream<RestBody> to) {
    if (stopped) {
      return Future.failedFuture(new IOException("the peer wants no more"));
    }
    if (web == null) {
      web = vertx.createHttpClient();
    }
    RequestOptions get =
        new RequestOptions().setAbsoluteURI(url.toASCIIString()).setFollowRedirects(true);
    return web.request(get)
        .compose(HttpClientRequest::send)
        .compose(answer -> take(url, answer, to));
  }

  private static Future<Void> take(URI url, HttpClientResponse answer, WriteStream<RestBody> to) {
    if (answer.statusCode() != OK) {
      return Future.failedFuture(
          new IOException(
              url.getHost() + url.getPath() + ": status " + answer.statusCode() + " of the web"));
    }
    return pump(answer, to);
  }

  /** Writes bytes bit by bit, since each message of a stream is bounded. */
  private static Future<Void> pieces(Buffer bytes, WriteStream<RestBody> to) {
    Promise<Void> done = Promise.promise();
    int[] at = new int[1];
    Runnable writing =
        () -> {
          while (at[0] < bytes.length()) {
            int from = at[0];
            // Before the write, which may drain and so come back here.
            at[0] = Math.min(bytes.length(), from + PIECE_BYTES);
            to.write(RestBody.bytes(bytes.slice(from, at[0]))).onFailure(done::tryFail);
            if (to.writeQueueFull()) {
              return;
            }
          }
          done.tryComplete();
        };
    to.drainHandler(room -> writing.run());
    writing.run();
    return done.future();
  }

  /** Copies a stream, no faster than it is taken. */
  private static Future<Void> pump(ReadStream<Buffer> from, WriteStream<RestBody> to) {
    Promise<Void> done = Promise.promise();
    from.exceptionHandler(done::tryFail);
    from.endHandler(end -> done.tryComplete());
    to.drainHandler(room -> from.resume());
    from.handler(
        piece -> {
          to.write(RestBody.bytes(piece)).onFailure(done::tryFail);
          if (to.writeQueueFull()) {
            from.pause();
          }
        });
    from.resume();
    return done.future();
  }
}
