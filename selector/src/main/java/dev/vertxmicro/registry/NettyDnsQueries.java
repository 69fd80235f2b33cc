// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.registry;

import dev.vertxmicro.errors.GrpcStatus;
import dev.vertxmicro.errors.RpcException;
import dev.vertxmicro.registry.DnsAnswer.Target;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufHolder;
import io.netty.channel.AddressedEnvelope;
import io.netty.channel.EventLoop;
import io.netty.channel.socket.SocketChannel;
import io.netty.handler.codec.dns.DefaultDnsQuestion;
import io.netty.handler.codec.dns.DefaultDnsRecordDecoder;
import io.netty.handler.codec.dns.DnsRecord;
import io.netty.handler.codec.dns.DnsRecordType;
import io.netty.handler.codec.dns.DnsResponse;
import io.netty.handler.codec.dns.DnsResponseCode;
import io.netty.handler.codec.dns.DnsSection;
import io.netty.resolver.dns.DnsNameResolver;
import io.netty.resolver.dns.DnsNameResolverBuilder;
import io.netty.resolver.dns.NoopAuthoritativeDnsServerCache;
import io.netty.resolver.dns.NoopDnsCache;
import io.netty.resolver.dns.NoopDnsCnameCache;
import io.netty.util.NetUtil;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.internal.VertxInternal;
import io.vertx.core.spi.transport.Transport;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;

/**
 * Asks DNS servers one after the other, through Netty's resolver on an event loop of Vert.x.
 *
 * <p>Not through Vert.x' {@code DnsClient}: it asks one server, keeps the TTL of addresses to
 * itself, drops what stands behind a CNAME, and follows compressed names without an end, which a
 * forged answer turns into an event loop that hangs. With {@link Home} the place of this module
 * that uses Vert.x' internal (but exported) API: the channels of its transport.
 *
 * <p>Nothing is cached here. An answer that is cut short is asked for again over TCP; a chain of at
 * most {@value #MAX_ALIASES} aliases is followed.
 */
final class NettyDnsQueries implements DnsQueries {

  private static final int MAX_ALIASES = 8;
  private static final int MAX_RECORDS = 10_000;

  private final Home home;
  private final DnsNameResolver resolver;
  private final List<InetSocketAddress> servers;
  private final DnsRecordType type;
  private final int port;

  NettyDnsQueries(Vertx vertx, Home home, DnsOptions options) {
    this.home = home;
    this.servers = DnsServers.of(options);
    this.type = DnsRecordType.valueOf(options.getRecords().name());
    this.port = options.getPort();
    VertxInternal internal = (VertxInternal) vertx;
    EventLoop loop = internal.getOrCreateContext().nettyEventLoop();
    Transport transport = internal.transport();
    this.resolver =
        new DnsNameResolverBuilder(loop)
            .datagramChannelFactory(transport::datagramChannel)
            .socketChannelFactory(
                () -> (SocketChannel) transport.channelFactory(false).newChannel())
            .resolveCache(NoopDnsCache.INSTANCE)
            .cnameCache(NoopDnsCnameCache.INSTANCE)
            .authoritativeDnsServerCache(NoopAuthoritativeDnsServerCache.INSTANCE)
            .queryTimeoutMillis(options.getQueryTimeout().toMillis())
            .searchDomains(List.of())
            .build();
  }

  @Override
  public Future<DnsAnswer> query(String name) {
    return query(absolute(name), MAX_ALIASES);
  }

  private static String absolute(String name) {
    return name.endsWith(".") ? name : name + ".";
  }

  private Future<DnsAnswer> query(String name, int aliasesLeft) {
    return ask(name, 0)
        .compose(
            response -> {
              String alias = response.alias;
              if (alias == null || !response.targets.isEmpty()) {
                return Future.succeededFuture(new DnsAnswer(response.targets, response.ttlSeconds));
              }
              return aliasesLeft == 0
                  ? Future.failedFuture(failure(name, "more than " + MAX_ALIASES + " aliases"))
                  : query(alias, aliasesLeft - 1);
            });
  }

  private Future<Response> ask(String name, int server) {
    return askOne(name, servers.get(server))
        .recover(
            failed ->
                server + 1 < servers.size()
                    ? ask(name, server + 1)
                    : Future.failedFuture(failure(name, String.valueOf(failed.getMessage()))));
  }

  private Future<Response> askOne(String name, InetSocketAddress server) {
    Promise<Response> promise = Promise.promise();
    resolver
        .query(server, new DefaultDnsQuestion(name, type))
        .addListener(
            (io.netty.util.concurrent.Future<AddressedEnvelope<DnsResponse, InetSocketAddress>>
                    done) -> {
              Future<Response> result =
                  done.isSuccess() ? read(name, done.getNow()) : Future.failedFuture(done.cause());
              try {
                home.execute(() -> result.onComplete(promise));
              } catch (RejectedExecutionException ended) {
                promise.tryFail(ended);
              }
            });
    return promise.future();
  }

  private Future<Response> read(
      String name, AddressedEnvelope<DnsResponse, InetSocketAddress> envelope) {
    try {
      DnsResponse response = envelope.content();
      DnsResponseCode code = response.code();
      if (code.equals(DnsResponseCode.NXDOMAIN)) {
        return Future.succeededFuture(new Response(null, List.of(), 0));
      }
      return code.equals(DnsResponseCode.NOERROR)
          ? Future.succeededFuture(read(name, response))
          : Future.failedFuture(envelope.sender() + " answers " + code);
    } catch (RuntimeException | UnknownHostException malformed) {
      return Future.failedFuture(envelope.sender() + " answers garbage: " + malformed);
    } finally {
      envelope.release();
    }
  }

  /** Follows the aliases within one response, then takes the records of the last name. */
  private Response read(String asked, DnsResponse response) throws UnknownHostException {
    List<DnsRecord> records = new ArrayList<>();
    int count = Math.min(response.count(DnsSection.ANSWER), MAX_RECORDS);
    for (int i = 0; i < count; i++) {
      records.add(response.recordAt(DnsSection.ANSWER, i));
    }
    String name = asked;
    Set<String> seen = new HashSet<>();
    String alias = alias(name, records);
    while (alias != null && seen.add(lower(alias)) && seen.size() <= MAX_ALIASES) {
      name = alias;
      alias = alias(name, records);
    }
    List<Target> targets = new ArrayList<>();
    long ttl = Long.MAX_VALUE;
    for (DnsRecord record : records) {
      if (record.type().equals(type) && lower(record.name()).equals(lower(name))) {
        Target target = target(record);
        if (target != null) {
          targets.add(target);
        }
        ttl = Math.min(ttl, Math.max(0, record.timeToLive()));
      }
    }
    boolean aliased = !lower(name).equals(lower(asked));
    return new Response(aliased ? name : null, targets, targets.isEmpty() ? 0 : ttl);
  }

  private static @Nullable String alias(String name, List<DnsRecord> records) {
    for (DnsRecord record : records) {
      if (record.type().equals(DnsRecordType.CNAME)
          && lower(record.name()).equals(lower(name))
          && record instanceof ByteBufHolder holder) {
        return DefaultDnsRecordDecoder.decodeName(holder.content().duplicate());
      }
    }
    return null;
  }

  private static String lower(String name) {
    return name.toLowerCase(Locale.ROOT);
  }

  /** Reads a record; null for the target that says that there is none. */
  private @Nullable Target target(DnsRecord record) throws UnknownHostException {
    if (!(record instanceof ByteBufHolder holder)) {
      throw new IllegalStateException("a record of type " + record.type() + " without content");
    }
    ByteBuf content = holder.content().duplicate();
    if (type.equals(DnsRecordType.SRV)) {
      int priority = content.readUnsignedShort();
      int weight = content.readUnsignedShort();
      int own = content.readUnsignedShort();
      String host = lower(DefaultDnsRecordDecoder.decodeName(content));
      return host.equals(".")
          ? null
          : new Target(host.substring(0, host.length() - 1), own, priority, weight);
    }
    int length = type.equals(DnsRecordType.A) ? 4 : 16;
    if (content.readableBytes() != length) {
      throw new IllegalStateException("an address of " + content.readableBytes() + " bytes");
    }
    byte[] address = new byte[length];
    content.readBytes(address);
    return new Target(NetUtil.toAddressString(InetAddress.getByAddress(address)), port, 0, 0);
  }

  private static RpcException failure(String name, String why) {
    return RpcException.client(GrpcStatus.UNAVAILABLE, "dns " + name + ": " + why).build();
  }

  @Override
  public void close() {
    resolver.close();
  }

  /**
   * What one response says.
   *
   * @param alias what the name stands for at last; null if it is no alias
   * @param targets of the alias, or of the name
   * @param ttlSeconds the least
   */
  private record Response(@Nullable String alias, List<Target> targets, long ttlSeconds) {}
}
