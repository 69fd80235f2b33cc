// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime;

import dev.vertxmicro.codec.Codecs;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** Chooses the content type of a call that names none, by protocol and class of the body. */
final class ContentTypes {

  private final Codecs codecs;
  private final Transports transports;
  private final Map<String, ClassValue<String>> byProtocol = new ConcurrentHashMap<>();

  ContentTypes(Codecs codecs, Transports transports) {
    this.codecs = codecs;
    this.transports = transports;
  }

  /**
   * Returns the first content type of the protocol whose codec takes the body.
   *
   * @throws IllegalArgumentException if the protocol is unknown or no codec takes the body
   */
  String of(String protocol, Class<?> body) {
    ClassValue<String> known = byProtocol.get(protocol);
    if (known == null) {
      known = byProtocol.computeIfAbsent(protocol, this::forProtocol);
    }
    return known.get(body);
  }

  private ClassValue<String> forProtocol(String protocol) {
    var contentTypes = transports.get(protocol).contentTypes();
    return new ClassValue<>() {
      @Override
      protected String computeValue(Class<?> body) {
        return codecs.contentTypeFor(body, contentTypes);
      }
    };
  }
}
