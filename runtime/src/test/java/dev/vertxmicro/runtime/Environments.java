// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime;

import java.util.Map;

/** Lets a client of a test find variables that its process does not have. */
public final class Environments {

  private Environments() {}

  /** Lets the client find these variables of go-micro, and no others. */
  public static RpcClientBuilder with(RpcClientBuilder builder, Map<String, String> variables) {
    return builder.withEnvironment(
        new ProxyEnvironment(new ProxyEnvironment.Variables(variables::get)));
  }
}
