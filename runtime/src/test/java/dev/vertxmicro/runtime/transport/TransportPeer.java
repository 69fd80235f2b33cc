// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.transport;

import dev.vertxmicro.codec.Message;
import dev.vertxmicro.errors.GrpcStatus;
import dev.vertxmicro.errors.RpcError;
import dev.vertxmicro.metadata.Metadata;
import dev.vertxmicro.registry.Node;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import java.time.Duration;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** A server that speaks the protocol of a transport under test, for {@link TransportContract}. */
public interface TransportPeer extends AutoCloseable {

  /** Returns where it listens. */
  Node node();

  /** Returns a node where nobody listens. */
  Node absentNode();

  /** Hands every request that arrives from now on, whole, to {@code handler}, on any thread. */
  void serve(Consumer<Call> handler);

  /**
   * Hands every stream that arrives from now on to {@code handler}, on the stream's own context; no
   * unary request is expected then.
   */
  void serveStreams(Consumer<Stream> handler);

  @Override
  void close();

  /** One stream as the server sees it; used on its context only. */
  interface Stream {

    /** Returns the headers, names in any case. */
    Metadata headers();

    /** Returns the time that the client gave, or null if it sent none. */
    @Nullable Duration remaining();

    /** Takes each request as it comes, and then the half-close. */
    void requests(Consumer<Buffer> each, Runnable ended);

    /** Stops taking requests. */
    void pause();

    /** Goes on taking requests. */
    void resume();

    /** Sends the response head. */
    void head(Metadata headers);

    /** Sends a message, after a head without metadata if there was none. */
    void write(Buffer message);

    /** Tells whether the client, or the way to it, takes no more for now. */
    boolean isFull();

    /** Sets what is called when it takes more again. */
    void drained(Runnable handler);

    /** Ends the stream well. */
    void end(Metadata trailers);

    /** Ends the stream with an error. */
    void fail(RpcError error, GrpcStatus status);

    /** Completes when the client has told that it gave the stream up. */
    Future<Void> cancelled();
  }

  /** One request as the server sees it. */
  interface Call {

    /** Returns the endpoint, however the protocol writes it. */
    String endpoint();

    /** Returns the content type as the protocol writes it. */
    String contentType();

    /** Returns the headers, names in any case. */
    Metadata headers();

    /** Returns the body. */
    Buffer body();

    /** Returns the time that the client gave, or null if it sent none. */
    @Nullable Duration remaining();

    /** Answers with body, headers and trailers of {@code reply}. */
    void reply(Message reply);

    /** Answers with an error. */
    void fail(RpcError error, GrpcStatus status);

    /** Completes when the client has told that it gave the request up. */
    Future<Void> cancelled();
  }
}
