// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.peers;

import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assertions;

/**
 * A real Consul, a cluster of one server on free loopback ports, that a test starts, kills and
 * starts again on the same ports. Its name as a machine is {@code machine-<port>}. Not thread-safe.
 */
public final class ConsulServer implements AutoCloseable {

  /** The token that may do everything, of a server with {@link #ACL}. */
  public static final String ROOT_TOKEN = "00000000-0000-0000-0000-00000000face";

  /** Settings for {@link #start}: who has no token, and no rule that allows it, may do nothing. */
  public static final JsonObject ACL =
      new JsonObject()
          .put(
              "acl",
              new JsonObject()
                  .put("enabled", true)
                  .put("default_policy", "deny")
                  .put(
                      "tokens",
                      new JsonObject().put("master", ROOT_TOKEN).put("agent", ROOT_TOKEN)));

  private final HttpClient http = HttpClient.newHttpClient();
  private final Path directory;
  private final int port;
  private final int httpsPort;
  private final int serfPort;
  private final ServerProcess process;

  /** Starts a server that keeps its state in memory: after a restart it has lost it. */
  public static ConsulServer forgetful() {
    return start(false, new JsonObject());
  }

  /** Starts a server that keeps its state on disk. */
  public static ConsulServer durable() {
    return start(true, new JsonObject());
  }

  /**
   * Starts a server.
   *
   * @param durable whether its state outlives a restart
   * @param settings further settings of Consul's configuration
   */
  public static ConsulServer start(boolean durable, JsonObject settings) {
    return new ConsulServer(durable, settings, false);
  }

  /** Starts a server that speaks HTTPS as well, see {@link #httpsAddress} and {@link #caFile}. */
  public static ConsulServer withTls() {
    return new ConsulServer(false, new JsonObject(), true);
  }

  /** Starts an agent that is no server and joins the cluster of another. */
  public static ConsulServer agentOf(ConsulServer server) {
    return start(
        true,
        new JsonObject()
            .put("server", false)
            .put("retry_join", List.of("127.0.0.1:" + server.serfPort)));
  }

  private ConsulServer(boolean durable, JsonObject settings, boolean tls) {
    String program = Programs.find("consul").toString();
    try {
      directory = Files.createTempDirectory("consul");
      List<Integer> ports = FreePorts.take(4);
      port = ports.get(0);
      serfPort = ports.get(2);
      httpsPort = ports.get(3);
      JsonObject config =
          new JsonObject()
              .put("node_name", "machine-" + port)
              .put("bind_addr", "127.0.0.1")
              .put("client_addr", "127.0.0.1")
              .put("disable_update_check", true)
              .put("performance", new JsonObject().put("raft_multiplier", 1))
              .put(
                  "ports",
                  new JsonObject()
                      .put("http", port)
                      .put("server", ports.get(1))
                      .put("serf_lan", serfPort)
                      .put("serf_wan", -1)
                      .put("dns", -1)
                      .put("grpc", -1)
                      .put("https", tls ? httpsPort : -1));
      if (tls) {
        makeCertificates(program);
        config
            .put("ca_file", caFile())
            .put("cert_file", directory.resolve("dc1-server-consul-0.pem").toString())
            .put("key_file", directory.resolve("dc1-server-consul-0-key.pem").toString());
      }
      if (durable) {
        config.put("data_dir", directory.resolve("data").toString());
        if (settings.getBoolean("server", true)) {
          config.put("server", true).put("bootstrap_expect", 1);
        }
      }
      Path file = directory.resolve("consul.json");
      Files.writeString(file, config.mergeIn(settings, true).encode());
      List<String> command =
          durable
              ? List.of(program, "agent", "-config-file=" + file)
              : List.of(program, "agent", "-dev", "-config-file=" + file);
      process = ServerProcess.start(command, this::hasLeader);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void makeCertificates(String program) throws IOException {
    run(program, "tls", "ca", "create");
    run(program, "tls", "cert", "create", "-server", "-additional-ipaddress=127.0.0.1");
  }

  private void run(String... command) throws IOException {
    Process tool =
        new ProcessBuilder(command)
            .directory(directory.toFile())
            .redirectErrorStream(true)
            .redirectOutput(directory.resolve("tool.log").toFile())
            .start();
    try {
      Assertions.assertTrue(tool.waitFor(30, TimeUnit.SECONDS), "no end of " + command[1]);
      Assertions.assertEquals(0, tool.exitValue(), () -> "tool.log in " + directory + " says why");
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError(e);
    } finally {
      tool.destroyForcibly();
    }
  }

  private boolean hasLeader() throws Exception {
    return send("GET", "/v1/status/leader", "").body().contains(":")
        && send("GET", "/v1/catalog/service/consul", "").body().contains("\"ServiceID\"");
  }

  /** Returns where it listens, as {@code 127.0.0.1:port}. */
  public String address() {
    return "127.0.0.1:" + port;
  }

  /** Returns where it speaks HTTPS, as {@code 127.0.0.1:port}. */
  public String httpsAddress() {
    return "127.0.0.1:" + httpsPort;
  }

  /** Returns the PEM file of the authority that signed its certificate. */
  public String caFile() {
    return directory.resolve("consul-agent-ca.pem").toString();
  }

  /** Ends it as {@code kill -9} does. */
  public void kill() {
    process.kill();
  }

  /** Starts it again and waits until it has a leader. */
  public void restart() {
    process.restart();
  }

  /**
   * Makes a token with rules.
   *
   * @param rules in Consul's language, {@code service_prefix "" { policy = "read" }} say
   * @return the secret
   */
  public String token(String secret, String rules) {
    String policy = "for-" + secret;
    put("/v1/acl/policy", new JsonObject().put("Name", policy).put("Rules", rules));
    put(
        "/v1/acl/token",
        new JsonObject()
            .put("SecretID", secret)
            .put("Policies", List.of(new JsonObject().put("Name", policy))));
    return secret;
  }

  /** Gives a token that {@link #token} has made other rules. */
  public void changeRules(String secret, String rules) {
    String policy = "for-" + secret;
    JsonObject known =
        new JsonObject(send("GET", "/v1/acl/policy/name/" + encode(policy), "").body());
    put(
        "/v1/acl/policy/" + known.getString("ID"),
        new JsonObject().put("ID", known.getString("ID")).put("Name", policy).put("Rules", rules));
  }

  /** Sends a PUT with the root token and expects status 200. */
  public String put(String path, JsonObject body) {
    HttpResponse<String> response = send("PUT", path, body.encode());
    Assertions.assertEquals(200, response.statusCode(), response::body);
    return response.body();
  }

  /** Sends a GET with the root token and expects status 200. */
  public String get(String path) {
    HttpResponse<String> response = send("GET", path, "");
    Assertions.assertEquals(200, response.statusCode(), response::body);
    return response.body();
  }

  private HttpResponse<String> send(String method, String path, String body) {
    try {
      return http.send(
          HttpRequest.newBuilder(URI.create("http://" + address() + path))
              .header("X-Consul-Token", ROOT_TOKEN)
              .timeout(Duration.ofSeconds(10))
              .method(method, HttpRequest.BodyPublishers.ofString(body))
              .build(),
          BodyHandlers.ofString());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError(e);
    }
  }

  private static String encode(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8);
  }

  /** Ends it by force and removes what it kept. May be called twice. */
  @Override
  public void close() {
    process.close();
    try (Stream<Path> files = Files.exists(directory) ? Files.walk(directory) : Stream.empty()) {
      files.sorted(Comparator.reverseOrder()).forEach(ConsulServer::delete);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void delete(Path file) {
    try {
      Files.delete(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
