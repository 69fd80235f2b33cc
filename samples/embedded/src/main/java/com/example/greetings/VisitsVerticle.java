// SPDX-License-Identifier: Apache-2.0
package com.example.greetings;

import com.example.visits.Visited;
import com.example.visits.Visitor;
import com.example.visits.VisitsService;
import dev.vertxmicro.registry.MemoryRegistry;
import dev.vertxmicro.runtime.server.RpcServer;
import dev.vertxmicro.runtime.server.ServerCall;
import dev.vertxmicro.runtime.server.ServerOptions;
import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import java.util.HashMap;
import java.util.Map;

/** Serves what {@code visits.proto} describes. */
public final class VisitsVerticle extends VerticleBase implements VisitsService {

  private final Map<String, Integer> visits = new HashMap<>();

  @Override
  public Future<?> start() {
    RpcServer server = RpcServer.create(vertx, new ServerOptions("visits"));
    return VisitsService.serve(server, this).start(MemoryRegistry.shared(vertx));
  }

  @Override
  public Future<Visited> visit(Visitor visitor, ServerCall call) {
    int times = visits.merge(visitor.getName(), 1, Integer::sum);
    return Future.succeededFuture(Visited.newBuilder().setTimes(times).build());
  }
}
