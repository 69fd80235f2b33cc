// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime;

/**
 * Wraps the whole client: runs once per call, around all its attempts. The first registered is the
 * outermost.
 */
@FunctionalInterface
public interface ClientWrapper {

  /** Returns a client around {@code next}, as a rule a {@link ForwardingRpcClient}. */
  RpcClient wrap(RpcClient next);
}
