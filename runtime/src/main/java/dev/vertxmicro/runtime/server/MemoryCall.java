// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.server;

import dev.vertxmicro.codec.Message;
import dev.vertxmicro.errors.RpcException;
import dev.vertxmicro.metadata.Metadata;
import dev.vertxmicro.time.Deadline;
import io.vertx.core.Future;

/** A call, or the head of a stream, that came over memory. */
final class MemoryCall implements ServerCall {

  private final String endpoint;
  private final Message request;
  private final Deadline deadline;
  private final Future<RpcException> cancelled;
  private Metadata replyHeaders = Metadata.empty();
  private Metadata replyTrailers = Metadata.empty();

  MemoryCall(String endpoint, Message request, Deadline deadline, Future<Void> left) {
    this.endpoint = endpoint;
    this.request = request;
    this.deadline = deadline;
    this.cancelled = left.map(gone -> RpcException.cancelled("the caller left").build());
  }

  @Override
  public String endpoint() {
    return endpoint;
  }

  @Override
  public String contentType() {
    return request.contentType();
  }

  @Override
  public Metadata metadata() {
    return request.headers();
  }

  @Override
  public Deadline deadline() {
    return deadline;
  }

  /** Returns nothing: a caller in this process has no address. */
  @Override
  public String remoteAddress() {
    return "";
  }

  @Override
  public Future<RpcException> cancelled() {
    return cancelled;
  }

  @Override
  public ServerCall replyHeader(String name, String value) {
    replyHeaders = Served.checked(replyHeaders, name, value);
    return this;
  }

  @Override
  public ServerCall replyTrailer(String name, String value) {
    replyTrailers = Served.checked(replyTrailers, name, value);
    return this;
  }

  Metadata replyHeaders() {
    return replyHeaders;
  }

  Metadata replyTrailers() {
    return replyTrailers;
  }

  @Override
  public String toString() {
    return "MemoryCall[" + endpoint + ", " + deadline + "]";
  }
}
