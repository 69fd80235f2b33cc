// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.rest.ipfs;

import dev.vertxmicro.runtime.rest.RestBody;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.file.OpenOptions;
import io.vertx.core.streams.ReadStream;
import io.vertx.core.streams.WriteStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.UUID;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What is added to a cluster: files and directories, in the order in which they are sent. Immutable
 * but for the streams in it, which can be read once. Paths begin with the name under which
 * something is added; a directory comes before what is in it.
 */
public final class Upload {

  private static final int PIECE_BYTES = 64 * 1024;
  private static final String EOL = "\r\n";
  private static final String FILE = "application/octet-stream";
  private static final String DIRECTORY = "application/x-directory";

  private final List<Part> parts;
  private final String boundary = "vertx-micro-" + UUID.randomUUID();

  /** One part; without content it is a directory. */
  private record Part(
      String path,
      @Nullable Buffer bytes,
      @Nullable Path file,
      @Nullable ReadStream<Buffer> stream) {

    boolean isDirectory() {
      return bytes == null && file == null && stream == null;
    }
  }

  private Upload(List<Part> parts) {
    this.parts = parts;
  }

  /** Returns an upload of nothing. */
  public static Upload empty() {
    return new Upload(List.of());
  }

  /** Returns this upload with a directory behind it. */
  public Upload directory(String path) {
    return with(new Part(path, null, null, null));
  }

  /** Returns this upload with a file behind it. */
  public Upload file(String path, Buffer content) {
    return with(new Part(path, content, null, null));
  }

  /** Returns this upload with a file behind it that is read while it is sent. */
  public Upload file(String path, Path file) {
    return with(new Part(path, null, file, null));
  }

  /**
   * Returns this upload with a file behind it whose content comes as a stream.
   *
   * @param content paused by the caller; read when its turn comes
   */
  public Upload file(String path, ReadStream<Buffer> content) {
    return with(new Part(path, null, null, content));
  }

  private Upload with(Part part) {
    if (part.path.isEmpty()) {
      throw new IllegalArgumentException("path: empty (expected: a name)");
    }
    List<Part> more = new ArrayList<>(parts);
    more.add(part);
    return new Upload(List.copyOf(more));
  }

  /**
   * Collects files and, if it may, directories with what is in them. Links are passed over.
   *
   * @throws UncheckedIOException if one cannot be read
   * @throws IllegalArgumentException if one is a directory and {@code params} are not recursive
   */
  static Upload of(List<Path> paths, AddParams params) {
    Upload upload = empty();
    for (Path path : paths) {
      Path name = path.toAbsolutePath().normalize().getFileName();
      upload = upload.withTree(path, name == null ? "root" : name.toString(), params);
    }
    return upload;
  }

  private Upload withTree(Path path, String name, AddParams params) {
    if (Files.isRegularFile(path)) {
      return file(name, path);
    }
    if (!Files.isDirectory(path)) {
      throw new UncheckedIOException(new IOException(path + ": neither file nor directory"));
    }
    if (!params.isRecursive()) {
      throw new IllegalArgumentException(
          "paths: " + path + " (expected: recursive for directories)");
    }
    Upload upload = directory(name);
    try (Stream<Path> children = Files.list(path)) {
      for (Path child : children.sorted().toList()) {
        String leaf = String.valueOf(child.getFileName());
        boolean taken = params.isHidden() || !leaf.startsWith(".");
        boolean plain =
            Files.isRegularFile(child, LinkOption.NOFOLLOW_LINKS)
                || Files.isDirectory(child, LinkOption.NOFOLLOW_LINKS);
        if (taken && plain) {
          upload = upload.withTree(child, name + "/" + leaf, params);
        }
      }
      return upload;
    } catch (IOException unreadable) {
      throw new UncheckedIOException(unreadable);
    }
  }

  String contentType() {
    return "multipart/form-data; boundary=" + boundary;
  }

  /** Writes everything to the requests of a stream and ends them; fails with what stops that. */
  Future<Void> sendOn(Vertx vertx, WriteStream<RestBody> to) {
    return send(vertx, to, parts.iterator());
  }

  private Future<Void> send(Vertx vertx, WriteStream<RestBody> to, Iterator<Part> rest) {
    if (!rest.hasNext()) {
      return to.write(RestBody.text("--" + boundary + "--" + EOL)).compose(sent -> to.end());
    }
    Part part = rest.next();
    return to.write(RestBody.text(head(part)))
        .compose(sent -> content(vertx, to, part))
        .compose(sent -> to.write(RestBody.text(EOL)))
        .compose(sent -> send(vertx, to, rest));
  }

  private String head(Part part) {
    return "--"
        + boundary
        + EOL
        + "Content-Disposition: form-data; name=\"file\"; filename=\""
        + URLEncoder.encode(part.path, StandardCharsets.UTF_8)
        + "\""
        + EOL
        + "Content-Type: "
        + (part.isDirectory() ? DIRECTORY : FILE)
        + EOL
        + EOL;
  }

  private static Future<Void> content(Vertx vertx, WriteStream<RestBody> to, Part part) {
    if (part.bytes != null) {
      return pieces(part.bytes, to);
    }
    if (part.stream != null) {
      return pump(part.stream, to);
    }
    if (part.file == null) {
      return Future.succeededFuture();
    }
    return vertx
        .fileSystem()
        .open(part.file.toString(), new OpenOptions().setWrite(false).setCreate(false))
        .compose(opened -> pump(opened, to).eventually(opened::close));
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

  @Override
  public String toString() {
    return "Upload" + parts.stream().map(Part::path).toList();
  }
}
