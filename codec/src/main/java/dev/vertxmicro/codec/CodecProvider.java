// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.codec;

/** Makes a codec that a {@code ServiceLoader} finds. Implemented by plug-ins. */
public interface CodecProvider {

  /** Returns the name of the codec for error texts, for example {@code "msgpack"}. */
  String name();

  /** Returns a new codec. */
  Codec create();
}
