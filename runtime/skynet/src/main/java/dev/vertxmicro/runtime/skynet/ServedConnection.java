// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.skynet;

import dev.vertxmicro.codec.CodecException;
import dev.vertxmicro.runtime.pooling.EventLoops;
import io.vertx.core.AsyncResult;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.net.NetSocket;
import java.lang.System.Logger.Level;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One caller of a {@link SkynetServer}. What a real node does with frames that make no sense it
 * does as well: it logs them and goes on. Belongs to the event loop of its socket.
 */
final class ServedConnection {

  private static final System.Logger LOG = System.getLogger(SkynetServer.class.getName());

  private static final Buffer CALL_FAILED = Buffer.buffer("vertx-micro: call failed");
  private static final Buffer NO_ADDRESS = Buffer.buffer("vertx-micro: call to invalid address");
  private static final Buffer NO_NAME = Buffer.buffer("Invalid name");
  private static final Buffer NOT_FOUND = Buffer.buffer("name not found");
  private static final Buffer BAD_PARTS = Buffer.buffer("Invalid large req");
  private static final int MOST_LARGE = 1_024;
  private static final int HEX = 16;
  private static final int DECIMAL = 10;

  private final SkynetServer server;
  private final Context context;
  private final NetSocket socket;
  private final Outbox outbox;
  private final FrameReader reader = new FrameReader(this::frame);
  private final Map<Integer, Large> large = new HashMap<>();
  private long partsBytes;
  private int open;
  private boolean paused;
  private boolean closed;
  private @Nullable String trace;

  /** A request that comes in parts. No address: the parts had no begin. */
  private static final class Large {
    final @Nullable String address;
    final boolean push;
    final long size;
    final @Nullable String trace;
    Buffer parts = Buffer.buffer();
    boolean broken;

    Large(@Nullable String address, boolean push, long size, @Nullable String trace) {
      this.address = address;
      this.push = push;
      this.size = size;
      this.trace = trace;
      this.broken = address == null;
    }
  }

  ServedConnection(SkynetServer server, Context context, NetSocket socket) {
    this.server = server;
    this.context = context;
    this.socket = socket;
    this.outbox = new Outbox(socket, server.options().getMaxUnwrittenBytes(), this::readOn);
  }

  void start() {
    socket.handler(reader::add);
    socket.exceptionHandler(failure -> LOG.log(Level.DEBUG, "connection of a caller", failure));
    socket.closeHandler(
        v -> {
          closed = true;
          large.clear();
          server.gone(this);
        });
  }

  /** Closes the connection at once. */
  void drop() {
    EventLoops.execute(context, () -> EventLoops.reset(socket));
  }

  // ---- what the caller says

  private boolean frame(Buffer bytes, int from, int to) {
    if (from == to) {
      return senseless("an empty frame");
    }
    int type = bytes.getUnsignedByte(from);
    boolean understood =
        switch (type) {
          case RequestFrames.TO_HANDLE, RequestFrames.TO_NAME -> small(bytes, from, to);
          case RequestFrames.LARGE,
              RequestFrames.LARGE_PUSH,
              RequestFrames.LARGE | RequestFrames.TO_NAME,
              RequestFrames.LARGE_PUSH | RequestFrames.TO_NAME ->
              begin(bytes, from, to);
          case RequestFrames.MORE_PARTS, RequestFrames.LAST_PART -> part(bytes, from, to);
          case RequestFrames.TRACE -> trace(bytes, from, to);
          default -> false;
        };
    return understood || senseless("a frame of type %02x and %d bytes".formatted(type, to - from));
  }

  private boolean senseless(String what) {
    LOG.log(Level.DEBUG, "a caller has sent {0}", what);
    return !closed;
  }

  private boolean small(Buffer bytes, int from, int to) {
    int session = afterAddress(bytes, from, to);
    if (session < 0 || to - session < 4) {
      return false;
    }
    int number = bytes.getIntLE(session);
    Buffer arguments = bytes.getBuffer(session + 4, to);
    dispatch(address(bytes, from), number, arguments, number == 0, takeTrace());
    return true;
  }

  private boolean begin(Buffer bytes, int from, int to) {
    int session = afterAddress(bytes, from, to);
    if (session < 0 || to - session != 8) {
      return false;
    }
    int number = bytes.getIntLE(session);
    boolean push = (bytes.getUnsignedByte(from) & ~RequestFrames.TO_NAME) != RequestFrames.LARGE;
    Large begun =
        new Large(address(bytes, from), push, bytes.getUnsignedIntLE(session + 4), takeTrace());
    begun.broken = begun.size > server.options().getMaxRequestBytes();
    keep(number, begun);
    return true;
  }

  private void keep(int session, Large begun) {
    drop(large.remove(session));
    if (large.size() < MOST_LARGE) {
      large.put(session, begun);
    } else {
      write(ReplyFrames.error(session, BAD_PARTS));
    }
  }

  private void drop(@Nullable Large dropped) {
    if (dropped != null) {
      partsBytes -= dropped.parts.length();
    }
  }

  private boolean part(Buffer bytes, int from, int to) {
    if (to - from < 5) {
      return false;
    }
    int session = bytes.getIntLE(from + 1);
    boolean last = bytes.getUnsignedByte(from) == RequestFrames.LAST_PART;
    Large request = large.get(session);
    if (request == null && last) {
      write(ReplyFrames.error(session, NO_NAME));
      return true;
    }
    if (request == null) {
      request = new Large(null, false, 0, null);
      keep(session, request);
    }
    add(request, bytes, from + 5, to);
    if (last) {
      large.remove(session);
      drop(request);
      String address = request.address;
      if (address == null || request.broken || request.parts.length() != request.size) {
        write(ReplyFrames.error(session, BAD_PARTS));
      } else {
        dispatch(address, session, request.parts, request.push, request.trace);
      }
    }
    return true;
  }

  private void add(Large request, Buffer bytes, int from, int to) {
    int length = to - from;
    if (request.parts.length() + (long) length > request.size
        || partsBytes + length > server.options().getMaxPartsBytes()) {
      request.broken = true;
    }
    if (request.broken) {
      drop(request);
      request.parts = Buffer.buffer();
    } else {
      request.parts.appendBuffer(bytes, from, length);
      partsBytes += length;
    }
  }

  private boolean trace(Buffer bytes, int from, int to) {
    trace = new String(bytes.getBytes(from + 1, to), StandardCharsets.UTF_8);
    return true;
  }

  private @Nullable String takeTrace() {
    String taken = trace;
    trace = null;
    return taken;
  }

  /** Returns where the session is, or -1 if the frame ends before. */
  private static int afterAddress(Buffer bytes, int from, int to) {
    int length = 4;
    if (bytes.getByte(from) < 0) {
      length = to - from < 2 ? to : 1 + bytes.getUnsignedByte(from + 1);
    }
    return from + 1 + length > to ? -1 : from + 1 + length;
  }

  /** Returns a name as it is, and a handle as its number. */
  private static String address(Buffer bytes, int from) {
    if (bytes.getByte(from) >= 0) {
      return Integer.toUnsignedString(bytes.getIntLE(from + 1));
    }
    int length = bytes.getUnsignedByte(from + 1);
    return bytes.getString(from + 2, from + 2 + length);
  }

  // ---- what becomes of requests

  private void dispatch(
      String address, int session, Buffer arguments, boolean push, @Nullable String tag) {
    if (address.equals("0")) {
      query(session, arguments, push);
      return;
    }
    boolean registered = address.startsWith("@");
    boolean global = !registered && !isLocal(address);
    RawService service = global ? server.others() : find(address);
    if (service != null) {
      call(service, address, session, arguments, push, tag);
    } else if (registered) {
      write(ReplyFrames.error(session, NO_NAME));
    } else if (!global && !push) {
      write(ReplyFrames.error(session, NO_ADDRESS));
    } else {
      LOG.log(Level.DEBUG, "a caller has asked for {0}, which is not here", address);
    }
  }

  private static boolean isLocal(String address) {
    return !address.isEmpty() && ".:0123456789".indexOf(address.charAt(0)) >= 0;
  }

  private @Nullable RawService find(String address) {
    Integer handle =
        switch (address.charAt(0)) {
          case '@' -> address.startsWith("@.") ? null : server.handle(address.substring(1));
          case '.' -> server.handle(address);
          case ':' -> SkynetServer.parseHandle(address.substring(1), HEX);
          default -> SkynetServer.parseHandle(address, DECIMAL);
        };
    return handle == null ? null : server.service(handle);
  }

  private void query(int session, Buffer arguments, boolean push) {
    Object name;
    try {
      name = LuaSeri.unpack(arguments).get(0);
    } catch (CodecException unreadable) {
      senseless("a query that cannot be read");
      return;
    }
    if (push || !(name instanceof LuaString text)) {
      senseless("a query without a name");
      return;
    }
    Integer handle = text.isUtf8() ? server.handle(text.text()) : null;
    write(
        handle == null
            ? ReplyFrames.error(session, NOT_FOUND)
            : ReplyFrames.ok(session, SkynetServer.packed(handle)));
  }

  private void call(
      RawService service,
      String address,
      int session,
      Buffer arguments,
      boolean push,
      @Nullable String tag) {
    Future<Buffer> returned;
    try {
      returned = service.take(address, arguments, push, tag);
    } catch (RuntimeException | Error thrown) {
      returned = Future.failedFuture(thrown);
    }
    if (returned == null) {
      return;
    }
    open++;
    pauseIfTooMuch();
    returned.onComplete(
        result -> EventLoops.execute(context, () -> returned(address, session, push, result)));
  }

  /** Of a failure the caller hears only that it was one. */
  private void returned(String address, int session, boolean push, AsyncResult<Buffer> result) {
    open--;
    if (result.failed()) {
      LOG.log(Level.DEBUG, "service " + address + " failed", result.cause());
    }
    if (!push) {
      write(
          result.succeeded()
              ? ReplyFrames.ok(session, result.result())
              : ReplyFrames.error(session, CALL_FAILED));
    }
    readOn();
  }

  private void write(Buffer frames) {
    if (!closed) {
      outbox.write(frames, this::written);
      pauseIfTooMuch();
    }
  }

  /** A reply that is lost ends the connection: nothing else would tell the caller. */
  private void written(AsyncResult<Void> result) {
    if (result.failed() && !closed) {
      LOG.log(Level.DEBUG, "a reply could not be written", result.cause());
      EventLoops.reset(socket);
    }
  }

  private void pauseIfTooMuch() {
    if (!paused && isTooMuch()) {
      paused = true;
      socket.pause();
    }
  }

  private void readOn() {
    if (paused && !closed && !isTooMuch()) {
      paused = false;
      socket.resume();
    }
  }

  private boolean isTooMuch() {
    return open >= server.options().getMaxOpenPerConnection() || outbox.isFull();
  }
}
