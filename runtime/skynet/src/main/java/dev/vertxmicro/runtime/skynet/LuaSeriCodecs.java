// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.skynet;

import dev.vertxmicro.codec.Codec;
import dev.vertxmicro.codec.CodecProvider;

/** Makes the codec of lua-seri for clients that find it. */
public final class LuaSeriCodecs implements CodecProvider {

  /** Makes the provider. Called by the service loader. */
  public LuaSeriCodecs() {}

  @Override
  public String name() {
    return "lua-seri";
  }

  @Override
  public Codec create() {
    return new LuaSeriCodec();
  }
}
