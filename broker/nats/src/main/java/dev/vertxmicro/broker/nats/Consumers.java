// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.broker.nats;

import io.nats.client.Connection;
import io.nats.client.JetStreamApiException;
import io.nats.client.JetStreamManagement;
import io.nats.client.NUID;
import io.nats.client.api.AckPolicy;
import io.nats.client.api.ConsumerConfiguration;
import io.nats.client.api.DeliverPolicy;
import io.nats.client.api.StorageType;
import io.nats.client.api.StreamConfiguration;
import java.io.IOException;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** The stream and its consumers, as the server keeps them. Its methods with a connection block. */
final class Consumers {

  private static final int NOT_FOUND = 404;

  /** For consumers of one subscription; those of queue groups start otherwise. */
  private static final String PRIVATE = "single-";

  private final JetStreamOptions options;
  private final Duration requestTimeout;

  Consumers(JetStreamOptions options, Duration requestTimeout) {
    this.options = options;
    this.requestTimeout = requestTimeout;
  }

  JetStreamOptions options() {
    return options;
  }

  /** Creates the stream if it is to be created and is not there. */
  void ensureStream(Connection over) throws IOException, JetStreamApiException {
    if (options.getSubjects().isEmpty()) {
      return;
    }
    JetStreamManagement management = management(over);
    try {
      management.getStreamInfo(options.getStream());
    } catch (JetStreamApiException missing) {
      if (missing.getErrorCode() != NOT_FOUND) {
        throw missing;
      }
      StreamConfiguration.Builder stream =
          StreamConfiguration.builder()
              .name(options.getStream())
              .subjects(options.getSubjects())
              .replicas(options.getReplicas())
              .storageType(
                  options.getStorage() == JetStreamOptions.Storage.FILE
                      ? StorageType.File
                      : StorageType.Memory);
      if (!options.getMaxAge().isZero()) {
        stream.maxAge(options.getMaxAge());
      }
      management.addStream(stream.build());
    }
  }

  /** Returns the name of the consumer of a queue group, or a new one for one subscription. */
  String name(@Nullable String queue, String topic) {
    return queue == null ? PRIVATE + NUID.nextGlobal() : Names.consumer(queue, topic);
  }

  boolean isPrivate(String consumer) {
    return consumer.startsWith(PRIVATE);
  }

  /** Creates the consumer if it is not there. */
  void ensure(Connection over, String consumer, String topic)
      throws IOException, JetStreamApiException {
    JetStreamManagement management = management(over);
    try {
      management.getConsumerInfo(options.getStream(), consumer);
    } catch (JetStreamApiException missing) {
      if (missing.getErrorCode() != NOT_FOUND) {
        throw missing;
      }
      management.addOrUpdateConsumer(options.getStream(), configuration(consumer, topic));
    }
  }

  private ConsumerConfiguration configuration(String consumer, String topic) {
    ConsumerConfiguration.Builder configuration =
        ConsumerConfiguration.builder()
            .durable(consumer)
            .filterSubject(topic)
            .deliverPolicy(
                options.getStart() == JetStreamOptions.Start.ALL
                    ? DeliverPolicy.All
                    : DeliverPolicy.New)
            .ackPolicy(AckPolicy.Explicit)
            .ackWait(options.getAckWait())
            // Who gives up is the subscriber: it tells its loss handler and the dead letters.
            .maxDeliver(-1)
            .maxAckPending(-1);
    if (isPrivate(consumer)) {
      configuration.inactiveThreshold(options.getInactiveThreshold());
    }
    return configuration.build();
  }

  /** Removes a consumer. */
  boolean remove(Connection over, String consumer) throws IOException, JetStreamApiException {
    return management(over).deleteConsumer(options.getStream(), consumer);
  }

  String nextSubject(String consumer) {
    return "$JS.API.CONSUMER.MSG.NEXT." + options.getStream() + "." + consumer;
  }

  private JetStreamManagement management(Connection over) throws IOException {
    return over.jetStreamManagement(
        io.nats.client.JetStreamOptions.builder().requestTimeout(requestTimeout).build());
  }
}
