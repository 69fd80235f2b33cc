// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.server;

import dev.vertxmicro.codec.Codecs;
import dev.vertxmicro.codec.TypeRef;
import dev.vertxmicro.errors.GrpcStatus;
import dev.vertxmicro.errors.RpcError;
import dev.vertxmicro.errors.RpcException;
import dev.vertxmicro.registry.Node;
import dev.vertxmicro.registry.RegisterOptions;
import dev.vertxmicro.registry.Registry;
import dev.vertxmicro.registry.Service;
import dev.vertxmicro.runtime.transport.MemoryTransport;
import dev.vertxmicro.time.TimeSource;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.BiFunction;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Lets a verticle answer calls over gRPC: of this runtime, of go-micro services, and of plain gRPC
 * clients.
 *
 * <pre>{@code
 * RpcServer.create(vertx, new ServerOptions("greeter"))
 *     .handle("Greeter.Hello", Hello.class, hello -> Future.succeededFuture(greet(hello)))
 *     .start(registry);
 * }</pre>
 *
 * <p>Endpoints are unary or streams. A request finds its endpoint as in go-micro: of the path
 * {@code /X/M}, M is the method, and what follows the last dot of X is the handler; the rest of X
 * is ignored. Content types are {@code application/grpc}, {@code +proto}, {@code +json}, {@code
 * +bytes} and whatever else the codecs know; the reply has that of the request. Compressed requests
 * are answered with UNIMPLEMENTED, as in go-micro.
 *
 * <p>The server serves on the context of the verticle that calls {@link #start}, each call on a
 * duplicate of it. It ends with that verticle: Vert.x then closes it as {@link #close} does, before
 * it calls the verticle's stop. Started outside of verticles it gets a context of its own and ends
 * with its {@code Vertx}.
 *
 * <p>{@code handle} and {@code start} are called by one thread; {@code close} by any.
 */
public final class RpcServer {

  private final Vertx vertx;
  private final ServerOptions options;
  private final Codecs codecs;
  private final TimeSource time;
  private final Map<String, ServedEndpoint<?, ?>> endpoints = new LinkedHashMap<>();
  private volatile @Nullable Serving serving;
  private volatile @Nullable Future<String> deployment;

  private RpcServer(Builder builder) {
    this.vertx = builder.vertx;
    this.options = new ServerOptions(builder.options);
    this.codecs = builder.codecs;
    this.time = builder.time;
    if (options.getName().isEmpty()) {
      throw new IllegalArgumentException("name: empty (expected: the name of the service)");
    }
    if (options.getAdvertisedAddress() == null && isWildcard(options.getHost())) {
      throw new IllegalArgumentException(
          "advertisedAddress: none (expected: one that callers reach, as the host is "
              + options.getHost()
              + ")");
    }
  }

  private static boolean isWildcard(String host) {
    return host.equals("0.0.0.0") || host.equals("::") || host.equals("[::]");
  }

  /**
   * Returns a new server with the standard codecs.
   *
   * @throws IllegalArgumentException if there is no name, or no advertised address though the host
   *     is a wildcard
   */
  public static RpcServer create(Vertx vertx, ServerOptions options) {
    return builder(vertx, options).build();
  }

  /** Starts a server with collaborators of its own. */
  public static Builder builder(Vertx vertx, ServerOptions options) {
    return new Builder(vertx, options);
  }

  /**
   * Adds an endpoint that needs nothing but the request.
   *
   * @param endpoint {@code Handler.Method}, with one dot; adding it again replaces it
   * @param request the type of the request; {@code Buffer} for its bytes as they are
   * @param handler see {@link ServerHandler#handle}
   * @throws IllegalArgumentException if {@code endpoint} is not of that form
   * @throws IllegalStateException if the server has been started
   */
  public <Q, R> RpcServer handle(
      String endpoint, Class<Q> request, Function<? super Q, Future<R>> handler) {
    return handle(endpoint, TypeRef.of(request), (value, call) -> handler.apply(value));
  }

  /**
   * Adds an endpoint whose handler also sees the call, as {@link #handle(String, TypeRef,
   * ServerHandler)} does.
   */
  public <Q, R> RpcServer handle(String endpoint, Class<Q> request, ServerHandler<Q, R> handler) {
    return handle(endpoint, TypeRef.of(request), handler);
  }

  /**
   * Adds an endpoint whose handler also sees the call.
   *
   * @param endpoint {@code Handler.Method}, with one dot; adding it again replaces it
   * @param request the type of the request; {@code Buffer} for its bytes as they are
   * @param handler answers the calls
   * @throws IllegalArgumentException if {@code endpoint} is not of that form
   * @throws IllegalStateException if the server has been started
   */
  public <Q, R> RpcServer handle(String endpoint, TypeRef<Q> request, ServerHandler<Q, R> handler) {
    checkNotStarted();
    endpoints.put(endpoint, new ServedEndpoint<>(endpoint, request, handler, null));
    return this;
  }

  /**
   * Adds an endpoint that serves streams of requests and replies.
   *
   * @param endpoint {@code Handler.Method}, with one dot; adding it again replaces it
   * @param request the type of requests; {@code Buffer} for their bytes as they are
   * @param handler serves the streams
   * @throws IllegalArgumentException if {@code endpoint} is not of that form
   * @throws IllegalStateException if the server has been started
   */
  public <Q, R> RpcServer handleStream(
      String endpoint, TypeRef<Q> request, StreamHandler<Q, R> handler) {
    checkNotStarted();
    endpoints.put(endpoint, new ServedEndpoint<>(endpoint, request, null, handler));
    return this;
  }

  /**
   * Adds an endpoint that serves streams, see {@link #handleStream(String, TypeRef,
   * StreamHandler)}.
   */
  public <Q, R> RpcServer handleStream(
      String endpoint, Class<Q> request, StreamHandler<Q, R> handler) {
    return handleStream(endpoint, TypeRef.of(request), handler);
  }

  /**
   * Adds an endpoint that answers one request with a stream of replies.
   *
   * @param endpoint as for {@link #handleStream(String, TypeRef, StreamHandler)}
   * @param request the type of the request
   * @param handler gets the request, and the stream to write to; its future ends the stream. A
   *     caller that half-closes without a request is answered with INTERNAL.
   */
  public <Q, R> RpcServer handleServerStream(
      String endpoint, Class<Q> request, BiFunction<Q, ServerStream<Q, R>, Future<?>> handler) {
    return this.<Q, R>handleStream(
        endpoint,
        request,
        stream -> first(stream).compose(only -> handler.apply(only, stream).mapEmpty()));
  }

  private static <Q> Future<Q> first(ServerStream<Q, ?> stream) {
    Promise<Q> first = Promise.promise();
    stream
        .handler(first::tryComplete)
        .endHandler(end -> first.tryFail(noRequest()))
        .exceptionHandler(first::tryFail)
        .fetch(1);
    return first.future();
  }

  private static RpcException noRequest() {
    return RpcException.of(
            RpcError.of(WireStatus.SERVER_ID, 500, "the stream ended without a request"),
            GrpcStatus.INTERNAL)
        .build();
  }

  /**
   * Adds an endpoint that answers a stream of requests with one reply.
   *
   * @param endpoint as for {@link #handleStream(String, TypeRef, StreamHandler)}
   * @param request the type of requests
   * @param handler reads the stream; its future brings the reply
   */
  public <Q, R> RpcServer handleClientStream(
      String endpoint, Class<Q> request, Function<ServerStream<Q, R>, Future<R>> handler) {
    return this.<Q, R>handleStream(
        endpoint, request, stream -> handler.apply(stream).compose(stream::write));
  }

  /**
   * Listens without registering anywhere.
   *
   * @return fails if the port cannot be bound
   * @throws IllegalStateException if the server has been started
   */
  public Future<Void> start() {
    return start(null, RegisterOptions.FOR_EVER);
  }

  /**
   * Listens, then registers with {@link RegisterOptions#DEFAULT}.
   *
   * @return fails if the port cannot be bound or the registry fails; then the port is closed
   * @throws IllegalStateException if the server has been started
   */
  public Future<Void> start(Registry registry) {
    return start(Objects.requireNonNull(registry, "registry"), RegisterOptions.DEFAULT);
  }

  /**
   * Listens, then registers.
   *
   * @param registry where to register; null for nowhere
   * @param registerOptions how long the registration lives without signs of life
   * @return fails if the port cannot be bound or the registry fails; then the port is closed
   * @throws IllegalStateException if the server has been started
   */
  public Future<Void> start(@Nullable Registry registry, RegisterOptions registerOptions) {
    checkNotStarted();
    Context current = Vertx.currentContext();
    Context verticle = current != null && current.deploymentID() != null ? current : null;
    Serving serving =
        new Serving(
            vertx,
            verticle,
            options,
            new Endpoints(endpoints),
            codecs,
            time,
            registry,
            registerOptions);
    this.serving = serving;
    Future<String> deployment = vertx.deployVerticle(serving);
    this.deployment = deployment;
    return deployment.mapEmpty();
  }

  /**
   * Serves the endpoints of this server over memory, too: for tests without ports, and for services
   * beside their callers. Nothing is started or registered; {@link MemoryTransport#stop} ends it,
   * {@link #close} does not. Endpoints that are added later are not served.
   *
   * <p>Handlers run on the thread of the caller, also those of verticles, each call on a context of
   * its own: calls that they make inherit its deadline, as on a server that listens. Of the
   * options, the bounds of request and reply hold.
   *
   * @param transport that of the callers
   * @param address where they find the endpoints: that of a node whose protocol is the transport's
   */
  public RpcServer serveInMemory(MemoryTransport transport, String address) {
    new MemoryServing(new Endpoints(endpoints), codecs, options).serve(transport, address);
    return this;
  }

  private void checkNotStarted() {
    if (serving != null) {
      throw new IllegalStateException("server: started (expected: not yet)");
    }
  }

  /**
   * Returns what is registered: the service with its endpoints and this node.
   *
   * @throws IllegalStateException before the start has completed
   */
  public Service service() {
    Serving serving = this.serving;
    Service service = serving == null ? null : serving.service();
    if (service == null) {
      throw new IllegalStateException("server: not started (expected: started)");
    }
    return service;
  }

  /**
   * Returns this node, with the address that callers use.
   *
   * @throws IllegalStateException before the start has completed
   */
  public Node node() {
    return service().nodes().get(0);
  }

  /**
   * Stops the server: deregisters while it still serves, then closes the port and refuses new
   * calls, waits for those that run, and closes the connections. Each of the two waits is bounded
   * by {@link ServerOptions#setDrainTimeout}; what still runs then is answered with UNAVAILABLE. A
   * registry that does not answer is logged. May be called twice.
   *
   * @return completes when the server has stopped; never fails
   */
  public Future<Void> close() {
    Serving serving = this.serving;
    Future<String> deployment = this.deployment;
    if (serving == null || deployment == null) {
      return Future.succeededFuture();
    }
    try {
      return deployment.transform(
          deployed ->
              deployed.failed()
                  ? Future.succeededFuture()
                  // Fails if Vert.x undeploys it already, with the verticle: then await that.
                  : vertx.undeploy(deployed.result()).transform(undeployed -> serving.drained()));
    } catch (RejectedExecutionException ended) {
      // The Vert.x instance has ended, and has undeployed it.
      return serving.drained();
    }
  }

  @Override
  public String toString() {
    Serving serving = this.serving;
    return serving != null ? serving.toString() : "RpcServer[" + options.getName() + "]";
  }

  /** Collects what a server is made of. Not thread-safe. */
  public static final class Builder {

    private final Vertx vertx;
    private final ServerOptions options;
    private Codecs codecs = Codecs.standard();
    private TimeSource time;

    private Builder(Vertx vertx, ServerOptions options) {
      this.vertx = Objects.requireNonNull(vertx, "vertx");
      this.options = Objects.requireNonNull(options, "options");
      this.time = TimeSource.of(vertx);
    }

    /** Replaces the standard codecs. */
    public Builder withCodecs(Codecs codecs) {
      this.codecs = Objects.requireNonNull(codecs, "codecs");
      return this;
    }

    /** Replaces the clock. */
    public Builder withTime(TimeSource time) {
      this.time = Objects.requireNonNull(time, "time");
      return this;
    }

    /**
     * Returns the server.
     *
     * @throws IllegalArgumentException if there is no name, or no advertised address though the
     *     host is a wildcard
     */
    public RpcServer build() {
      return new RpcServer(this);
    }
  }
}
