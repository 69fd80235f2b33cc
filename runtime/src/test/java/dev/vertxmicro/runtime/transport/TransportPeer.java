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

  @Override
  void close();

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
