// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.crawler;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.vertxmicro.registry.etcd.EtcdServer;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.Base64;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** etcd, asked over its JSON gateway. */
final class EtcdCrawlerStore implements CrawlerStore {

  private final EtcdServer etcd = EtcdServer.start();

  @Override
  public List<String> flags() {
    return List.of("--registry=etcd", "--registry-address=" + etcd.address());
  }

  @Override
  public String election() {
    return "TTL = 2\n";
  }

  private record Entry(String key, String value, long createRevision) {}

  private List<Entry> read(String prefix) {
    char next = (char) (prefix.charAt(prefix.length() - 1) + 1);
    JsonObject query =
        new JsonObject()
            .put("key", base64(prefix))
            .put("range_end", base64(prefix.substring(0, prefix.length() - 1) + next));
    Http.Answer answer =
        Http.send("POST", "http://" + etcd.address() + "/v3/kv/range", query.encode());
    return answer.json().getJsonArray("kvs", new JsonArray()).stream()
        .map(JsonObject.class::cast)
        .map(
            entry ->
                new Entry(
                    text(entry.getString("key")),
                    text(entry.getString("value", "")),
                    Long.parseLong(entry.getString("create_revision"))))
        .toList();
  }

  private static String base64(String text) {
    return Base64.getEncoder().encodeToString(text.getBytes(UTF_8));
  }

  private static String text(String base64) {
    return new String(Base64.getDecoder().decode(base64), UTF_8);
  }

  @Override
  public Map<String, String> nodes(String service) {
    Map<String, String> nodes = new TreeMap<>();
    for (Entry entry : read("/micro/registry/" + service + "/")) {
      JsonObject value = new JsonObject(entry.value());
      JsonObject node = value.getJsonArray("nodes").getJsonObject(0);
      if (!entry.key().equals("/micro/registry/" + service + "/" + node.getString("id"))
          || !value.getString("name").equals(service)
          || !node.getJsonObject("metadata").getString("protocol").equals("grpc")) {
        throw new AssertionError("not as go-micro has it: " + entry);
      }
      nodes.put(node.getString("id"), node.getString("address"));
    }
    return nodes;
  }

  @Override
  public String leader() {
    return read("/crawler/election/").stream()
        .min(Comparator.comparingLong(Entry::createRevision))
        .map(Entry::value)
        .orElse("");
  }

  @Override
  public int candidates() {
    return read("/crawler/election/").size();
  }

  @Override
  public Map<String, JsonObject> resources() {
    Map<String, JsonObject> resources = new TreeMap<>();
    read("/resources/")
        .forEach(
            entry ->
                resources.put(
                    entry.key().substring("/resources/".length()), new JsonObject(entry.value())));
    return resources;
  }

  @Override
  public void close() {
    etcd.close();
  }
}
