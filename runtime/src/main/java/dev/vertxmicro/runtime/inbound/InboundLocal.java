// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.inbound;

import io.vertx.core.internal.VertxBootstrap;
import io.vertx.core.spi.VertxServiceProvider;
import io.vertx.core.spi.context.storage.ContextLocal;

/**
 * Registers the place of {@link InboundCall} in contexts. Vert.x finds it as a service before the
 * first {@code Vertx} is made: later registrations are too late for existing contexts.
 */
public final class InboundLocal implements VertxServiceProvider {

  static final ContextLocal<InboundCall> KEY = ContextLocal.registerLocal(InboundCall.class);

  /** Called by the service loader. */
  public InboundLocal() {}

  /** Does nothing: loading this class has registered the place. */
  @Override
  public void init(VertxBootstrap bootstrap) {}
}
