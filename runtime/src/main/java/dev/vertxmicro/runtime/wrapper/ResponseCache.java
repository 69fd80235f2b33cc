// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.wrapper;

import dev.vertxmicro.codec.CodecException;
import dev.vertxmicro.codec.Codecs;
import dev.vertxmicro.codec.Ranges;
import dev.vertxmicro.errors.Processed;
import dev.vertxmicro.errors.RpcException;
import dev.vertxmicro.runtime.CallOption;
import dev.vertxmicro.runtime.CallOptions;
import dev.vertxmicro.runtime.ClientWrapper;
import dev.vertxmicro.runtime.ForwardingRpcClient;
import dev.vertxmicro.runtime.Reply;
import dev.vertxmicro.runtime.Request;
import dev.vertxmicro.runtime.RpcCall;
import dev.vertxmicro.runtime.RpcClient;
import dev.vertxmicro.time.TimeSource;
import io.vertx.core.AsyncResult;
import io.vertx.core.buffer.Buffer;
import java.lang.reflect.Type;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Answers calls from earlier replies. go-micro has the option and never looks at it; this works:
 * {@code builder.wrap(ResponseCache.create(options, time))}.
 *
 * <ul>
 *   <li>Only unary calls that are {@linkplain CallOptions#setIdempotent idempotent} and have a TTL,
 *       their own ({@link #ttl}) or the client's ({@link ResponseCacheOptions#setTtl}).
 *   <li>Two calls are the same if service, endpoint, request body (byte by byte, as encoded), type
 *       of the reply, content type, addresses, select options, call wrappers and the metadata of
 *       {@link ResponseCacheOptions#setVaryBy} are. Select options and wrappers that are made anew
 *       for each call make each call another one.
 *   <li>Of equal calls at a time one is made, and the others wait for its reply, each for as long
 *       as it wants to. If that one is cancelled or out of time, they make their own.
 *   <li>Failures are not kept, unless {@link ResponseCacheOptions#setErrorTtl} says so; equal calls
 *       under way share them.
 *   <li>Replies are kept as bytes: each caller gets an object of its own. A body that no codec can
 *       write, or that is too large, is not kept.
 *   <li>Call wrappers and observers do not see a call that is answered from here; {@link #stats}
 *       counts them.
 * </ul>
 *
 * <p>May be used from any thread. Several clients that are wrapped with one cache share it.
 */
public final class ResponseCache implements ClientWrapper {

  /** What bodies are kept as, the first that can. */
  private static final List<String> FORMATS =
      List.of("application/protobuf", "application/octet-stream", "application/json", "text/plain");

  private final ResponseCacheOptions options;
  private final TimeSource time;
  private final Codecs codecs;
  private final List<String> formats;
  private final CacheStore store;

  private ResponseCache(ResponseCacheOptions options, TimeSource time, Codecs codecs) {
    this.options = new ResponseCacheOptions(options);
    this.time = Objects.requireNonNull(time, "time");
    this.codecs = Objects.requireNonNull(codecs, "codecs");
    this.formats =
        Stream.concat(FORMATS.stream(), codecs.contentTypes().stream()).distinct().toList();
    this.store = new CacheStore(time, this.options);
  }

  /**
   * Returns an empty cache for bodies that the standard codecs write.
   *
   * @param time the clock of TTLs, that of the client
   */
  public static ResponseCache create(ResponseCacheOptions options, TimeSource time) {
    return create(options, time, Codecs.standard());
  }

  /**
   * Returns an empty cache.
   *
   * @param time the clock of TTLs, that of the client
   * @param codecs what writes and reads the bodies that are kept, whatever goes over the wire
   */
  public static ResponseCache create(ResponseCacheOptions options, TimeSource time, Codecs codecs) {
    return new ResponseCache(options, time, codecs);
  }

  /**
   * Returns an option that sets for how long the reply to this call is good, and how old one from
   * the cache may be. It does nothing on a client without a cache.
   *
   * @param ttl zero or more; zero passes the cache by
   */
  public static CallOption ttl(Duration ttl) {
    return new Ttl(ttl);
  }

  /** Tells the wrapper, not the call. */
  private record Ttl(Duration value) implements CallOption {

    Ttl {
      Ranges.notNegative("ttl", value);
    }

    @Override
    public void apply(CallOptions options) {}
  }

  /** Returns what the cache has done and holds. */
  public CacheStats stats() {
    return store.stats();
  }

  /** Forgets all replies; those under way are not kept either. */
  public void clear() {
    store.forget(key -> true);
  }

  /** Forgets the replies of one endpoint, and those under way. */
  public void forget(String service, String endpoint) {
    store.forget(key -> key.service().equals(service) && key.endpoint().equals(endpoint));
  }

  @Override
  public RpcClient wrap(RpcClient next) {
    Objects.requireNonNull(next, "next");
    return new ForwardingRpcClient() {
      @Override
      protected RpcClient delegate() {
        return next;
      }

      @Override
      public <Q, R> RpcCall<R> start(Request<Q, R> request, CallOption... own) {
        return answer(next, request, own);
      }
    };
  }

  private <Q, R> RpcCall<R> answer(RpcClient next, Request<Q, R> request, CallOption... own) {
    Duration ttl = ttl(own);
    if (ttl.isZero()) {
      return next.start(request, own);
    }
    CallOptions effective = new CallOptions(next.options().getCalls());
    for (CallOption option : own) {
      option.apply(effective);
    }
    CacheKey key = effective.isIdempotent() ? key(request, effective) : null;
    if (key == null) {
      return next.start(request, own);
    }
    CacheStore.Outcome outcome = store.look(key, ttl);
    if (outcome.reply() != null) {
      return hit(next, request, own, outcome.reply());
    }
    if (outcome.leads()) {
      return lead(next, request, own, key, outcome, ttl);
    }
    JoinedCall<R> joined =
        new JoinedCall<>(
            time,
            effective.getTimeout(),
            reply -> reply.read(codecs, request.replyType()),
            remaining -> next.start(request, with(own, CallOption.timeout(remaining))));
    joined.follow(Objects.requireNonNull(outcome.flight()).future());
    return joined;
  }

  private Duration ttl(CallOption... own) {
    Duration ttl = options.getTtl();
    for (CallOption option : own) {
      ttl = option instanceof Ttl set ? set.value() : ttl;
    }
    return ttl;
  }

  private static CallOption[] with(CallOption[] own, CallOption last) {
    CallOption[] all = Arrays.copyOf(own, own.length + 1);
    all[own.length] = last;
    return all;
  }

  /** Returns null if the body cannot be compared. */
  private @Nullable CacheKey key(Request<?, ?> request, CallOptions effective) {
    Object body = request.body();
    if (body == null) {
      return null;
    }
    String format = format(body.getClass());
    Buffer bytes = format == null ? null : encode(format, body);
    return bytes == null ? null : CacheKey.of(request, bytes, effective, options.getVaryBy());
  }

  private @Nullable String format(Type type) {
    try {
      return codecs.contentTypeFor(type, formats);
    } catch (IllegalArgumentException none) {
      store.notCacheable();
      return null;
    }
  }

  private @Nullable Buffer encode(String format, Object body) {
    try {
      // A copy: raw bodies are encoded as themselves.
      return codecs.encode(format, body).copy();
    } catch (CodecException unfit) {
      store.notCacheable();
      return null;
    }
  }

  private <R> RpcCall<R> hit(
      RpcClient next, Request<?, R> request, CallOption[] own, CachedReply cached) {
    try {
      return new AnsweredCall<>(cached.read(codecs, request.replyType()), null);
    } catch (RpcException failure) {
      return new AnsweredCall<>(null, failure);
    } catch (CodecException unreadable) {
      store.notCacheable();
      return next.start(request, own);
    }
  }

  private <R> RpcCall<R> lead(
      RpcClient next,
      Request<?, R> request,
      CallOption[] own,
      CacheKey key,
      CacheStore.Outcome flight,
      Duration ttl) {
    RpcCall<R> call;
    try {
      call = next.start(request, own);
    } catch (RuntimeException refused) {
      store.land(key, flight, null, ttl);
      Objects.requireNonNull(flight.flight()).fail(refused);
      throw refused;
    }
    call.response().onComplete(done -> landed(key, flight, done, ttl));
    return call;
  }

  private void landed(
      CacheKey key, CacheStore.Outcome flight, AsyncResult<? extends Reply<?>> done, Duration ttl) {
    CachedReply reply = null;
    Duration keep = ttl;
    Throwable cause = done.cause();
    if (done.succeeded()) {
      reply = kept(done.result());
    } else {
      RpcException failure = RpcException.from(cause);
      if (failure.processed() == Processed.YES && !options.getErrorTtl().isZero()) {
        reply = CachedReply.of(failure);
        keep = keep.compareTo(options.getErrorTtl()) < 0 ? keep : options.getErrorTtl();
      }
    }
    store.land(key, flight, reply, keep);
    if (reply != null) {
      Objects.requireNonNull(flight.flight()).complete(reply);
    } else {
      Objects.requireNonNull(flight.flight())
          .fail(cause != null ? cause : RpcException.cancelled("the reply cannot be kept").build());
    }
  }

  private @Nullable CachedReply kept(Reply<?> reply) {
    Object body = reply.body();
    String format = body == null ? null : format(body.getClass());
    Buffer bytes = format == null || body == null ? null : encode(format, body);
    return bytes == null || format == null ? null : CachedReply.of(format, bytes, reply);
  }

  @Override
  public String toString() {
    return "ResponseCache[" + options + "]";
  }
}
