// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.server;

import dev.vertxmicro.codec.Codec;
import dev.vertxmicro.codec.Codecs;
import dev.vertxmicro.errors.GrpcStatus;
import dev.vertxmicro.metadata.MicroHeaders;
import dev.vertxmicro.registry.Node;
import dev.vertxmicro.registry.RegisterOptions;
import dev.vertxmicro.registry.Registration;
import dev.vertxmicro.registry.Registry;
import dev.vertxmicro.registry.Service;
import dev.vertxmicro.time.Deadline;
import dev.vertxmicro.time.Nanos;
import dev.vertxmicro.time.TimeSource;
import io.vertx.core.Context;
import io.vertx.core.Deployable;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpVersion;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A server that runs: from the bound port to the last answer.
 *
 * <p>It is deployed like a verticle, as a child of the verticle that starts it. So Vert.x undeploys
 * it, and waits for its drain, before it stops that verticle, whether the verticle remembers the
 * server or not. A server started outside of verticles is a deployment of its own, which ends with
 * its {@code Vertx}.
 */
final class Serving implements Deployable {

  private static final System.Logger LOG = System.getLogger(RpcServer.class.getName());

  /** HTTP/2 error code: the server has not looked at the request. */
  private static final long REFUSED_STREAM = 7;

  private final Vertx vertx;
  private final @Nullable Context verticle;
  private final ServerOptions options;
  private final Endpoints endpoints;
  private final Codecs codecs;
  private final TimeSource time;
  private final @Nullable Registry registry;
  private final RegisterOptions registerOptions;
  private final Promise<Void> drained = Promise.promise();

  // Touched on the server's context only.
  private final Set<Served> calls = new LinkedHashSet<>();
  private @Nullable Registration registration;
  private boolean refusing;
  private @Nullable Promise<Void> idle;

  // Written on the server's context before the start completes.
  private volatile @Nullable Context context;
  private volatile @Nullable HttpServer http;
  private volatile @Nullable Service service;

  /**
   * Makes a server that does not listen yet.
   *
   * @param verticle the context to serve on; null for the deployment's own
   */
  Serving(
      Vertx vertx,
      @Nullable Context verticle,
      ServerOptions options,
      Endpoints endpoints,
      Codecs codecs,
      TimeSource time,
      @Nullable Registry registry,
      RegisterOptions registerOptions) {
    this.vertx = vertx;
    this.verticle = verticle;
    this.options = options;
    this.endpoints = endpoints;
    this.codecs = codecs;
    this.time = time;
    this.registry = registry;
    this.registerOptions = registerOptions;
  }

  @Override
  public Future<?> deploy(Context own) {
    Context context = verticle != null ? verticle : own;
    this.context = context;
    Promise<Void> started = Promise.promise();
    context.runOnContext(on -> listen().compose(this::register).onComplete(started));
    return started.future();
  }

  private Future<HttpServer> listen() {
    return vertx.createHttpServer(options.toHttp()).requestHandler(this::accept).listen();
  }

  private Future<Void> register(HttpServer http) {
    this.http = http;
    Service service = describe(http.actualPort());
    this.service = service;
    if (registry == null) {
      return Future.succeededFuture();
    }
    return registry
        .register(service, registerOptions)
        .onSuccess(registration -> this.registration = registration)
        .<Void>mapEmpty()
        .recover(failure -> http.close().transform(closed -> Future.failedFuture(failure)));
  }

  /** What is registered, as go-micro's gRPC server describes itself. */
  private Service describe(int port) {
    String id = options.getNodeId();
    Node.Builder node =
        Node.builder(id != null ? id : options.getName() + "-" + UUID.randomUUID(), address(port))
            .protocol("grpc")
            .metadata("server", "grpc")
            .metadata("transport", "grpc")
            .metadata("registry", "vertx-micro")
            .metadata("broker", "vertx-micro");
    if (options.getSsl() != null) {
      node.metadata("secure", "true");
    }
    node.metadata(options.getMetadata());
    Service.Builder service =
        Service.builder(options.getName()).version(options.getVersion()).node(node.build());
    endpoints.described().forEach(service::endpoint);
    return service.build();
  }

  private String address(int port) {
    String advertised = options.getAdvertisedAddress();
    String host = advertised != null ? advertised : options.getHost();
    boolean v6 = host.indexOf(':') != host.lastIndexOf(':');
    if (advertised != null
        && (host.startsWith("[") ? !host.endsWith("]") : !v6 && host.contains(":"))) {
      return advertised;
    }
    return (v6 && !host.startsWith("[") ? "[" + host + "]" : host) + ":" + port;
  }

  /** Called for each request, on its own duplicate of the server's context. */
  private void accept(HttpServerRequest request) {
    if (request.version() != HttpVersion.HTTP_2) {
      request.response().setStatusCode(505).end("gRPC needs HTTP/2\n");
      return;
    }
    if (refusing || calls.size() >= options.getMaxCalls()) {
      request.response().reset(REFUSED_STREAM);
      return;
    }
    if (!request.method().equals(HttpMethod.POST)) {
      request.response().setStatusCode(405).putHeader("allow", "POST").end();
      return;
    }
    String contentType = GrpcContentType.parse(request.getHeader("content-type"));
    if (contentType == null) {
      request.response().setStatusCode(415).end();
      return;
    }
    CallPath path = CallPath.parse(request.path());
    if (path == null) {
      String text = "malformed method name: \"" + request.path() + "\"";
      reject(request, contentType, WireStatus.plain(GrpcStatus.INVALID_ARGUMENT, text));
      return;
    }
    ServedEndpoint<?, ?> endpoint = endpoints.find(path);
    if (endpoint == null) {
      String text = endpoints.unknown(path);
      reject(request, contentType, WireStatus.plain(GrpcStatus.UNIMPLEMENTED, text));
      return;
    }
    serve(request, contentType, endpoint);
  }

  private void serve(HttpServerRequest request, String contentType, ServedEndpoint<?, ?> endpoint) {
    String encoding = request.getHeader("grpc-encoding");
    if (encoding != null && !encoding.equals("identity")) {
      String text = "grpc: Decompressor is not installed for grpc-encoding \"" + encoding + "\"";
      reject(request, contentType, WireStatus.plain(GrpcStatus.UNIMPLEMENTED, text));
      return;
    }
    Codec codec = codecs.find(contentType);
    if (codec == null) {
      String detail = "unsupported Content-Type: " + contentType;
      reject(request, contentType, WireStatus.server(GrpcStatus.UNKNOWN, 500, detail));
      return;
    }
    long nanos =
        WireTimeout.nanos(
            request.getHeader(MicroHeaders.TIMEOUT), request.getHeader("grpc-timeout"));
    Deadline deadline =
        nanos == WireTimeout.NONE ? Deadline.NONE : Deadline.afterNanos(nanos, time);
    if (deadline.isExpired()) {
      String detail = "deadline exceeded before " + endpoint.name() + " was reached";
      reject(request, contentType, WireStatus.server(GrpcStatus.DEADLINE_EXCEEDED, 408, detail));
      return;
    }
    RequestHead head =
        new RequestHead(contentType, codec, RequestHead.metadata(request.headers()), deadline);
    Served call = endpoint.serve(this, request, head);
    calls.add(call);
    call.start();
  }

  /** Answers without a look at the body, of which what still comes is dropped by Vert.x. */
  private static void reject(HttpServerRequest request, String contentType, WireStatus status) {
    GrpcAnswer.fail(request.response(), contentType, status);
  }

  /** Called by a call that has ended and whose handler does not run any longer. */
  void ended(Served call) {
    calls.remove(call);
    if (idle != null && calls.isEmpty()) {
      idle.tryComplete();
    }
  }

  @Override
  public Future<?> undeploy(Context own) {
    Context context = this.context;
    if (context == null) {
      drained.tryComplete();
    } else {
      context.runOnContext(on -> drain());
    }
    return drained.future();
  }

  /** Completes when {@link #undeploy} has; never fails. */
  Future<Void> drained() {
    return drained.future();
  }

  /** Deregisters while still serving, then refuses, then waits for what runs, then stops. */
  private void drain() {
    deregister()
        .transform(
            gone -> {
              refusing = true;
              return Future.join(stop(), idle());
            })
        .onComplete(
            stopped -> {
              if (stopped.failed()) {
                LOG.log(System.Logger.Level.WARNING, "closing " + this, stopped.cause());
              }
              drained.tryComplete();
            });
  }

  private Future<Void> deregister() {
    if (registration == null) {
      return Future.succeededFuture();
    }
    Promise<Void> gone = Promise.promise();
    var timer =
        time.timer(
            Nanos.of(options.getDrainTimeout()),
            () -> gone.tryFail("no answer in " + options.getDrainTimeout()));
    registration.close().onComplete(gone::handle);
    return gone.future()
        .onComplete(done -> timer.cancel())
        .onFailure(
            failure ->
                LOG.log(
                    System.Logger.Level.WARNING,
                    "deregistering " + this + ": it may stay in the registry until its TTL",
                    failure));
  }

  /** Closes the port, sends GOAWAY and waits for open streams; the last of them get 1 s more. */
  private Future<Void> stop() {
    HttpServer http = this.http;
    if (http == null) {
      return Future.succeededFuture();
    }
    return http.shutdown(Nanos.millis(options.getDrainTimeout()) + 1_000, TimeUnit.MILLISECONDS);
  }

  private Future<Void> idle() {
    if (calls.isEmpty()) {
      return Future.succeededFuture();
    }
    Promise<Void> idle = Promise.promise();
    this.idle = idle;
    var timer =
        time.timer(
            Nanos.of(options.getDrainTimeout()),
            () -> {
              List.copyOf(calls).forEach(Served::onClosing);
              idle.tryComplete();
            });
    return idle.future().onComplete(done -> timer.cancel());
  }

  Vertx vertx() {
    return vertx;
  }

  TimeSource time() {
    return time;
  }

  ServerOptions options() {
    return options;
  }

  /** Returns what was, or would be, registered; null until the port is bound. */
  @Nullable Service service() {
    return service;
  }

  @Override
  public String toString() {
    Service service = this.service;
    return "RpcServer[" + (service != null ? service : options.getName()) + "]";
  }
}
