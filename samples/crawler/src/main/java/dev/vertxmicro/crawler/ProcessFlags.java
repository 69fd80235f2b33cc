// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.crawler;

import dev.vertxmicro.crawler.backend.Backend;
import dev.vertxmicro.crawler.backend.ConsulBackend;
import dev.vertxmicro.crawler.backend.ElectionOptions;
import dev.vertxmicro.crawler.backend.EtcdBackend;
import dev.vertxmicro.registry.RegisterOptions;
import dev.vertxmicro.registry.consul.ConsulOptions;
import dev.vertxmicro.registry.etcd.EtcdOptions;
import io.vertx.core.Vertx;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/**
 * The flags that masters and workers have in common. What is given as a flag wins over the
 * environment, that over the file.
 */
final class ProcessFlags {

  private static final Duration TTL = Duration.ofSeconds(60);
  private static final Duration INTERVAL = Duration.ofSeconds(15);
  private static final Duration CLIENT_TIMEOUT = Duration.ofSeconds(10);

  /** Consul refuses shorter sessions, unless its {@code session_ttl_min} says otherwise. */
  private static final Duration CONSUL_TTL = Duration.ofSeconds(10);

  private static final long NANOS_A_MILLI = 1_000_000;
  private static final String BYTE = "(25[0-5]|2[0-4][0-9]|1?[0-9]{1,2})";
  private static final Pattern IPV4 = Pattern.compile("(" + BYTE + "\\.){3}" + BYTE);

  @Option(
      names = "--id",
      paramLabel = "ID",
      description =
          "Unique among masters, or workers. Default: the address of --podip as a number, else when"
              + " this process began.")
  String id = "";

  @Option(
      names = "--pprof",
      paramLabel = "ADDRESS",
      defaultValue = ":9981",
      description =
          "Where to serve a page about the JVM; empty for nowhere. Default: ${DEFAULT-VALUE}")
  String pprof = ":9981";

  @Option(
      names = "--podip",
      paramLabel = "IP",
      description = "The IPv4 address by which others reach this process. Default: that of --host.")
  String podIp = "";

  @Option(
      names = "--host",
      paramLabel = "HOST",
      description =
          "Where to listen if an address has no host: 0.0.0.0 for all interfaces. Default:"
              + " --podip, else 127.0.0.1.")
  String host = "";

  @Option(
      names = "--config",
      paramLabel = "FILE",
      description = "A TOML file, see samples/crawler/config.toml.")
  @Nullable Path config;

  @Option(
      names = "--registry",
      paramLabel = "KIND",
      description = "etcd or consul. Default: MICRO_REGISTRY, the file's, else etcd.")
  @Nullable String registry;

  @Option(
      names = "--registry-address",
      paramLabel = "ADDRESS",
      description =
          "host:port, several with commas. Default: MICRO_REGISTRY_ADDRESS, the file's, else this"
              + " machine.")
  @Nullable String registryAddress;

  /** Made by the command line. */
  ProcessFlags() {}

  CrawlerConfig readConfig() {
    return config == null ? CrawlerConfig.NONE : CrawlerConfig.read(config);
  }

  /**
   * Returns what the process is told.
   *
   * @param table of the file
   * @param defaultService the name in the registry, unless the file has another
   * @throws IllegalArgumentException if a flag or the file is wrong
   */
  ProcessOptions options(
      CrawlerConfig config, String table, String defaultService, String http, String grpc) {
    if (!podIp.isEmpty() && !IPV4.matcher(podIp).matches()) {
      throw new IllegalArgumentException("--podip: " + podIp + " (expected: an IPv4 address)");
    }
    String listen = !host.isEmpty() ? host : !podIp.isEmpty() ? podIp : "127.0.0.1";
    Duration ttl = config.seconds(table, "RegisterTTL", TTL);
    Duration interval = config.seconds(table, "RegisterInterval", INTERVAL);
    return new ProcessOptions(
        id.isEmpty() ? ownId() : id,
        config.text(table, "Name", defaultService),
        config.text("GRPCServer", "Name", Greeter.SERVICE),
        required("--http", http, listen),
        required("--grpc", grpc, listen),
        ListenAddress.parse("--pprof", pprof, listen),
        podIp.isEmpty() ? null : podIp,
        new RegisterOptions(ttl, interval),
        config.seconds(table, "ClientTimeOut", CLIENT_TIMEOUT),
        config.tasks(),
        kind(config, table));
  }

  private static ListenAddress required(String name, String text, String host) {
    ListenAddress address = ListenAddress.parse(name, text, host);
    if (address == null) {
      throw new IllegalArgumentException(name + ": empty (expected: :port or host:port)");
    }
    return address;
  }

  /**
   * As the original: the address as a number, else nanoseconds, of which those below a millisecond
   * are the number of this process.
   */
  private String ownId() {
    if (podIp.isEmpty()) {
      ProcessHandle own = ProcessHandle.current();
      long millis = own.info().startInstant().orElse(Instant.EPOCH).toEpochMilli();
      return Long.toString(millis * NANOS_A_MILLI + own.pid() % NANOS_A_MILLI);
    }
    long number = 0;
    for (String part : podIp.split("\\.", -1)) {
      number = number << 8 | Integer.parseInt(part);
    }
    return Long.toString(number);
  }

  private String kind(CrawlerConfig config, String table) {
    return first(registry, System.getenv("MICRO_REGISTRY"), config.text(table, "Registry"), "etcd");
  }

  private static String first(@Nullable String... texts) {
    for (String text : texts) {
      if (text != null && !text.isEmpty()) {
        return text;
      }
    }
    return "";
  }

  /**
   * Returns what makes the backend.
   *
   * @throws IllegalArgumentException if a flag or the file is wrong
   */
  Function<Vertx, Backend> backend(CrawlerConfig config, String table) {
    String kind = kind(config, table);
    ElectionOptions election = election(config, kind);
    List<String> addresses =
        List.of(
            first(
                    registryAddress,
                    System.getenv("MICRO_REGISTRY_ADDRESS"),
                    config.text(table, "RegistryAddress"))
                .split(","));
    Map<String, Function<Vertx, Backend>> kinds =
        Map.of(
            "etcd",
            vertx -> EtcdBackend.create(vertx, etcd(addresses), election),
            "consul",
            vertx -> ConsulBackend.create(vertx, consul(addresses), election));
    Function<Vertx, Backend> found = kinds.get(kind);
    if (found == null) {
      throw new IllegalArgumentException(
          "--registry: "
              + kind
              + " (expected: etcd or consul; without either there is \"crawler demo\")");
    }
    // Wrong addresses are to be said now, not by the verticle.
    Objects.requireNonNull(kind.equals("etcd") ? etcd(addresses) : consul(addresses));
    return found;
  }

  static ElectionOptions election(CrawlerConfig config, String kind) {
    Duration ttl = kind.equals("consul") ? CONSUL_TTL : ElectionOptions.DEFAULT.ttl();
    return new ElectionOptions(
        config.seconds("Election", "TTL", ttl),
        config.seconds("Election", "LockDelay", ElectionOptions.DEFAULT.lockDelay()));
  }

  private static EtcdOptions etcd(List<String> addresses) {
    EtcdOptions options = new EtcdOptions();
    return addresses.get(0).isEmpty() ? options : options.setEndpoints(complete(addresses));
  }

  private static ConsulOptions consul(List<String> addresses) {
    ConsulOptions options = new ConsulOptions();
    String token = System.getenv("CONSUL_HTTP_TOKEN");
    if (token != null) {
      options.setToken(token);
    }
    return addresses.get(0).isEmpty() ? options : options.setAddresses(complete(addresses));
  }

  /** The original's {@code :2379} is this machine's. */
  private static List<String> complete(List<String> addresses) {
    return addresses.stream()
        .map(address -> address.startsWith(":") ? "127.0.0.1" + address : address)
        .toList();
  }
}
