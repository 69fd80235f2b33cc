// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.crawler;

import dev.vertxmicro.registry.RegisterOptions;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a master or a worker is told.
 *
 * @param id unique among masters, or among workers; without a dash
 * @param service its name in the registry
 * @param workers the workers' name in the registry
 * @param http where it speaks HTTP
 * @param grpc where it speaks gRPC
 * @param pprof where it serves the page about its JVM; null for nowhere
 * @param advertisedHost the host that others are told; null for that of {@code grpc}
 * @param register how long it stays in the registry without a sign of life
 * @param clientTimeout bounds each request
 * @param seeds names of resources that are to be there
 * @param registryKind what the registry is called in its metadata
 */
record ProcessOptions(
    String id,
    String service,
    String workers,
    ListenAddress http,
    ListenAddress grpc,
    @Nullable ListenAddress pprof,
    @Nullable String advertisedHost,
    RegisterOptions register,
    Duration clientTimeout,
    List<String> seeds,
    String registryKind) {

  ProcessOptions {
    if (!id.matches("[A-Za-z0-9._]{1,64}")) {
      throw new IllegalArgumentException(
          "id: " + id + " (expected: 1 to 64 letters, digits, dots and underscores)");
    }
    seeds = List.copyOf(seeds);
  }

  /** Returns the host that others reach this process by. */
  String host() {
    if (advertisedHost != null) {
      return advertisedHost;
    }
    return grpc.isWildcard() ? "127.0.0.1" : grpc.host();
  }

  String nodeId() {
    return service + "-" + id;
  }
}
