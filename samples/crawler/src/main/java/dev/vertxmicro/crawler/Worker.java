// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.crawler;

import dev.vertxmicro.crawler.backend.Backend;
import dev.vertxmicro.crawler.wire.Request;
import dev.vertxmicro.crawler.wire.Response;
import dev.vertxmicro.registry.Node;
import dev.vertxmicro.runtime.CallOption;
import dev.vertxmicro.runtime.ClientOption;
import dev.vertxmicro.runtime.RpcClient;
import dev.vertxmicro.runtime.server.RpcServer;
import dev.vertxmicro.runtime.server.ServerCall;
import dev.vertxmicro.time.TimeSource;
import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.json.JsonObject;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A worker of the crawler, as a verticle: registers, and runs what the leader assigns to it. Alone
 * (without a cluster) it registers nowhere and runs all seeds itself.
 */
final class Worker extends VerticleBase implements GreeterService {

  private final ProcessOptions options;
  private final @Nullable Function<Vertx, Backend> backends;
  private final Consumer<String> out;

  private @Nullable Backend backend;
  private @Nullable RpcClient client;
  private @Nullable RpcServer server;
  private @Nullable Gateway gateway;
  private @Nullable HttpServer page;
  private @Nullable Tasks tasks;
  private Runnable watch = () -> {};

  /**
   * Prepares a worker.
   *
   * @param backends makes the backend, on the context of this verticle; null to work alone
   * @param out takes the log lines
   */
  Worker(
      ProcessOptions options, @Nullable Function<Vertx, Backend> backends, Consumer<String> out) {
    this.options = options;
    this.backends = backends;
    this.out = out;
  }

  @Override
  public Future<?> start() {
    TimeSource time = TimeSource.of(vertx);
    JsonLog log = new JsonLog("worker", time, out);
    Backend backend = backends == null ? null : backends.apply(vertx);
    this.backend = backend;
    RpcClient client =
        RpcClient.builder(vertx)
            .with(ClientOption.calls(CallOption.timeout(options.clientTimeout())))
            .build();
    this.client = client;
    RpcServer server =
        GreeterService.serve(
            RpcServer.builder(vertx, Master.serverOptions(options)).withTime(time).build(), this);
    this.server = server;
    Future<Void> serving =
        backend == null ? server.start() : server.start(backend.registry(), options.register());
    return options
        .grpc()
        .named(serving)
        .compose(started -> listen(GreeterStub.create(client), server.node()))
        .onSuccess(
            listening -> {
              Tasks tasks = new Tasks(Resource.assignee(server.node()), log);
              this.tasks = tasks;
              if (backend == null) {
                options.seeds().forEach(seed -> tasks.run(seed, alone(seed, server.node(), time)));
              } else {
                watch = backend.watchResources(tasks);
              }
            });
  }

  private static Resource alone(String seed, Node worker, TimeSource time) {
    return new Resource("", seed, Resource.assignee(worker), time.epochMillis() * 1_000_000);
  }

  @Override
  public Future<Response> hello(Request request, ServerCall call) {
    return Future.succeededFuture(
        Response.newBuilder().setGreeting("Hello " + request.getName()).build());
  }

  private Future<Void> listen(Greeter stub, Node node) {
    CallOption own = CallOption.of(CallOption.address(node.address()), CallOption.retries(0));
    List<GatewayRoute> routes =
        List.of(
            // The original maps no body: the name comes from the query.
            new GatewayRoute(
                HttpMethod.POST,
                "/greeter/hello",
                (request, body) -> stub.hello(greeting(request), own).map(ProtoText::whole)),
            new GatewayRoute(
                HttpMethod.GET, "/tasks", (request, body) -> Future.succeededFuture(running())));
    ListenAddress pprof = options.pprof();
    return Gateway.listen(vertx, options.http(), routes)
        .compose(
            listening -> {
              gateway = listening;
              return pprof == null
                  ? Future.succeededFuture()
                  : JvmPage.listen(vertx, pprof, this::health)
                      .onSuccess(opened -> page = opened)
                      .mapEmpty();
            });
  }

  private static Request greeting(HttpServerRequest request) {
    String name = request.getParam("name");
    return Request.newBuilder().setName(name == null ? "" : name).build();
  }

  private String running() {
    return tasks == null ? new JsonObject().encode() : tasks.toJson().encode();
  }

  private JsonObject health() {
    return new JsonObject()
        .put("up", tasks != null)
        .put("name", options.nodeId())
        .put("tasks", tasks == null ? 0 : tasks.size());
  }

  /** Returns where the gateway listens, once it does. */
  ListenAddress httpAddress() {
    return options.http().withPort(gateway == null ? 0 : gateway.port());
  }

  /** Deregisters first, so that its tasks go to others at once. */
  @Override
  public Future<?> stop() {
    return close(server == null ? null : server.close())
        .compose(
            next -> {
              watch.run();
              if (tasks != null) {
                tasks.stopAll();
              }
              return close(gateway == null ? null : gateway.close());
            })
        .compose(next -> close(page == null ? null : page.close()))
        .compose(next -> close(client == null ? null : client.close()))
        .compose(next -> close(backend == null ? null : backend.close()));
  }

  private static Future<Void> close(@Nullable Future<Void> closing) {
    return closing == null ? Future.succeededFuture() : closing.otherwiseEmpty();
  }
}
