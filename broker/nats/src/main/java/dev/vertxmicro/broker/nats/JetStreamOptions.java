// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.broker.nats;

import dev.vertxmicro.codec.JsonFields;
import dev.vertxmicro.codec.Ranges;
import dev.vertxmicro.time.Nanos;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * How a {@link NatsBroker} uses JetStream, the store of NATS. Not thread-safe: the broker keeps a
 * copy.
 */
public final class JetStreamOptions {

  /** Where a stream is kept. */
  public enum Storage {
    /** In files: it outlives the server's process. */
    FILE,

    /** In memory: it is lost with the server's process. */
    MEMORY
  }

  /** Where a subscription starts. */
  public enum Start {
    /** At the first event after it. */
    NEW,

    /** At the first event that the stream has. */
    ALL
  }

  /** {@code "events"}. */
  public static final String DEFAULT_STREAM = "events";

  /** None: the stream is not created. */
  public static final List<String> DEFAULT_SUBJECTS = List.of();

  /** {@link Storage#FILE}. */
  public static final Storage DEFAULT_STORAGE = Storage.FILE;

  /** One server. */
  public static final int DEFAULT_REPLICAS = 1;

  /** Zero: for ever. */
  public static final Duration DEFAULT_MAX_AGE = Duration.ZERO;

  /** {@link Start#NEW}. */
  public static final Start DEFAULT_START = Start.NEW;

  /** 30 s. */
  public static final Duration DEFAULT_ACK_WAIT = Duration.ofSeconds(30);

  /** 1 h. */
  public static final Duration DEFAULT_INACTIVE_THRESHOLD = Duration.ofHours(1);

  private String stream = DEFAULT_STREAM;
  private List<String> subjects = DEFAULT_SUBJECTS;
  private Storage storage = DEFAULT_STORAGE;
  private int replicas = DEFAULT_REPLICAS;
  private Duration maxAge = DEFAULT_MAX_AGE;
  private Start start = DEFAULT_START;
  private Duration ackWait = DEFAULT_ACK_WAIT;
  private Duration inactiveThreshold = DEFAULT_INACTIVE_THRESHOLD;
  private @Nullable String deadLetterTopic;
  private boolean messageIds = false;

  /** Makes options with all defaults. */
  public JetStreamOptions() {}

  /** Makes a copy. */
  public JetStreamOptions(JetStreamOptions other) {
    stream = other.stream;
    subjects = other.subjects;
    storage = other.storage;
    replicas = other.replicas;
    maxAge = other.maxAge;
    start = other.start;
    ackWait = other.ackWait;
    inactiveThreshold = other.inactiveThreshold;
    deadLetterTopic = other.deadLetterTopic;
    messageIds = other.messageIds;
  }

  /**
   * Makes options from JSON; what is absent keeps its default.
   *
   * @throws IllegalArgumentException if a value is out of its range or of a wrong type
   */
  public JetStreamOptions(JsonObject json) {
    JsonFields fields = new JsonFields(json);
    fields.string("stream", this::setStream);
    fields.strings("subjects", this::setSubjects);
    fields.constant("storage", Storage.class, this::setStorage);
    fields.integer("replicas", this::setReplicas);
    fields.duration("maxAge", this::setMaxAge);
    fields.constant("start", Start.class, this::setStart);
    fields.duration("ackWait", this::setAckWait);
    fields.duration("inactiveThreshold", this::setInactiveThreshold);
    fields.string("deadLetterTopic", this::setDeadLetterTopic);
    fields.bool("messageIds", this::setMessageIds);
  }

  /** Returns the settings, durations in milliseconds. */
  public JsonObject toJson() {
    JsonObject json = new JsonObject();
    json.put("stream", stream);
    json.put("subjects", new JsonArray(subjects));
    json.put("storage", storage.name());
    json.put("replicas", replicas);
    json.put("maxAge", Nanos.millis(maxAge));
    json.put("start", start.name());
    json.put("ackWait", Nanos.millis(ackWait));
    json.put("inactiveThreshold", Nanos.millis(inactiveThreshold));
    if (deadLetterTopic != null) {
      json.put("deadLetterTopic", deadLetterTopic);
    }
    json.put("messageIds", messageIds);
    return json;
  }

  /** Returns the name of the stream. */
  public String getStream() {
    return stream;
  }

  /**
   * Sets the stream that stores the events. Default "events".
   *
   * @param stream a name for a stream of NATS: without blanks, dots, {@code *}, {@code >} and
   *     slashes
   */
  public JetStreamOptions setStream(String stream) {
    this.stream = Names.checked("stream", stream);
    return this;
  }

  /** Returns the topics of the stream to be created. */
  public List<String> getSubjects() {
    return subjects;
  }

  /**
   * Sets the topics of the stream: when the broker connects and there is no stream of the name, it
   * creates one for these. One that exists is left as it is. Default none: the stream must exist.
   *
   * @param subjects topics, {@code *} for one word and {@code >} for the rest
   */
  public JetStreamOptions setSubjects(List<String> subjects) {
    this.subjects = List.copyOf(subjects);
    return this;
  }

  /** Returns where a created stream is kept. */
  public Storage getStorage() {
    return storage;
  }

  /** Sets where a created stream is kept. Default {@link Storage#FILE}. */
  public JetStreamOptions setStorage(Storage storage) {
    this.storage = Objects.requireNonNull(storage, "storage");
    return this;
  }

  /** Returns how many servers keep a created stream. */
  public int getReplicas() {
    return replicas;
  }

  /**
   * Sets how many servers of a cluster keep a created stream. Default 1.
   *
   * @param replicas 1 to 5
   */
  public JetStreamOptions setReplicas(int replicas) {
    this.replicas = Ranges.within("replicas", replicas, 1, 5);
    return this;
  }

  /** Returns how long a created stream keeps an event. */
  public Duration getMaxAge() {
    return maxAge;
  }

  /**
   * Sets how long a created stream keeps an event, handled or not. Default zero.
   *
   * @param maxAge zero or more; zero means for ever
   */
  public JetStreamOptions setMaxAge(Duration maxAge) {
    this.maxAge = Ranges.notNegative("maxAge", maxAge);
    return this;
  }

  /** Returns where a subscription that has no history starts. */
  public Start getStart() {
    return start;
  }

  /**
   * Sets where a new queue group, and a subscription without one, starts. A queue group that exists
   * goes on where it stopped. Default {@link Start#NEW}.
   */
  public JetStreamOptions setStart(Start start) {
    this.start = Objects.requireNonNull(start, "start");
    return this;
  }

  /** Returns how long the server waits for a sign of life. */
  public Duration getAckWait() {
    return ackWait;
  }

  /**
   * Sets after what silence of a subscriber the server delivers its unsettled events to another.
   * While the subscriber lives it says so three times in that span, for as long as a handler takes.
   * Default 30 s.
   *
   * @param ackWait 100 ms to 24 h
   */
  public JetStreamOptions setAckWait(Duration ackWait) {
    this.ackWait = Ranges.within("ackWait", ackWait, Duration.ofMillis(100), Duration.ofHours(24));
    return this;
  }

  /** Returns how long the server remembers a subscription without a queue group. */
  public Duration getInactiveThreshold() {
    return inactiveThreshold;
  }

  /**
   * Sets how long the server remembers a subscription without a queue group that has vanished; a
   * close ends it at once. Shorter than an outage, it loses the events of the outage. Default 1 h.
   *
   * @param inactiveThreshold 1 s to 365 days
   */
  public JetStreamOptions setInactiveThreshold(Duration inactiveThreshold) {
    this.inactiveThreshold =
        Ranges.within(
            "inactiveThreshold", inactiveThreshold, Duration.ofSeconds(1), Duration.ofDays(365));
    return this;
  }

  /** Returns the topic of events that were given up, or null. */
  public @Nullable String getDeadLetterTopic() {
    return deadLetterTopic;
  }

  /**
   * Sets where events go that were delivered as often as allowed or cannot be read: their bytes as
   * they came, {@code Micro-Topic} naming the topic they were published to, and the NATS header
   * {@code Micro-Dead-Reason}. An event leaves its queue group only when the topic has taken it, so
   * the stream, or another, must store the topic. Default null: they are dropped after the loss
   * handler was told.
   *
   * @param deadLetterTopic not blank
   */
  public JetStreamOptions setDeadLetterTopic(@Nullable String deadLetterTopic) {
    this.deadLetterTopic =
        deadLetterTopic == null ? null : Ranges.notBlank("deadLetterTopic", deadLetterTopic);
    return this;
  }

  /** Tells whether the server drops publishes of an id that it has seen. */
  public boolean isMessageIds() {
    return messageIds;
  }

  /**
   * Sends {@code Micro-Id} as {@code Nats-Msg-Id}: the server drops a publish whose id it has taken
   * within the duplicate window of the stream, whatever its topic, and confirms it all the same.
   * For publishers that repeat what failed with UNKNOWN under the same id. Default false.
   */
  public JetStreamOptions setMessageIds(boolean messageIds) {
    this.messageIds = messageIds;
    return this;
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof JetStreamOptions that
        && stream.equals(that.stream)
        && subjects.equals(that.subjects)
        && storage == that.storage
        && replicas == that.replicas
        && maxAge.equals(that.maxAge)
        && start == that.start
        && ackWait.equals(that.ackWait)
        && inactiveThreshold.equals(that.inactiveThreshold)
        && Objects.equals(deadLetterTopic, that.deadLetterTopic)
        && messageIds == that.messageIds;
  }

  @Override
  public int hashCode() {
    return Objects.hash(
        stream,
        subjects,
        storage,
        replicas,
        maxAge,
        start,
        ackWait,
        inactiveThreshold,
        deadLetterTopic,
        messageIds);
  }

  @Override
  public String toString() {
    return "JetStreamOptions" + toJson().encode();
  }
}
