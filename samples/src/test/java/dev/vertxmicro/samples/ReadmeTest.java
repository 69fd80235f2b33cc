// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.samples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.vertxmicro.broker.EventBusBrokerOptions;
import dev.vertxmicro.broker.PublishOptions;
import dev.vertxmicro.broker.http.HttpBrokerOptions;
import dev.vertxmicro.broker.nats.JetStreamOptions;
import dev.vertxmicro.broker.nats.NatsBrokerOptions;
import dev.vertxmicro.broker.rabbitmq.RabbitBrokerOptions;
import dev.vertxmicro.metadata.Metadata;
import dev.vertxmicro.registry.CachingOptions;
import dev.vertxmicro.registry.CompositeOptions;
import dev.vertxmicro.registry.DnsOptions;
import dev.vertxmicro.registry.consul.ConsulOptions;
import dev.vertxmicro.registry.etcd.EtcdOptions;
import dev.vertxmicro.registry.mdns.MdnsOptions;
import dev.vertxmicro.registry.nats.NatsRegistryOptions;
import dev.vertxmicro.runtime.CallOptions;
import dev.vertxmicro.runtime.RpcClientOptions;
import dev.vertxmicro.runtime.grpc.GrpcOptions;
import dev.vertxmicro.runtime.mucp.MucpOptions;
import dev.vertxmicro.runtime.rest.RestOptions;
import dev.vertxmicro.runtime.retry.Backoff;
import dev.vertxmicro.runtime.retry.Hedge;
import dev.vertxmicro.runtime.retry.RetryPolicy;
import dev.vertxmicro.runtime.server.ServerOptions;
import dev.vertxmicro.runtime.skynet.SkynetOptions;
import dev.vertxmicro.runtime.skynet.SkynetServerOptions;
import dev.vertxmicro.runtime.websocket.WebSocketOptions;
import dev.vertxmicro.runtime.wrapper.ResponseCacheOptions;
import dev.vertxmicro.selector.EjectionOptions;
import dev.vertxmicro.selector.SelectorOptions;
import dev.vertxmicro.selector.Strategy;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.lang.reflect.Field;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Holds README.md to the code. */
class ReadmeTest {

  private static final Path ROOT = Path.of("").toAbsolutePath().getParent();

  /** Where the names of the README live. */
  private static final List<String> PACKAGES =
      Stream.of(
              "broker",
              "broker.http",
              "broker.nats",
              "errors",
              "registry",
              "runtime",
              "runtime.grpc",
              "runtime.mucp",
              "runtime.retry",
              "runtime.server",
              "runtime.wrapper",
              "selector")
          .map("dev.vertxmicro."::concat)
          .toList();

  /**
   * The functions that make options of calls, requests, events and clients, as go-micro v6.10.0 has
   * them in client/options.go, client/grpc/options.go, selector/options.go and selector/filter.go.
   */
  private static final List<String> GO_MICRO_OPTIONS =
      Stream.of(
              named(
                  "client",
                  """
                  Backoff Broker Codec ConnectionTimeout ContentType DialTimeout Local
                  PoolCloseTimeout PoolSize PoolTTL Registry RequestTimeout Retries Retry Selector
                  StreamTimeout Transport WithLogger WithRouter Wrap WrapCall WithAddress
                  WithBackoff WithCache WithCallWrapper WithConnClose WithConnectionTimeout
                  WithDialTimeout WithRequestTimeout WithRetries WithRetry WithSelectOption
                  WithServiceToken WithStreamTimeout WithContentType StreamingRequest
                  WithMessageContentType PublishContext WithExchange
                  """),
              named(
                  "grpc",
                  """
                  AuthTLS CallOptions Codec DialOptions MaxRecvMsgSize MaxSendMsgSize PoolMaxIdle
                  PoolMaxStreams
                  """),
              named(
                  "selector",
                  """
                  FilterEndpoint FilterLabel FilterVersion Registry SetStrategy WithFilter
                  WithLogger WithStrategy
                  """))
          .flatMap(List::stream)
          .toList();

  private final String readme = read("README.md");
  private final String optionsPage = read("runtime/OPTIONS.md");

  @Test
  void showsTheExampleAsItIsCompiled() {
    String source = read("samples/src/main/java/dev/vertxmicro/samples/QuickStart.java");

    assertEquals(
        between(source, "// tag::quickstart[]\n", "  // end::quickstart[]")
            .stripTrailing()
            .stripIndent(),
        between(readme, "```java\n", "\n```"));
  }

  @Test
  void showsHowTheCrawlerForwardsAsItIsCompiled() {
    String source = read("samples/crawler/src/main/java/dev/vertxmicro/crawler/MasterService.java");

    String shown =
        between(source, "// tag::forward[]\n", "    // end::forward[]")
            .stripTrailing()
            .stripIndent();
    assertTrue(readme.contains("```java\n" + shown + "\n```"), shown);
  }

  @Test
  void showsHowGoIsCalledAsItIsCompiled() {
    String source = read("samples/src/main/java/dev/vertxmicro/samples/CallGo.java");

    assertEquals(
        between(source, "// tag::call-go[]\n", "  // end::call-go[]").stripTrailing().stripIndent(),
        between(read("samples/go-peers/README.md"), "```java\n", "\n```"));
  }

  @ParameterizedTest
  @CsvSource({
    "README.md, samples/src/main/java/dev/vertxmicro/samples/stubs/Warehouse.java, interface",
    "README.md, samples/src/main/java/dev/vertxmicro/samples/stubs/Storekeeper.java, calls",
    "README.md, samples/src/main/java/dev/vertxmicro/samples/stubs/WarehouseVerticle.java, serve",
    "README.md,"
        + " samples/src/main/java/dev/vertxmicro/samples/cluster/RequesterDemo.java, requester",
    "README.md, samples/src/test/java/dev/vertxmicro/samples/stubs/MemoryStubsTest.java, memory",
    "README.md,"
        + " samples/src/main/java/dev/vertxmicro/samples/embedding/OwnClientVerticle.java, own",
    "README.md,"
        + " samples/src/main/java/dev/vertxmicro/samples/embedding/SharedClientVerticle.java, shared",
    "README.md, samples/src/test/java/dev/vertxmicro/samples/embedding/HealthIT.java, checks",
    "samples/STUBS.md, samples/src/main/java/dev/vertxmicro/samples/stubs/Counting.java, proto",
    "samples/STUBS.md, samples/embedded/pom.xml, stubs",
    "samples/BRIDGES.md,"
        + " samples/src/test/java/dev/vertxmicro/samples/embedding/BridgesTest.java, rxjava",
    "samples/BRIDGES.md,"
        + " samples/src/test/java/dev/vertxmicro/samples/embedding/BridgesTest.java, mutiny"
  })
  void showsRegionsAsTheyAreCompiled(String page, String file, String tag) {
    Matcher region =
        Pattern.compile("tag::" + tag + "\\[].*\\n((?s:.*?))\\n.*end::" + tag + "\\[]")
            .matcher(read(file));
    assertTrue(region.find(), file);
    String language = file.substring(file.lastIndexOf('.') + 1);
    String shown =
        "```" + language + "\n" + region.group(1).stripTrailing().stripIndent() + "\n```";

    assertTrue(read(page).contains(shown), shown);
  }

  @Test
  void showsHowSkynetIsCalledAsItIsCompiled() {
    String source = read("samples/src/main/java/dev/vertxmicro/samples/SkynetDemo.java");
    String section = readme.substring(readme.indexOf("### skynet\n"));

    assertEquals(
        between(source, "// tag::skynet[]\n", "  // end::skynet[]").stripTrailing().stripIndent(),
        between(section, "```java\n", "\n```"));
  }

  @Test
  void showsHowRestAndIpfsAreCalledAsTheyAreCompiled() {
    String source = read("samples/src/main/java/dev/vertxmicro/samples/IpfsDemo.java");
    for (String part : List.of("rest", "ipfs")) {
      String region =
          between(source, "// tag::" + part + "[]\n", "  // end::" + part + "[]")
              .stripTrailing()
              .stripIndent();

      assertTrue(readme.contains("```java\n" + region + "\n```"), region);
    }
  }

  @Test
  void listsTheModulesOfTheBuild() {
    List<String> modules =
        Pattern.compile("<module>(.*)</module>")
            .matcher(read("pom.xml"))
            .results()
            .map(result -> result.group(1))
            .toList();

    assertEquals(modules, List.copyOf(table("module", 1).keySet()));
  }

  @TestFactory
  Stream<DynamicTest> listsEveryOptionWithItsDefault() {
    return Stream.of(
            new CallOptions(),
            new RpcClientOptions(),
            new GrpcOptions(),
            new ResponseCacheOptions(),
            new MucpOptions(),
            new RestOptions(),
            new SkynetOptions(),
            new SkynetServerOptions(),
            new WebSocketOptions(),
            new SelectorOptions(),
            new CachingOptions(),
            new DnsOptions(),
            new CompositeOptions(),
            new ConsulOptions(),
            new EtcdOptions(),
            new NatsRegistryOptions(),
            new MdnsOptions(),
            new EjectionOptions(),
            new PublishOptions(),
            new EventBusBrokerOptions(),
            new NatsBrokerOptions(),
            new JetStreamOptions(),
            new HttpBrokerOptions(),
            new RabbitBrokerOptions(),
            new ServerOptions("greeter"))
        .map(
            options ->
                DynamicTest.dynamicTest(
                    options.getClass().getSimpleName(),
                    () -> assertEquals(defaultsOf(options), documented(options.getClass()))));
  }

  @Test
  void listsTheStrategiesByName() {
    assertEquals(List.copyOf(Strategy.names()), List.copyOf(table("strategy", 1).keySet()));
  }

  @Test
  void namesOnlyWhatExistsBesideWhatGoMicroHas() {
    Map<String, String> names = table("go-micro", 1);
    List<MatchResult> members =
        Pattern.compile("\\b([A-Z]\\w+)\\.(\\w+)")
            .matcher(String.join("\n", names.values()))
            .results()
            .toList();

    assertTrue(members.size() > 20, members::toString);
    members.forEach(name -> assertMember(name.group(1), name.group(2)));
  }

  @Test
  void namesEveryOptionOfGoMicro() {
    Map<String, String> here = table("go-micro option", 1);
    Map<String, String> remarks = table("go-micro option", 2);

    assertEquals(new TreeSet<>(GO_MICRO_OPTIONS), new TreeSet<>(here.keySet()));
    here.forEach(
        (option, name) -> {
          Matcher member = Pattern.compile("`([A-Z]\\w+)\\.(\\w+)`").matcher(name);
          if (member.matches()) {
            assertMember(member.group(1), member.group(2));
          } else {
            assertEquals("none", name, option);
            assertFalse(remarks.get(option).isEmpty(), option + " has no reason");
          }
        });
    Pattern.compile("`([A-Z]\\w+)\\.(\\w+)`")
        .matcher(String.join("\n", remarks.values()))
        .results()
        .filter(name -> !name.group(1).equals("System"))
        .forEach(name -> assertMember(name.group(1), name.group(2)));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"README.md", "runtime/OPTIONS.md", "samples/STUBS.md", "samples/BRIDGES.md"})
  void linksToFilesThatAreThere(String page) {
    Path from = ROOT.resolve(page).getParent();
    List<String> links =
        Pattern.compile("]\\(([^)#]+)\\)")
            .matcher(read(page))
            .results()
            .map(link -> link.group(1))
            .toList();

    assertFalse(links.isEmpty());
    links.forEach(link -> assertTrue(Files.exists(from.resolve(link)), link));
  }

  @Test
  void printsWhatTheDemoPrints() {
    String sample = between(readme, "```text\nThree nodes", "\n```");

    for (Scene scene : Scene.all()) {
      assertTrue(sample.contains(". " + scene.title() + "\n"), scene::title);
    }
  }

  private static List<String> named(String packageName, String functions) {
    return Stream.of(functions.strip().split("\\s+"))
        .map(function -> packageName + "." + function)
        .toList();
  }

  // ---- options

  private Map<String, String> documented(Class<?> type) {
    String heading = "`" + type.getSimpleName() + "`\n";
    String page = readme.contains(heading) ? readme : optionsPage;
    String section = page.substring(page.indexOf(heading)) + "\n";
    Map<String, String> rows = new TreeMap<>();
    table(section, "option", 1).forEach((name, value) -> rows.put(name, value));
    return rows;
  }

  private static Map<String, String> defaultsOf(Object options) throws Exception {
    Map<String, String> defaults = new TreeMap<>();
    for (Method setter : options.getClass().getMethods()) {
      if (setter.getName().startsWith("set") && !Modifier.isStatic(setter.getModifiers())) {
        String property = setter.getName().substring(3);
        String name = property.substring(0, 1).toLowerCase(Locale.ROOT) + property.substring(1);
        Object value = getter(options.getClass(), property).invoke(options);
        defaults.put(name, name.equals("name") ? "" : shown(name, value));
      }
    }
    return defaults;
  }

  private static Method getter(Class<?> options, String property) {
    return Arrays.stream(options.getMethods())
        .filter(m -> m.getName().equals("get" + property) || m.getName().equals("is" + property))
        .findFirst()
        .orElseThrow(() -> new AssertionError(options + " has no getter of " + property));
  }

  private static String shown(String name, Object value) {
    if (value == null) {
      return name.equals("contentType") ? "by the body" : "none";
    }
    if (value instanceof Duration duration) {
      return shown(duration);
    }
    if (value instanceof Integer number) {
      return name.endsWith("Bytes") || name.equals("bufferSize")
          ? bytes(number)
          : "%,d".formatted(number);
    }
    if (value instanceof Collection<?> all && all.isEmpty()
        || value instanceof Map<?, ?> map && map.isEmpty()
        || value instanceof JsonObject json && json.isEmpty()
        || value instanceof Metadata metadata && metadata.isEmpty()) {
      return "none";
    }
    if (value == RetryPolicy.safe()) {
      return "`RetryPolicy.safe()`";
    }
    if (value instanceof Backoff.FullJitter jitter) {
      return "full jitter, %s to %s".formatted(shown(jitter.base()), shown(jitter.cap()));
    }
    if (value instanceof Hedge.Off) {
      return "off";
    }
    if (value instanceof CallOptions) {
      return "as above";
    }
    if (value instanceof EjectionOptions) {
      return "as below";
    }
    return value.toString();
  }

  private static String shown(Duration duration) {
    long millis = duration.toMillis();
    if (millis == 0) {
      return "0";
    }
    if (millis % 3_600_000 == 0) {
      return millis / 3_600_000 + " h";
    }
    if (millis % 60_000 == 0) {
      return millis / 60_000 + " min";
    }
    return millis % 1_000 == 0 ? millis / 1_000 + " s" : millis + " ms";
  }

  private static String bytes(int bytes) {
    return bytes % (1 << 20) == 0 ? (bytes >> 20) + " MiB" : (bytes >> 10) + " KiB";
  }

  // ---- names

  private static void assertMember(String type, String member) {
    Class<?> found =
        PACKAGES.stream()
            .map(name -> find(name + "." + type))
            .filter(Objects::nonNull)
            .findFirst()
            .orElseThrow(() -> new AssertionError("no class " + type));
    boolean has =
        Stream.concat(
                Arrays.stream(found.getMethods()).map(Method::getName),
                Arrays.stream(found.getFields()).map(Field::getName))
            .anyMatch(member::equals);
    assertTrue(has, () -> type + "." + member);
  }

  private static Class<?> find(String name) {
    try {
      return Class.forName(name);
    } catch (ClassNotFoundException elsewhere) {
      return null;
    }
  }

  // ---- Markdown

  private Map<String, String> table(String head, int column) {
    return table(readme, head, column);
  }

  /** Returns first column to another one, of the first table with that head. */
  private static Map<String, String> table(String text, String head, int column) {
    return between(text, "| " + head + " |", "\n\n")
        .lines()
        .skip(2)
        .map(row -> row.split("\\|", -1))
        .collect(
            Collectors.toMap(
                cells -> cells[1].replaceAll("[` *]+$|^[` ]+", ""),
                cells -> cells[1 + column].strip(),
                (first, second) -> {
                  throw new AssertionError("twice: " + first + ", " + second);
                },
                LinkedHashMap::new));
  }

  private static String between(String text, String start, String end) {
    int from = text.indexOf(start);
    assertTrue(from >= 0, start);
    int to = text.indexOf(end, from + start.length());
    assertTrue(to >= 0, end);
    return text.substring(from + start.length(), to);
  }

  private static String read(String file) {
    try {
      return Files.readString(ROOT.resolve(file));
    } catch (IOException missing) {
      throw new AssertionError(file, missing);
    }
  }
}
