// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.crawler;

import dev.vertxmicro.crawler.backend.Backend;
import dev.vertxmicro.crawler.backend.Candidacy;
import dev.vertxmicro.crawler.backend.Leadership;
import dev.vertxmicro.crawler.backend.Term;
import dev.vertxmicro.crawler.wire.ResourceSpec;
import dev.vertxmicro.runtime.CallOption;
import dev.vertxmicro.runtime.ClientOption;
import dev.vertxmicro.runtime.RpcClient;
import dev.vertxmicro.runtime.server.RpcServer;
import dev.vertxmicro.runtime.server.ServerOptions;
import dev.vertxmicro.time.TimeSource;
import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServer;
import io.vertx.core.json.JsonObject;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A master of the crawler, as a verticle:
 *
 * <pre>
 *   user --HTTP--> Gateway --stub--> MasterService --------------> Leader --fenced--> store
 *                  (any master)           |    if it leads itself
 *                                         '--stub, address pinned--> MasterService of the leader
 * </pre>
 *
 * <p>It registers, takes part in the election, and watches the workers. While it leads there is a
 * {@link Leader}; while another does, requests are forwarded; while nobody is known to, they are
 * answered with UNAVAILABLE. All its state belongs to the context of the verticle.
 */
final class Master extends VerticleBase {

  private final ProcessOptions options;
  private final Function<Vertx, Backend> backends;
  private final Consumer<String> out;

  private @Nullable Backend backend;
  private @Nullable Candidacy candidacy;
  private volatile @Nullable Roster roster;
  private @Nullable RpcClient client;
  private @Nullable RpcServer server;
  private @Nullable Gateway gateway;
  private @Nullable HttpServer page;
  private volatile @Nullable MasterService service;
  private String name = "";

  /**
   * Prepares a master.
   *
   * @param backends makes the backend, on the context of this verticle
   * @param out takes the log lines
   */
  Master(ProcessOptions options, Function<Vertx, Backend> backends, Consumer<String> out) {
    this.options = options;
    this.backends = backends;
    this.out = out;
  }

  @Override
  public Future<?> start() {
    TimeSource time = TimeSource.of(vertx);
    JsonLog log = new JsonLog("master", time, out);
    Backend backend = backends.apply(vertx);
    this.backend = backend;
    RpcClient client =
        RpcClient.builder(vertx)
            .withRegistry(backend.registry())
            .with(ClientOption.calls(CallOption.timeout(options.clientTimeout())))
            .build();
    this.client = client;
    CrawlerMaster stub = CrawlerMasterStub.create(client);
    MasterService service = new MasterService(options, stub, log);
    this.service = service;
    Roster roster =
        new Roster(backend.registry(), options.workers(), log, time, service::workersChanged);
    this.roster = roster;
    RpcServer server = RpcServer.builder(vertx, serverOptions(options)).withTime(time).build();
    this.server = CrawlerMasterService.serve(server, service);
    return options
        .grpc()
        .named(server.start(backend.registry(), options.register()))
        .compose(started -> listen(stub, server.node().address()))
        .onSuccess(
            listening -> {
              name = MasterName.of(options.id(), server.node().address());
              service.setName(name);
              roster.open();
              candidacy =
                  backend.campaign(
                      name,
                      leadership -> {
                        Term term = leadership.term();
                        log.info("watch leader change", "leader:", leaderOf(leadership));
                        service.follow(
                            leadership.leader(),
                            term == null
                                ? null
                                : new Leader(backend, term, roster, options.seeds(), log, time));
                      });
            });
  }

  private static String leaderOf(Leadership leadership) {
    String leader = leadership.leader();
    return leader == null ? "" : leader;
  }

  /** Registers as go-micro's services do; the registry's entry has the original's metadata. */
  static ServerOptions serverOptions(ProcessOptions options) {
    return new ServerOptions(options.service())
        .setNodeId(options.nodeId())
        .setHost(options.grpc().host())
        .setPort(options.grpc().port())
        .setAdvertisedAddress(options.host())
        .addMetadata("broker", "http")
        .addMetadata("registry", options.registryKind());
  }

  /** The gateway calls the own gRPC port, as grpc-gateway does. */
  private Future<Void> listen(CrawlerMaster stub, String ownAddress) {
    CallOption own = CallOption.of(CallOption.address(ownAddress), CallOption.retries(0));
    List<GatewayRoute> routes =
        List.of(
            new GatewayRoute(
                HttpMethod.POST,
                "/crawler/resource",
                (request, body) -> stub.addResource(spec(body), own).map(ProtoText::whole)),
            new GatewayRoute(
                HttpMethod.DELETE,
                "/crawler/resource",
                (request, body) -> stub.deleteResource(spec(body), own).map(ProtoText::whole)));
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

  private static ResourceSpec spec(Buffer body) {
    return ProtoText.read(body, ResourceSpec.newBuilder()).build();
  }

  private JsonObject health() {
    MasterService now = service;
    boolean up = now != null && now.isUseful();
    return new JsonObject()
        .put("up", up)
        .put("name", name)
        .put("leader", now == null || now.leaderName() == null ? "" : now.leaderName())
        .put("leads", now != null && now.leads());
  }

  /** Returns where the gateway listens, once it does. */
  ListenAddress httpAddress() {
    return options.http().withPort(gateway == null ? 0 : gateway.port());
  }

  /** Returns what it is called in the election, once it is. */
  String name() {
    return name;
  }

  /** Tells whether it leads and has begun to work. From another thread: as it was a moment ago. */
  boolean leads() {
    return service != null && service.leads();
  }

  /** Returns how many workers it knows. From another thread: as it was a moment ago. */
  int workersKnown() {
    return roster == null ? 0 : roster.workers().size();
  }

  /** Falls silent in the election and stops serving, as far as that can be done in a process. */
  Future<Void> kill() {
    if (backend != null) {
      backend.abandon();
    }
    if (service != null) {
      service.follow(null, null);
    }
    return close(gateway == null ? null : gateway.close())
        .compose(next -> close(server == null ? null : server.close()));
  }

  /** Resigns first, so that another leads while this one still deregisters. */
  @Override
  public Future<?> stop() {
    if (service != null) {
      service.follow(null, null);
    }
    if (roster != null) {
      roster.close();
    }
    return close(candidacy == null ? null : candidacy.close())
        .compose(next -> close(gateway == null ? null : gateway.close()))
        .compose(next -> close(page == null ? null : page.close()))
        .compose(next -> close(server == null ? null : server.close()))
        .compose(next -> close(client == null ? null : client.close()))
        .compose(next -> close(backend == null ? null : backend.close()));
  }

  /** What cannot be closed does not keep the rest from being closed. */
  private static Future<Void> close(@Nullable Future<Void> closing) {
    return closing == null ? Future.succeededFuture() : closing.otherwiseEmpty();
  }
}
