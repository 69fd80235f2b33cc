// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.crawler;

import dev.vertxmicro.crawler.backend.ResourceListener;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * The tasks that a worker runs: those of the resources that are assigned to it, and no others. A
 * task is started when its resource appears or is assigned to this worker, and stopped when it is
 * deleted or assigned to another; a value that is no resource is passed over.
 *
 * <p>What a task crawls is not this sample's subject: it is noted as running.
 */
final class Tasks implements ResourceListener {

  private final String own;
  private final JsonLog log;
  private final Map<String, Resource> running = new TreeMap<>();

  /**
   * Makes a set without tasks.
   *
   * @param own what this worker is called in an assignment
   */
  Tasks(String own, JsonLog log) {
    this.own = own;
    this.log = log;
  }

  @Override
  public void put(String name, Buffer value) {
    Resource resource = Resource.read(value);
    if (resource != null && resource.assignedNode().equals(own)) {
      run(name, resource);
    } else if (resource != null) {
      stop(name, "assigned away");
    }
  }

  /** Runs a task, whatever the assignment says. */
  void run(String name, Resource resource) {
    if (running.put(name, resource) == null) {
      log.info("start task", "specs", resource.toJson());
    }
  }

  @Override
  public void deleted(String name) {
    stop(name, "deleted");
  }

  private void stop(String name, String why) {
    Resource resource = running.remove(name);
    if (resource != null) {
      log.info("stop task", "why", why, "specs", resource.toJson());
    }
  }

  void stopAll() {
    for (String name : running.keySet().toArray(new String[0])) {
      stop(name, "the worker stops");
    }
  }

  /** Returns the names of what runs, in their order. */
  JsonObject toJson() {
    return new JsonObject()
        .put("worker", own)
        .put("tasks", new JsonArray(List.copyOf(running.keySet())));
  }

  int size() {
    return running.size();
  }
}
