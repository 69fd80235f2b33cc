// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.samples;

import dev.vertxmicro.registry.Registry;
import dev.vertxmicro.runtime.CallOption;
import dev.vertxmicro.runtime.Reply;
import dev.vertxmicro.runtime.Request;
import dev.vertxmicro.runtime.RpcClient;
import dev.vertxmicro.runtime.RpcCounters;
import io.vertx.core.Future;
import java.io.PrintStream;
import java.util.List;
import java.util.stream.Stream;

/**
 * What scenes work with.
 *
 * @param client calls the greeters
 * @param counters what the client does and holds
 * @param registry where the greeters are registered
 * @param greeters the nodes, the first of them greeter-1
 * @param names whom to greet
 * @param out where scenes say what happened
 */
record Stage(
    RpcClient client,
    RpcCounters counters,
    Registry registry,
    List<Greeter> greeters,
    List<String> names,
    PrintStream out) {

  Stage {
    greeters = List.copyOf(greeters);
    names = List.copyOf(names);
  }

  /** Returns the nodes that run. */
  List<Greeter> alive() {
    return greeters.stream().filter(Greeter::isAlive).toList();
  }

  /** Prints one line. */
  void say(String line) {
    out.println("   " + line);
  }

  /** Calls {@code Greeter.Hello} with a record, which travels as JSON. */
  Future<Reply<Greeting>> hello(String name, CallOption... options) {
    Request<Hello, Greeting> request =
        Request.of(Greeter.SERVICE, "Greeter.Hello", new Hello(name), Greeting.class);
    return client.start(request, options).response();
  }

  /** Starts many calls at once and waits until each has been answered or has failed. */
  Future<Answers> hellos(int calls, CallOption... options) {
    List<Future<Reply<Greeting>>> all =
        Stream.generate(() -> hello("crowd", options)).limit(calls).toList();
    return Future.join(all).transform(ended -> Future.succeededFuture(Answers.of(all)));
  }
}
