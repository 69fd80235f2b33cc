// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.framing;

import io.vertx.core.buffer.Buffer;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.zip.GZIPInputStream;
import org.jspecify.annotations.Nullable;

/** Inflates compressed messages, and no further than a bound. */
public final class Gzip {

  private Gzip() {}

  /**
   * Returns what a compressed message stands for.
   *
   * @param encoding what the peer says that it is, must be gzip
   * @param most the most bytes of the result
   * @throws FramingException if it is more, no gzip, or said to be something else
   */
  public static Buffer inflate(Buffer body, @Nullable String encoding, int most) {
    if (!"gzip".equalsIgnoreCase(encoding)) {
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
