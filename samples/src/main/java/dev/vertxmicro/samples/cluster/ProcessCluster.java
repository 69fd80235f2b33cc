// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.samples.cluster;

import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/**
 * Starts programs on this machine and watches over them. Whatever it has started ends with it, also
 * when the JVM ends by itself. Belongs to one event loop.
 */
final class ProcessCluster {

  private static final int MOST_INSTANCES = 64;

  private final Vertx vertx;
  private final Context context;
  private final Map<String, ProcessInstance> instances = new LinkedHashMap<>();
  private int lastId;
  private boolean closed;

  /**
   * Starts with no program.
   *
   * @param context its event loop
   */
  ProcessCluster(Vertx vertx, Context context) {
    this.vertx = vertx;
    this.context = context;
  }

  /** What a request asks for cannot be done; the message is for the caller. */
  static final class Refused extends Exception {
    private static final long serialVersionUID = 1;

    Refused(String why) {
      super(why);
    }
  }

  /**
   * Starts a program and returns the id of its instance.
   *
   * @throws Refused if it cannot be started
   */
  int run(String name, String cmd, List<String> args) throws Refused {
    if (closed || instances.size() >= MOST_INSTANCES) {
      throw new Refused(closed ? "closed" : MOST_INSTANCES + " instances are there already");
    }
    List<String> command = new ArrayList<>();
    command.add(cmd);
    command.addAll(args);
    Process process;
    try {
      process = new ProcessBuilder(command).redirectErrorStream(true).start();
    } catch (IOException | RuntimeException unfit) {
      throw new Refused("cannot start " + cmd); // The rest would tell the arguments.
    }
    int id = ++lastId;
    ProcessInstance started =
        new ProcessInstance(vertx, context, String.valueOf(id), name, command, process);
    instances.put(started.id(), started);
    started.watch();
    return id;
  }

  /** Returns all instances as the protocol describes them. */
  JsonArray list() {
    JsonArray all = new JsonArray();
    instances.values().forEach(each -> all.add(each.describe()));
    return all;
  }

  /**
   * Removes an instance that has finished.
   *
   * @throws Refused if there is none, or it runs
   */
  void rm(String id) throws Refused {
    if (instance(id).isRunning()) {
      throw new Refused("instance " + id + " is running");
    }
    instances.remove(id);
  }

  /**
   * Returns what has become of an instance.
   *
   * @throws Refused if there is none
   */
  JsonObject status(String id) throws Refused {
    return instance(id).status();
  }

  /**
   * Returns the last lines of an instance, or all for 0.
   *
   * @throws Refused if there is none
   */
  String journal(String id, int lines) throws Refused {
    return instance(id).journal(lines);
  }

  /**
   * Ends the program of an instance.
   *
   * @throws Refused if there is none, or it has finished
   */
  void kill(String id) throws Refused {
    if (!instance(id).isRunning()) {
      throw new Refused("instance " + id + " has finished");
    }
    instance(id).kill();
  }

  /**
   * Hands what an instance writes from now on to {@code listener}; returns what ends that.
   *
   * @throws Refused if there is none
   */
  Runnable follow(String id, Consumer<String> listener) throws Refused {
    ProcessInstance followed = instance(id);
    followed.add(listener);
    return () -> followed.remove(listener);
  }

  private ProcessInstance instance(String id) throws Refused {
    ProcessInstance known = instances.get(id);
    if (known == null) {
      throw new Refused("no such instance: " + id);
    }
    return known;
  }

  /** Ends all programs; completes when they have ended. */
  Future<Void> close() {
    closed = true;
    List<Future<Void>> ended = new ArrayList<>();
    for (ProcessInstance each : instances.values()) {
      each.killNow();
      ended.add(each.ended());
    }
    Promise<Void> all = Promise.promise();
    Future.join(ended).<Void>mapEmpty().onComplete(all);
    return all.future();
  }
}
