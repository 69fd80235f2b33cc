// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.skynet;

import dev.vertxmicro.codec.CodecException;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.net.NetServer;
import io.vertx.core.net.NetServerOptions;
import io.vertx.core.net.NetSocket;
import java.lang.System.Logger.Level;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * A node of a skynet cluster in Java: what {@code cluster.open} and {@code cluster.register} make.
 * skynet's nodes call its services as they call each other's, by name, handle or local name.
 *
 * <pre>{@code
 * SkynetServer server = SkynetServer.create(vertx);
 * server.register("sdb", call -> Future.succeededFuture(LuaValues.of("value")));
 * server.open(2528);
 * }</pre>
 *
 * <p>As with skynet, requests of one connection come to their services in order, and replies go out
 * as they are ready; a request that cannot be unpacked, or goes to a name that is neither
 * registered nor local, is never answered. Otherwise than with skynet everything is bounded, see
 * {@link SkynetServerOptions}: of a caller that does not read replies, or of whom services have too
 * many calls, no more is read.
 *
 * <p>May be used from any thread. Lives until {@link #close} or until its Vert.x is closed.
 */
public final class SkynetServer {

  private static final System.Logger LOG = System.getLogger(SkynetServer.class.getName());

  private final Vertx vertx;
  private final SkynetServerOptions options;
  private final NetServer server;
  private final Map<Integer, RawService> services = new ConcurrentHashMap<>();
  private final Map<String, Integer> names = new ConcurrentHashMap<>();
  private final Set<ServedConnection> connections = ConcurrentHashMap.newKeySet();
  private final AtomicInteger open = new AtomicInteger();
  private final AtomicInteger handles = new AtomicInteger();
  private volatile @Nullable RawService others;

  private SkynetServer(Vertx vertx, SkynetServerOptions options) {
    this.vertx = vertx;
    this.options = new SkynetServerOptions(options);
    this.server =
        vertx.createNetServer(
            new NetServerOptions().setHost(this.options.getHost()).setTcpNoDelay(true));
    server.connectHandler(this::connected);
  }

  /** Returns a server with default options that is not open yet. */
  public static SkynetServer create(Vertx vertx) {
    return create(vertx, new SkynetServerOptions());
  }

  /**
   * Returns a server that is not open yet.
   *
   * @param options copied
   */
  public static SkynetServer create(Vertx vertx, SkynetServerOptions options) {
    return new SkynetServer(vertx, options);
  }

  // ---- services

  /**
   * Adds a service under a name.
   *
   * @param name what {@code @name} is to find; with a dot before it, what {@code .name} is to find
   * @return its handle, above 0
   * @throws IllegalArgumentException if the name is empty or taken
   */
  public int register(String name, SkynetHandler handler) {
    if (name.isEmpty() || name.startsWith("@") || name.startsWith(":")) {
      throw new IllegalArgumentException(
          "name: '" + name + "' (expected: a name without @ or :, perhaps with a dot before it)");
    }
    int handle = add(handler);
    if (names.putIfAbsent(name, handle) != null) {
      services.remove(handle);
      throw new IllegalArgumentException(
          "name: '" + name + "' is taken (expected: one that is not)");
    }
    return handle;
  }

  /** Adds a service without a name; returns its handle, above 0. */
  public int add(SkynetHandler handler) {
    return addRaw(unpacking(handler));
  }

  private int addRaw(RawService service) {
    int handle = handles.incrementAndGet();
    services.put(handle, service);
    return handle;
  }

  /** Takes a name and its service away; does nothing if there is none of that name. */
  public void unregister(String name) {
    Integer handle = names.remove(name);
    if (handle != null) {
      services.remove(handle);
    }
  }

  /** Hands requests for global names, which this node has none of, to {@code service}. */
  void others(RawService service) {
    others = service;
  }

  private static RawService unpacking(SkynetHandler handler) {
    return (address, arguments, push, trace) -> {
      LuaValues values;
      try {
        values = LuaSeri.unpack(arguments);
      } catch (CodecException unreadable) {
        LOG.log(Level.DEBUG, "request to {0}: {1}", address, unreadable.getMessage());
        return null;
      }
      return handler.handle(new SkynetCall(address, values, push, trace)).map(LuaSeri::pack);
    };
  }

  // ---- for connections

  /** Returns the service of a handle, or null. */
  @Nullable RawService service(int handle) {
    return services.get(handle);
  }

  /** Returns the handle of a name, with its dot if it is local, or null. */
  @Nullable Integer handle(String name) {
    return names.get(name);
  }

  /** Returns the handle in the text of one, or null if it is none. */
  static @Nullable Integer parseHandle(String digits, int radix) {
    try {
      return Integer.parseUnsignedInt(digits, radix);
    } catch (NumberFormatException none) {
      return null;
    }
  }

  @Nullable RawService others() {
    return others;
  }

  SkynetServerOptions options() {
    return options;
  }

  // ---- life

  /**
   * Listens for callers.
   *
   * @param port 0 for any free one
   * @return completes with the port; fails if it cannot be had
   */
  public Future<Integer> open(int port) {
    return server.listen(port, options.getHost()).map(NetServer::actualPort);
  }

  private void connected(NetSocket socket) {
    if (open.incrementAndGet() > options.getMaxConnections()) {
      open.decrementAndGet();
      socket.close();
      return;
    }
    ServedConnection connection = new ServedConnection(this, vertx.getOrCreateContext(), socket);
    connections.add(connection);
    connection.start();
  }

  void gone(ServedConnection connection) {
    if (connections.remove(connection)) {
      open.decrementAndGet();
    }
  }

  /** Returns how many connections there are. */
  public int connections() {
    return connections.size();
  }

  /** Closes every connection, with what is not written yet. */
  public void dropConnections() {
    connections.forEach(ServedConnection::drop);
  }

  /** Listens no more and closes every connection. May be called twice. */
  public Future<Void> close() {
    return server.close();
  }

  /** Returns the names that are known, and how many connections there are. */
  @Override
  public String toString() {
    return "SkynetServer"
        + new TreeSet<>(names.keySet())
        + "["
        + connections.size()
        + " connections]";
  }

  /** Returns the handle as the bytes of a reply. */
  static Buffer packed(int handle) {
    return LuaSeri.pack(LuaValues.of(Integer.toUnsignedLong(handle)));
  }
}
