// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.framing;

import io.vertx.core.buffer.Buffer;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.zip.GZIPInputStream;
import java.util.zip.GZIPOutputStream;
import org.jspecify.annotations.Nullable;

/** Compresses messages, and inflates them no further than a bound. */
public final class Gzip {

  /** What it is called on the wire. */
  public static final String ENCODING = "gzip";

  private Gzip() {}

  /** Returns {@code body} compressed. */
  public static Buffer deflate(Buffer body) {
    ByteArrayOutputStream deflated = new ByteArrayOutputStream(body.length() / 2 + 64);
    try (GZIPOutputStream gzip = new GZIPOutputStream(deflated)) {
      gzip.write(body.getBytes());
    } catch (IOException inMemory) {
      throw new UncheckedIOException(inMemory);
    }
    return Buffer.buffer(deflated.toByteArray());
  }

  /**
   * Returns what a compressed message stands for.
   *
   * @param encoding what the peer says that it is, must be gzip
   * @param most the most bytes of the result
   * @throws FramingException if it is more, no gzip, or said to be something else
   */
  public static Buffer inflate(Buffer body, @Nullable String encoding, int most) {
    if (!ENCODING.equalsIgnoreCase(encoding)) {
      throw FramingException.broken("compressed message, but grpc-encoding is " + encoding);
    }
    ByteArrayOutputStream inflated = new ByteArrayOutputStream();
    byte[] part = new byte[8 * 1024];
    try (GZIPInputStream gzip = new GZIPInputStream(new ByteArrayInputStream(body.getBytes()))) {
      for (int n = gzip.read(part); n >= 0; n = gzip.read(part)) {
        if ((long) inflated.size() + n > most) {
          throw FramingException.tooLarge((long) inflated.size() + n, most);
        }
        inflated.write(part, 0, n);
      }
    } catch (IOException garbage) {
      throw FramingException.broken("the message cannot be inflated: " + garbage.getMessage());
    }
    return Buffer.buffer(inflated.toByteArray());
  }
}
