// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.grpc;

import dev.vertxmicro.codec.OptionsContract;
import io.vertx.core.net.ClientSSLOptions;
import java.time.Duration;
import java.util.Set;
import java.util.stream.Stream;

class GrpcOptionsTest extends OptionsContract<GrpcOptions> {

  GrpcOptionsTest() {
    super(GrpcOptions.class);
  }

  @Override
  protected GrpcOptions changed() {
    return new GrpcOptions()
        .setEngine(GrpcEngine.HTTP_CLIENT)
        .setSsl(new ClientSSLOptions().setTrustAll(true))
        .setOpenSsl(true)
        .setFlushFrames(9)
        .setStreamWindowBytes(70_000)
        .setConnectionWindowBytes(80_000)
        .setMaxHeaderListBytes(9_000)
        .setKeepAliveTime(Duration.ofSeconds(7))
        .setKeepAliveTimeout(Duration.ofSeconds(3))
        .setMaxQueuedPerNode(5)
        .setMaxStreamsPerConnection(6)
        .setIdleTimeout(Duration.ofSeconds(50))
        .setUserAgent("other/2")
        .setGzipRequests(true)
        .setGzipMinBytes(7);
  }

  @Override
  protected Set<String> codeOnly() {
    return Set.of("ssl");
  }

  @Override
  protected Stream<BadValue> badValues() {
    return Stream.of(
        new BadValue("flushFrames", 0, ">= 1"),
        new BadValue("streamWindowBytes", 65_534, ">= 65535"),
        new BadValue("connectionWindowBytes", 65_534, ">= 65535"),
        new BadValue("maxHeaderListBytes", 0, ">= 1"),
        new BadValue("keepAliveTime", -1, "zero or more"),
        new BadValue("keepAliveTimeout", 0, "above zero"),
        new BadValue("maxQueuedPerNode", 0, ">= 1"),
        new BadValue("maxStreamsPerConnection", 0, ">= 1"),
        new BadValue("idleTimeout", 0, "above zero"),
        new BadValue("gzipMinBytes", -1, ">= 0"),
        new BadValue("userAgent", "", "printable ASCII"),
        new BadValue("userAgent", "caf\u00e9", "printable ASCII"));
  }
}
