// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.registry.etcd;

import dev.vertxmicro.peers.FreePorts;
import dev.vertxmicro.peers.Programs;
import dev.vertxmicro.peers.ServerProcess;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Collectors;

/**
 * One real etcd of one member, that a test starts, kills and starts again, with its data or
 * without. What a person would do with etcdctl is done over the JSON gateway, past the client that
 * is tested.
 */
public final class EtcdServer implements AutoCloseable {

  private static final HttpClient HTTP = HttpClient.newHttpClient();

  private final Path data;
  private final int port;
  private final int healthPort;
  private final ServerProcess process;
  private String token = "";

  private EtcdServer(String scheme, String name, int peerPort, String cluster, List<String> more) {
    try {
      this.data = Files.createTempDirectory("etcd");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    List<Integer> ports = FreePorts.take(2);
    this.port = ports.get(0);
    this.healthPort = ports.get(1);
    String client = scheme + "://127.0.0.1:" + port;
    String peer = "http://127.0.0.1:" + peerPort;
    List<String> command =
        new ArrayList<>(
            List.of(
                Programs.find("etcd").toString(),
                "--name=" + name,
                "--data-dir=" + data.resolve("member"),
                "--listen-client-urls=" + client,
                "--advertise-client-urls=" + client,
                "--listen-peer-urls=" + peer,
                "--initial-advertise-peer-urls=" + peer,
                "--initial-cluster=" + cluster,
                "--listen-metrics-urls=http://127.0.0.1:" + healthPort,
                // The shortest lease that etcd grants follows from these.
                "--heartbeat-interval=50",
                "--election-timeout=500",
                "--logger=zap",
                "--log-level=error"));
    command.addAll(more);
    this.process = ServerProcess.start(command, this::isHealthy);
  }

  /** Starts one, with more arguments than it needs to be alone on this machine. */
  public static EtcdServer start(String... more) {
    return startAlone("http", more);
  }

  static EtcdServer startWithTls(String... more) {
    return startAlone("https", more);
  }

  private static EtcdServer startAlone(String scheme, String... more) {
    int peerPort = FreePorts.one();
    return new EtcdServer(
        scheme, "only", peerPort, "only=http://127.0.0.1:" + peerPort, List.of(more));
  }

  /** Starts the members of one cluster. */
  static List<EtcdServer> startCluster(int size) {
    List<Integer> peerPorts = FreePorts.take(size);
    String cluster =
        peerPorts.stream()
            .map(peer -> "m" + peer + "=http://127.0.0.1:" + peer)
            .collect(Collectors.joining(","));
    // At once: none is healthy before there are most of them.
    List<CompletableFuture<EtcdServer>> starting =
        peerPorts.stream()
            .map(
                peer ->
                    CompletableFuture.supplyAsync(
                        () -> new EtcdServer("http", "m" + peer, peer, cluster, List.of()),
                        task -> new Thread(task).start()))
            .toList();
    return starting.stream().map(CompletableFuture::join).toList();
  }

  private boolean isHealthy() throws IOException, InterruptedException {
    HttpRequest request =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + healthPort + "/health"))
            .timeout(Duration.ofSeconds(2))
            .build();
    return HTTP.send(request, HttpResponse.BodyHandlers.ofString()).body().contains("true");
  }

  int port() {
    return port;
  }

  /** Returns where its clients connect, as host and port. */
  public String address() {
    return "127.0.0.1:" + port;
  }

  /** Returns options of a client of this server. */
  public EtcdOptions options() {
    return new EtcdOptions()
        .setEndpoints(List.of(address()))
        .setRequestTimeout(Duration.ofSeconds(3))
        .setMaxBackoff(Duration.ofMillis(500));
  }

  /** Ends it as kill -9 does. */
  public void kill() {
    process.kill();
  }

  /** Starts it again with what it has on disk. */
  public void restart() {
    process.restart();
  }

  /** Starts it again and returns at once: it may need others to be healthy. */
  void restartWithoutWaiting() {
    process.restartWithoutWaiting();
  }

  /** Starts it again without anything on disk. */
  public void restartEmpty() {
    delete(data.resolve("member"));
    process.restart();
  }

  // what a person does

  JsonObject ask(String path, JsonObject body) {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create("http://" + address() + "/v3" + path))
            .timeout(Duration.ofSeconds(10))
            .POST(HttpRequest.BodyPublishers.ofString(body.encode()));
    if (!token.isEmpty()) {
      request.header("Authorization", token);
    }
    try {
      HttpResponse<String> reply = HTTP.send(request.build(), HttpResponse.BodyHandlers.ofString());
      if (reply.statusCode() != 200) {
        throw new AssertionError(path + ": " + reply.statusCode() + " " + reply.body());
      }
      return new JsonObject(reply.body());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  static String base64(String text) {
    return Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8));
  }

  long put(String key, String value) {
    return revision(
        ask("/kv/put", new JsonObject().put("key", base64(key)).put("value", base64(value))));
  }

  void delete(String key) {
    ask("/kv/deleterange", new JsonObject().put("key", base64(key)));
  }

  /** Deletes all keys that begin so. */
  public void deleteAll(String prefix) {
    ask("/kv/deleterange", range(prefix));
  }

  /** Returns the value, or null. */
  String value(String key) {
    JsonObject reply = ask("/kv/range", new JsonObject().put("key", base64(key)));
    if (reply.getJsonArray("kvs") == null) {
      return null;
    }
    String value = reply.getJsonArray("kvs").getJsonObject(0).getString("value");
    return new String(Base64.getDecoder().decode(value), StandardCharsets.UTF_8);
  }

  long revision() {
    return revision(ask("/kv/range", new JsonObject().put("key", base64("none"))));
  }

  int leases() {
    JsonObject reply = ask("/lease/leases", new JsonObject());
    return reply.getJsonArray("leases") == null ? 0 : reply.getJsonArray("leases").size();
  }

  /** Forgets all history up to now. */
  void compact() {
    ask("/kv/compaction", new JsonObject().put("revision", revision()).put("physical", true));
  }

  static JsonObject range(String prefix) {
    String end =
        prefix.substring(0, prefix.length() - 1) + (char) (prefix.charAt(prefix.length() - 1) + 1);
    return new JsonObject().put("key", base64(prefix)).put("range_end", base64(end));
  }

  private static long revision(JsonObject reply) {
    return Long.parseLong(reply.getJsonObject("header").getString("revision"));
  }

  /** Adds a user who may read and write keys with that prefix, or none if it is empty. */
  public void addUser(String name, String password, String prefix) {
    ask("/auth/user/add", new JsonObject().put("name", name).put("password", password));
    if (!prefix.isEmpty()) {
      ask("/auth/role/add", new JsonObject().put("name", name));
      ask(
          "/auth/role/grant",
          new JsonObject()
              .put("name", name)
              .put("perm", range(prefix).put("permType", "READWRITE")));
      ask("/auth/user/grant", new JsonObject().put("user", name).put("role", name));
    }
  }

  /** Lets nobody in without a password; this goes on as root. */
  public void enableAuth() {
    ask("/auth/user/add", new JsonObject().put("name", "root").put("password", "rooted"));
    ask("/auth/role/add", new JsonObject().put("name", "root"));
    ask("/auth/user/grant", new JsonObject().put("user", "root").put("role", "root"));
    ask("/auth/enable", new JsonObject());
    becomeRoot();
  }

  void becomeRoot() {
    token = "";
    token =
        ask("/auth/authenticate", new JsonObject().put("name", "root").put("password", "rooted"))
            .getString("token");
  }

  @Override
  public void close() {
    process.close();
    delete(data);
  }

  private static void delete(Path directory) {
    try {
      Files.walkFileTree(
          directory,
          new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
                throws IOException {
              Files.delete(file);
              return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult postVisitDirectory(Path dir, IOException failed)
                throws IOException {
              Files.delete(dir);
              return FileVisitResult.CONTINUE;
            }
          });
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
