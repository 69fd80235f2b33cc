// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.benchmarks;

import dev.vertxmicro.broker.GoMicroPayload;
import dev.vertxmicro.codec.Message;
import io.nats.client.Connection;
import io.nats.client.Nats;
import io.vertx.core.buffer.Buffer;
import java.io.IOException;
import java.time.Duration;
import java.util.Deque;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** jnats as it is: publishes without an answer, received on its own thread. */
final class JnatsLoad implements Load {

  private static final String SUBJECT = BrokerLoad.TOPIC;

  private final boolean coded;
  private final Connection connection;
  private final byte[] body = new byte[PAYLOAD_BYTES];
  private final Deque<Consumer<@Nullable Throwable>> open = new ConcurrentLinkedDeque<>();

  JnatsLoad(int port, boolean coded) {
    this.coded = coded;
    try {
      connection = Nats.connect("nats://127.0.0.1:" + port);
      connection.createDispatcher().subscribe(SUBJECT, message -> onEvent(message.getData()));
      connection.flush(Duration.ofSeconds(10));
    } catch (IOException | InterruptedException | TimeoutException e) {
      throw new IllegalStateException(e);
    }
  }

  private void onEvent(byte[] bytes) {
    int size = coded ? GoMicroPayload.decode(SUBJECT, bytes).body().length() : bytes.length;
    open.remove()
        .accept(size == PAYLOAD_BYTES ? null : new IllegalStateException("event of " + size));
  }

  @Override
  public String options() {
    return coded ? "go-micro's JSON, coded anew for each" : "bytes";
  }

  @Override
  public void execute(Runnable task) {
    task.run();
  }

  @Override
  public void call(Consumer<@Nullable Throwable> done) {
    open.add(done);
    connection.publish(SUBJECT, coded ? GoMicroPayload.encode(event()) : body);
  }

  private static Message event() {
    return BrokerLoad.event(SUBJECT, Buffer.buffer(new byte[PAYLOAD_BYTES]));
  }

  @Override
  public void close() {
    try {
      connection.close();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
