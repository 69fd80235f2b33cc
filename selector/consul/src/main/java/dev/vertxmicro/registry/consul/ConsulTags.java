// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.registry.consul;

import dev.vertxmicro.registry.Endpoint;
import dev.vertxmicro.registry.Node;
import dev.vertxmicro.registry.Service;
import dev.vertxmicro.registry.ServiceJson;
import io.vertx.core.buffer.Buffer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.zip.Deflater;
import java.util.zip.DeflaterOutputStream;

/**
 * Writes what go-micro keeps in the tags of a Consul service ({@code registry/consul/encoding.go}):
 *
 * <pre>
 * t-hex(zlib({"key":"value"}))   one for each entry of the node's metadata
 * e-hex(zlib(Endpoint))          one for each endpoint, as JSON
 * v-hex(zlib(version))           the plain version
 * </pre>
 *
 * {@link ConsulTagReader} reads them.
 */
final class ConsulTags {

  /** The letter of a metadata entry. */
  static final char METADATA = 't';

  /** The letter of an endpoint. */
  static final char ENDPOINT = 'e';

  /** The letter of the version. */
  static final char VERSION = 'v';

  /** After the letter: hex of zlib follows. */
  static final char HEX = '-';

  /** After the letter: the text itself follows, the old form. */
  static final char PLAIN = '=';

  private ConsulTags() {}

  /** Returns the tags of a node, metadata in the order of its keys. */
  static List<String> write(Service service, Node node) {
    List<String> tags = new ArrayList<>();
    new TreeMap<>(node.metadata())
        .forEach((key, value) -> tags.add(tag(METADATA, ServiceJson.write(Map.of(key, value)))));
    for (Endpoint endpoint : service.endpoints()) {
      tags.add(tag(ENDPOINT, ServiceJson.write(endpoint)));
    }
    tags.add(tag(VERSION, Buffer.buffer(service.version())));
    return List.copyOf(tags);
  }

  private static String tag(char letter, Buffer content) {
    return "" + letter + HEX + HexFormat.of().formatHex(deflate(content.getBytes()));
  }

  private static byte[] deflate(byte[] content) {
    Deflater deflater = new Deflater();
    ByteArrayOutputStream deflated = new ByteArrayOutputStream(content.length / 2 + 16);
    try (DeflaterOutputStream out = new DeflaterOutputStream(deflated, deflater)) {
      out.write(content);
    } catch (IOException impossible) {
      throw new IllegalStateException("writing to memory failed", impossible);
    } finally {
      deflater.end();
    }
    return deflated.toByteArray();
  }
}
