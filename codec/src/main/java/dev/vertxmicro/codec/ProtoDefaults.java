// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.codec;

import com.google.protobuf.MessageLite;

/** Finds the empty message of a generated Protobuf class, once per class. */
final class ProtoDefaults {

  private static final ClassValue<MessageLite> BY_CLASS =
      new ClassValue<>() {
        @Override
        protected MessageLite computeValue(Class<?> type) {
          try {
            return (MessageLite) type.getMethod("getDefaultInstance").invoke(null);
          } catch (ReflectiveOperationException | ClassCastException | NullPointerException unfit) {
            throw new CodecException(
                "type: " + type.getName() + " (expected: a generated protobuf message)", unfit);
          }
        }
      };

  private ProtoDefaults() {}

  /**
   * Returns the empty message of {@code type}.
   *
   * @throws CodecException if {@code type} is not a generated class
   */
  static MessageLite of(Class<?> type) {
    return BY_CLASS.get(type);
  }
}
