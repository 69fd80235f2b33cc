// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.registry;

import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * One method of a service.
 *
 * @param name for example {@code Greeter.Hello}
 * @param request the request's shape, if known
 * @param response the response's shape, if known
 * @param metadata for example {@code stream=true}
 */
public record Endpoint(
    String name, @Nullable Value request, @Nullable Value response, Map<String, String> metadata) {

  /** Checks the name and copies the metadata. */
  public Endpoint {
    Objects.requireNonNull(name, "name");
    metadata = Map.copyOf(metadata);
  }

  /** Returns an endpoint of which only the name is known. */
  public static Endpoint of(String name) {
    return new Endpoint(name, null, null, Map.of());
  }
}
