// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.rest;

import dev.vertxmicro.codec.Codec;
import dev.vertxmicro.codec.CodecProvider;

/** Makes the codec of {@link RestBody} for clients that find it. */
public final class RestCodecs implements CodecProvider {

  /** Makes the provider. Called by the service loader. */
  public RestCodecs() {}

  @Override
  public String name() {
    return "rest";
  }

  @Override
  public Codec create() {
    return new RestCodec();
  }
}
