// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.registry.etcd;

import io.vertx.core.buffer.Buffer;

/**
 * Where go-micro keeps a node: {@code <prefix>/<service>/<node>}, with a slash inside of a name
 * written as a dash (go-micro {@code registry/etcd}). So {@code a/b} and {@code a-b} share their
 * keys; the name in the value tells them apart.
 */
final class EtcdKeys {

  private static final char AFTER_SLASH = '/' + 1;

  private final String prefix;

  /**
   * Starts all keys with {@code prefix}.
   *
   * @param prefix without a slash at its end
   */
  EtcdKeys(String prefix) {
    this.prefix = prefix;
  }

  Buffer ofNode(String service, String node) {
    return Buffer.buffer(prefix + '/' + encode(service) + '/' + encode(node));
  }

  /** Returns the first key that a node of the service can have. */
  Buffer firstOf(String service) {
    return Buffer.buffer(prefix + '/' + encode(service) + '/');
  }

  /** Returns the key after the last one that a node of the service can have. */
  Buffer endOf(String service) {
    return Buffer.buffer(prefix + '/' + encode(service) + AFTER_SLASH);
  }

  Buffer first() {
    return Buffer.buffer(prefix + '/');
  }

  Buffer end() {
    return Buffer.buffer(prefix + AFTER_SLASH);
  }

  /**
   * Returns the name of the service in a key, as the key has it; empty if it is not the key of a
   * node.
   */
  String serviceOf(Buffer key) {
    String text = key.toString();
    int start = prefix.length() + 1;
    int end = text.indexOf('/', start);
    boolean isNode =
        text.startsWith(prefix + '/')
            && end > start
            && end < text.length() - 1
            && text.indexOf('/', end + 1) < 0;
    return isNode ? text.substring(start, end) : "";
  }

  /**
   * Checks a name that is to be written.
   *
   * @throws IllegalArgumentException if it is empty, {@code .} or {@code ..}, which go-micro takes
   *     out of its keys
   */
  static void check(String what, String name) {
    if (name.isEmpty() || name.equals(".") || name.equals("..")) {
      throw new IllegalArgumentException(
          what + ": '" + name + "' (expected: a name other than '', '.' and '..')");
    }
  }

  private static String encode(String name) {
    return name.replace('/', '-');
  }
}
