// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.broker.http;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.vertxmicro.registry.Node;
import dev.vertxmicro.registry.Service;
import java.net.URLEncoder;
import org.jspecify.annotations.Nullable;

/** How go-micro's HTTP broker writes a subscription into a registry ({@code broker/http.go}). */
final class GoMicroNode {

  /** The service that every subscription is a node of. */
  static final String SERVICE = "micro.http.broker";

  /** The version of subscriptions without a queue; others have the queue for their version. */
  static final String BROADCAST = "ff.http.broadcast";

  private static final String BROKER = "broker";
  private static final String HTTP = "http";
  private static final String TOPIC = "topic";
  private static final String SECURE = "secure";

  private GoMicroNode() {}

  /**
   * Returns what is registered for one subscription.
   *
   * @param id what publishers name the subscription by
   * @param address host and port to send to
   * @param secure whether to speak TLS there
   */
  static Service service(
      String topic, @Nullable String queue, String id, String address, boolean secure) {
    Node node =
        Node.builder(id, address)
            .metadata(SECURE, Boolean.toString(secure))
            .metadata(BROKER, HTTP)
            .metadata(TOPIC, topic)
            .build();
    return Service.builder(SERVICE).version(queue == null ? BROADCAST : queue).node(node).build();
  }

  /** Returns the topic that a node subscribes to; null if it is not one of an HTTP broker. */
  static @Nullable String topic(Node node) {
    return HTTP.equals(node.metadata().get(BROKER)) ? node.metadata().get(TOPIC) : null;
  }

  static boolean isSecure(Node node) {
    return "true".equals(node.metadata().get(SECURE));
  }

  /** Returns what is asked for to reach a subscription, escaped as Go's {@code url.Values} does. */
  static String uri(String id) {
    String form = URLEncoder.encode(id, UTF_8);
    return "/?id=" + form.replace("*", "%2A").replace("%7E", "~");
  }
}
