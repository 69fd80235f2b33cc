// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.registry.nats;

import dev.vertxmicro.codec.JsonFields;
import dev.vertxmicro.codec.Ranges;
import dev.vertxmicro.nats.NatsOptions;
import dev.vertxmicro.time.Nanos;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** How a {@link NatsRegistry} works. Not thread-safe: the registry keeps a copy. */
public final class NatsRegistryOptions extends NatsOptions<NatsRegistryOptions> {

  /** That of go-micro's core since v5.7, and that of its plug-ins. */
  public static final List<String> DEFAULT_QUERY_SUBJECTS =
      List.of("micro.nats.query", "micro.registry.nats.query");

  /** That of go-micro's core since v5.7, and that of its plug-ins. */
  public static final List<String> DEFAULT_WATCH_SUBJECTS =
      List.of("micro.nats.watch", "micro.registry.nats.watch");

  /** What go-micro announces a node as. */
  public static final String DEFAULT_REGISTER_ACTION = "create";

  /** 100 ms, as in go-micro. */
  public static final Duration DEFAULT_ANSWER_TIMEOUT = Duration.ofMillis(100);

  /** 0: none, as in go-micro. */
  public static final int DEFAULT_QUORUM = 0;

  /** 30 s, go-micro's interval of announcements. */
  public static final Duration DEFAULT_PROBE_INTERVAL = Duration.ofSeconds(30);

  /** 90 s. */
  public static final Duration DEFAULT_NODE_TTL = Duration.ofSeconds(90);

  /** 10,000 nodes. */
  public static final int DEFAULT_MAX_NODES = 10_000;

  /** 1,000 services. */
  public static final int DEFAULT_MAX_SERVICES = 1_000;

  private static final Set<String> ACTIONS = Set.of("create", "update", "put");
  private static final Duration LEAST = Duration.ofMillis(1);
  private static final Duration LONGEST_ANSWER = Duration.ofMinutes(1);
  private static final Duration DAY = Duration.ofDays(1);
  private static final int MOST = 1_000_000;

  private List<String> querySubjects = DEFAULT_QUERY_SUBJECTS;
  private List<String> watchSubjects = DEFAULT_WATCH_SUBJECTS;
  private String registerAction = DEFAULT_REGISTER_ACTION;
  private Duration answerTimeout = DEFAULT_ANSWER_TIMEOUT;
  private int quorum = DEFAULT_QUORUM;
  private Duration probeInterval = DEFAULT_PROBE_INTERVAL;
  private Duration nodeTtl = DEFAULT_NODE_TTL;
  private int maxNodes = DEFAULT_MAX_NODES;
  private int maxServices = DEFAULT_MAX_SERVICES;

  /** Makes options with all defaults. */
  public NatsRegistryOptions() {}

  /** Makes a copy. */
  public NatsRegistryOptions(NatsRegistryOptions other) {
    super(other);
    querySubjects = other.querySubjects;
    watchSubjects = other.watchSubjects;
    registerAction = other.registerAction;
    answerTimeout = other.answerTimeout;
    quorum = other.quorum;
    probeInterval = other.probeInterval;
    nodeTtl = other.nodeTtl;
    maxNodes = other.maxNodes;
    maxServices = other.maxServices;
  }

  /**
   * Makes options from JSON; what is absent keeps its default.
   *
   * @throws IllegalArgumentException if a value is out of its range or of a wrong type
   */
  public NatsRegistryOptions(JsonObject json) {
    JsonFields fields = new JsonFields(json);
    read(fields);
    fields.strings("querySubjects", this::setQuerySubjects);
    fields.strings("watchSubjects", this::setWatchSubjects);
    fields.string("registerAction", this::setRegisterAction);
    fields.duration("answerTimeout", this::setAnswerTimeout);
    fields.integer("quorum", this::setQuorum);
    fields.duration("probeInterval", this::setProbeInterval);
    fields.duration("nodeTtl", this::setNodeTtl);
    fields.integer("maxNodes", this::setMaxNodes);
    fields.integer("maxServices", this::setMaxServices);
  }

  @Override
  public JsonObject toJson() {
    JsonObject json = new JsonObject();
    write(json);
    return json.put("querySubjects", new JsonArray(querySubjects))
        .put("watchSubjects", new JsonArray(watchSubjects))
        .put("registerAction", registerAction)
        .put("answerTimeout", Nanos.millis(answerTimeout))
        .put("quorum", quorum)
        .put("probeInterval", Nanos.millis(probeInterval))
        .put("nodeTtl", Nanos.millis(nodeTtl))
        .put("maxNodes", maxNodes)
        .put("maxServices", maxServices);
  }

  /** Returns the subjects of questions. */
  public List<String> getQuerySubjects() {
    return querySubjects;
  }

  /**
   * Sets on which subjects questions are asked and answered. Default {@code micro.nats.query}, that
   * of go-micro's core since v5.7, and {@code micro.registry.nats.query}, that of its plug-ins.
   *
   * @param querySubjects one or more, all different, without wildcards
   */
  public NatsRegistryOptions setQuerySubjects(List<String> querySubjects) {
    this.querySubjects = checkedSubjects("querySubjects", querySubjects);
    return this;
  }

  /** Returns the subjects of announcements. */
  public List<String> getWatchSubjects() {
    return watchSubjects;
  }

  /**
   * Sets on which subjects it is said who comes and goes. Default {@code micro.nats.watch}, that of
   * go-micro's core since v5.7, and {@code micro.registry.nats.watch}, that of its plug-ins.
   *
   * @param watchSubjects one or more, all different, without wildcards
   */
  public NatsRegistryOptions setWatchSubjects(List<String> watchSubjects) {
    this.watchSubjects = checkedSubjects("watchSubjects", watchSubjects);
    return this;
  }

  private static List<String> checkedSubjects(String name, List<String> subjects) {
    List<String> copy = List.copyOf(subjects);
    if (copy.isEmpty() || Set.copyOf(copy).size() < copy.size()) {
      throw new IllegalArgumentException(
          name + ": " + copy + " (expected: one or more, all different)");
    }
    for (String subject : copy) {
      boolean fine =
          !subject.isEmpty()
              && subject.chars().allMatch(c -> c > ' ' && c < 127 && c != '*' && c != '>')
              && !(subject + ".").contains("..")
              && !subject.startsWith(".");
      if (!fine) {
        throw new IllegalArgumentException(
            name + ": " + subject + " (expected: subjects without blanks and wildcards)");
      }
    }
    return copy;
  }

  /** Returns what a node is announced as. */
  public String getRegisterAction() {
    return registerAction;
  }

  /**
   * Sets what a node is announced as. Default {@code create}, as in go-micro.
   *
   * @param registerAction {@code create}, {@code update} or {@code put}
   */
  public NatsRegistryOptions setRegisterAction(String registerAction) {
    if (!ACTIONS.contains(registerAction)) {
      throw new IllegalArgumentException(
          "registerAction: " + registerAction + " (expected: create, update or put)");
    }
    this.registerAction = registerAction;
    return this;
  }

  /** Returns how long answers are awaited. */
  public Duration getAnswerTimeout() {
    return answerTimeout;
  }

  /**
   * Sets how long a look-up waits for answers: nobody knows how many there will be. Default 100 ms,
   * as in go-micro.
   *
   * @param answerTimeout 1 ms to 1 min
   */
  public NatsRegistryOptions setAnswerTimeout(Duration answerTimeout) {
    this.answerTimeout = Ranges.within("answerTimeout", answerTimeout, LEAST, LONGEST_ANSWER);
    return this;
  }

  /** Returns how many nodes are enough. */
  public int getQuorum() {
    return quorum;
  }

  /**
   * Sets how many nodes of one version are enough for a look-up to end at once. Default 0: it waits
   * for {@link #setAnswerTimeout} and finds all.
   *
   * @param quorum 0 to 1,000,000
   */
  public NatsRegistryOptions setQuorum(int quorum) {
    this.quorum = Ranges.within("quorum", quorum, 0, MOST);
    return this;
  }

  /** Returns when a watched node that gives no sign of life is asked for. */
  public Duration getProbeInterval() {
    return probeInterval;
  }

  /**
   * Sets after which time a watched node that gave no sign of life is asked for, again and again.
   * Default 30 s, go-micro's interval of announcements.
   *
   * @param probeInterval 1 ms to 1 day, less than {@code nodeTtl}
   */
  public NatsRegistryOptions setProbeInterval(Duration probeInterval) {
    this.probeInterval = Ranges.within("probeInterval", probeInterval, LEAST, DAY);
    return this;
  }

  /** Returns when a watched node that gives no sign of life has gone. */
  public Duration getNodeTtl() {
    return nodeTtl;
  }

  /**
   * Sets after which time a watched node that gave no sign of life, neither an announcement nor an
   * answer, is reported as gone. Default 90 s: it has missed three announcements and did not answer
   * two questions.
   *
   * @param nodeTtl 1 ms to 1 day, more than {@code probeInterval}
   */
  public NatsRegistryOptions setNodeTtl(Duration nodeTtl) {
    this.nodeTtl = Ranges.within("nodeTtl", nodeTtl, LEAST, DAY);
    return this;
  }

  /** Returns how many nodes of a service there may be. */
  public int getMaxNodes() {
    return maxNodes;
  }

  /**
   * Bounds the nodes of one service, and the services of a list; more are left out. Default 10,000.
   *
   * @param maxNodes 1 to 1,000,000
   */
  public NatsRegistryOptions setMaxNodes(int maxNodes) {
    this.maxNodes = Ranges.within("maxNodes", maxNodes, 1, MOST);
    return this;
  }

  /** Returns how many services may be watched. */
  public int getMaxServices() {
    return maxServices;
  }

  /**
   * Bounds the services that are watched; a further watch fails. Default 1,000.
   *
   * @param maxServices 1 to 1,000,000
   */
  public NatsRegistryOptions setMaxServices(int maxServices) {
    this.maxServices = Ranges.within("maxServices", maxServices, 1, MOST);
    return this;
  }

  /**
   * Checks what belongs together.
   *
   * @throws IllegalArgumentException if nodes would be gone before they were asked for
   */
  void check() {
    if (probeInterval.compareTo(nodeTtl) >= 0) {
      throw new IllegalArgumentException(
          "probeInterval: " + probeInterval + " (expected: less than nodeTtl, " + nodeTtl + ")");
    }
  }

  private Object[] values() {
    return new Object[] {
      querySubjects,
      watchSubjects,
      registerAction,
      answerTimeout,
      quorum,
      probeInterval,
      nodeTtl,
      maxNodes,
      maxServices
    };
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof NatsRegistryOptions that
        && connectsLike(that)
        && Arrays.equals(values(), that.values());
  }

  @Override
  public int hashCode() {
    return 31 * connectionHash() + Arrays.hashCode(values());
  }
}
