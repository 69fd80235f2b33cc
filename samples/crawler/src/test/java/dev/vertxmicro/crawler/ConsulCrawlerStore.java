// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.crawler;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.vertxmicro.peers.ConsulServer;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Consul, asked over its HTTP API. */
final class ConsulCrawlerStore implements CrawlerStore {

  private final ConsulServer consul =
      ConsulServer.start(false, new JsonObject().put("session_ttl_min", "200ms"));

  @Override
  public List<String> flags() {
    return List.of("--registry=consul", "--registry-address=" + consul.address());
  }

  @Override
  public String election() {
    return "TTL = 1.5\nLockDelay = 0.2\n";
  }

  private JsonArray get(String path) {
    Http.Answer answer = Http.send("GET", "http://" + consul.address() + "/v1/" + path, "");
    return answer.status() == 404 ? new JsonArray() : new JsonArray(answer.text());
  }

  @Override
  public Map<String, String> nodes(String service) {
    Map<String, String> nodes = new TreeMap<>();
    for (Object found : get("health/service/" + service + "?passing=1")) {
      JsonObject node = ((JsonObject) found).getJsonObject("Service");
      nodes.put(node.getString("ID"), node.getString("Address") + ":" + node.getInteger("Port"));
    }
    return nodes;
  }

  @Override
  public String leader() {
    JsonArray found = get("kv/crawler/election");
    if (found.isEmpty() || found.getJsonObject(0).getString("Session") == null) {
      return "";
    }
    return text(found.getJsonObject(0));
  }

  private static String text(JsonObject entry) {
    return new String(Base64.getDecoder().decode(entry.getString("Value")), UTF_8);
  }

  @Override
  public int candidates() {
    return get("session/list").size();
  }

  @Override
  public Map<String, JsonObject> resources() {
    Map<String, JsonObject> resources = new TreeMap<>();
    for (Object found : get("kv/resources/?recurse=true&consistent")) {
      JsonObject entry = (JsonObject) found;
      resources.put(
          entry.getString("Key").substring("resources/".length()), new JsonObject(text(entry)));
    }
    return resources;
  }

  @Override
  public void close() {
    consul.close();
  }
}
