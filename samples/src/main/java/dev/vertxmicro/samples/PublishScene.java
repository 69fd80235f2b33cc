// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.samples;

import dev.vertxmicro.broker.Broker;
import dev.vertxmicro.broker.Event;
import dev.vertxmicro.broker.MemoryBroker;
import dev.vertxmicro.broker.SubscribeOption;
import dev.vertxmicro.broker.Subscription;
import dev.vertxmicro.runtime.Publication;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.util.List;
import java.util.stream.IntStream;

/** Publishes events to one subscriber that gets all of them, and to two that share them. */
final class PublishScene implements Scene {

  private static final String TOPIC = "greetings";
  private static final int EVENTS = 20;

  /** Counts the events of one subscription. */
  private static final class Subscriber {
    private final Runnable gotOne;
    private int events;

    Subscriber(Runnable gotOne) {
      this.gotOne = gotOne;
    }

    Future<Void> handle(Event event) {
      Check.that(event.body(Greeting.class).greeting().startsWith("Hello"), "a greeting", event);
      events++;
      gotOne.run();
      return Future.succeededFuture(); // This acknowledges the event.
    }
  }

  @Override
  public String title() {
    return "Events reach every subscriber, and one member of each queue group";
  }

  @Override
  public Future<Void> play(Stage stage) {
    Broker broker = MemoryBroker.shared(Vertx.currentContext().owner());
    Promise<Void> all = Promise.promise();
    int[] missing = {2 * EVENTS};
    Runnable gotOne =
        () -> {
          if (--missing[0] == 0) {
            all.complete();
          }
        };
    Subscriber audit = new Subscriber(gotOne);
    List<Subscriber> mailers = List.of(new Subscriber(gotOne), new Subscriber(gotOne));
    return broker
        .connect()
        .compose(ready -> broker.subscribe(TOPIC, audit::handle))
        .compose(stands -> mail(broker, mailers.get(0)))
        .compose(stands -> mail(broker, mailers.get(1)))
        .compose(stands -> publish(stage))
        .compose(published -> all.future())
        .eventually(broker::close)
        .map(
            received -> {
              stage.say(
                  "%d events published: %d to the audit, %d and %d to the two mailers"
                      .formatted(
                          EVENTS, audit.events, mailers.get(0).events, mailers.get(1).events));
              Check.that(audit.events == EVENTS, "all events at the audit", audit.events);
              for (Subscriber mailer : mailers) {
                Check.that(mailer.events > 0, "a share for each mailer", mailer.events);
              }
              return null;
            });
  }

  private Future<Subscription> mail(Broker broker, Subscriber mailer) {
    return broker.subscribe(TOPIC, mailer::handle, SubscribeOption.queue("mailers"));
  }

  private Future<Void> publish(Stage stage) {
    return Future.all(
            IntStream.range(0, EVENTS)
                .mapToObj(i -> new Greeting("Hello " + i))
                .map(greeting -> stage.client().publish(Publication.of(TOPIC, greeting)))
                .toList())
        .mapEmpty();
  }
}
