// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.rest.ipfs;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.streams.ReadStream;
import java.net.URI;
import java.nio.file.Path;

/**
 * One part of an upload.
 *
 * @param path the name under which it is added, with those of its directories
 */
record UploadPart(String path, Content content) {

  UploadPart {
    if (path.isEmpty()) {
      throw new IllegalArgumentException("path: empty (expected: a name)");
    }
  }

  /** What is in it. */
  sealed interface Content {}

  /** Nothing: what is in a directory has parts of its own. */
  record Directory() implements Content {}

  /** Where a symbolic link leads. */
  record Link(String target) implements Content {}

  /** Bytes that are there. */
  record Bytes(Buffer bytes) implements Content {}

  /** A file that is read while it is sent. */
  record LocalFile(Path file) implements Content {}

  /** Bytes that come as they like. */
  record Streamed(ReadStream<Buffer> stream) implements Content {}

  /** A file that is fetched while it is sent. */
  record WebFile(URI url) implements Content {}

  boolean isDirectory() {
    return content instanceof Directory;
  }

  boolean isOnWeb() {
    return content instanceof WebFile;
  }
}
