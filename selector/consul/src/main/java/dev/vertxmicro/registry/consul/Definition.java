// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.registry.consul;

import dev.vertxmicro.registry.Node;
import dev.vertxmicro.registry.RegisterOptions;
import dev.vertxmicro.registry.Service;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;

/**
 * Writes a node as Consul wants it registered ({@code PUT /v1/agent/service/register}), the way
 * go-micro does ({@code registry/consul/consul.go}).
 */
final class Definition {

  private static final Duration MINUTE = Duration.ofMinutes(1);
  private static final Duration SPLAY = Duration.ofSeconds(5);

  /** What Consul takes as metadata of a service; one entry that it refuses refuses them all. */
  private static final Pattern META_KEY = Pattern.compile("(?!consul-)[A-Za-z0-9_-]{1,128}");

  private static final int MAX_META = 64;
  private static final int MAX_META_VALUE = 512;

  private Definition() {}

  /** Returns the definition of one node of a service. */
  static JsonObject of(
      Service service, Node node, RegisterOptions register, ConsulOptions options) {
    NodeAddress address = NodeAddress.split(node.address());
    JsonObject definition =
        new JsonObject()
            .put("ID", node.id())
            .put("Name", service.name())
            .put("Address", address.host())
            .put("Port", address.port())
            .put("Tags", new JsonArray(ConsulTags.write(service, node)))
            .put("Meta", meta(node.metadata()));
    JsonObject check = check(node, address, register, options);
    if (!check.isEmpty()) {
      definition.put("Check", check);
    }
    if (options.isConnect()) {
      definition.put("Connect", new JsonObject().put("Native", true));
    }
    return definition;
  }

  /** Tells whether the check of a node lives on our signs of life. */
  static boolean hasTtl(RegisterOptions register, ConsulOptions options) {
    return !register.ttl().isZero() && !isCheckedByConsul(options);
  }

  private static boolean isCheckedByConsul(ConsulOptions options) {
    return !options.getTcpCheckInterval().isZero() || options.getHttpCheck() != null;
  }

  private static JsonObject check(
      Node node, NodeAddress address, RegisterOptions register, ConsulOptions options) {
    String url = options.getHttpCheck();
    if (!options.getTcpCheckInterval().isZero()) {
      return new JsonObject()
          .put("TCP", node.address())
          .put("Interval", text(options.getTcpCheckInterval()))
          .put("DeregisterCriticalServiceAfter", deregisterAfter(options.getTcpCheckInterval()));
    }
    if (url != null) {
      String host = address.host();
      return new JsonObject()
          .put("HTTP", url.replace("{host}", host.indexOf(':') < 0 ? host : "[" + host + "]"))
          .put("Interval", text(options.getHttpCheckInterval()))
          .put("Timeout", text(options.getHttpCheckTimeout()))
          .put("DeregisterCriticalServiceAfter", deregisterAfter(options.getHttpCheckInterval()));
    }
    if (!register.ttl().isZero()) {
      return new JsonObject()
          .put("TTL", text(register.ttl()))
          .put("DeregisterCriticalServiceAfter", deregisterAfter(register.ttl()));
    }
    return new JsonObject();
  }

  /** go-micro's rule: five seconds more than a sign of life may take; Consul wants a minute. */
  private static String deregisterAfter(Duration sign) {
    return text((sign.compareTo(MINUTE) < 0 ? MINUTE : sign).plus(SPLAY));
  }

  /** Returns a duration as Go reads it. */
  private static String text(Duration duration) {
    long millis = Math.max(1, duration.toMillis());
    return millis % 1_000 == 0 ? millis / 1_000 + "s" : millis + "ms";
  }

  /**
   * Returns what Consul takes of the metadata, for people and for Consul's own filters; the tags
   * have all of it.
   */
  private static JsonObject meta(Map<String, String> metadata) {
    JsonObject meta = new JsonObject();
    new TreeMap<>(metadata)
        .forEach(
            (key, value) -> {
              if (META_KEY.matcher(key).matches()
                  && value.getBytes(StandardCharsets.UTF_8).length <= MAX_META_VALUE
                  && meta.size() < MAX_META) {
                meta.put(key, value);
              }
            });
    return meta;
  }
}
