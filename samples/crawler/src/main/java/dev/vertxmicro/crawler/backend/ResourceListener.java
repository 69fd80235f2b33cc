// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.crawler.backend;

import io.vertx.core.buffer.Buffer;

/** Who is told of resources. */
public interface ResourceListener {

  /** A resource is there, or has another value. */
  void put(String name, Buffer value);

  /** A resource is gone. */
  void deleted(String name);
}
