// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.selector;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.vertxmicro.registry.Node;
import dev.vertxmicro.registry.StaticRegistry;
import dev.vertxmicro.time.FakeTimeSource;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

class SelectorObserverTest {

  private final FakeTimeSource time = new FakeTimeSource();

  private Selector selector(SelectorObserver observer) {
    return Selector.builder(StaticRegistry.of("greeter", "127.0.0.1:1", "127.0.0.1:2"), time)
        .strategy(Strategy.roundRobin())
        .observer(observer)
        .build();
  }

  private static SelectorObserver recorder(Set<String> called, boolean fails) {
    return (SelectorObserver)
        Proxy.newProxyInstance(
            SelectorObserver.class.getClassLoader(),
            new Class<?>[] {SelectorObserver.class},
            (proxy, method, arguments) -> {
              called.add(method.getName());
              if (fails) {
                throw new IllegalStateException("observer is broken");
              }
              return null;
            });
  }

  /** Both nodes die, and come back. */
  private void liveThroughAll(Selector selector) {
    for (int i = 0; i < 20; i++) {
      selector.select("greeter").result().next().done(Fleet.LOST);
      time.advance(Duration.ofMillis(1));
    }
    time.advance(EjectionOptions.DEFAULT_BASE_EJECTION_TIME);
    for (int i = 0; i < 5; i++) {
      selector.select("greeter").result().next().done(Outcome.SUCCESS);
      time.advance(Duration.ofMillis(1));
    }
    for (int i = 0; i < 10; i++) {
      Pick pick = selector.select("greeter").result().next();
      pick.done(pick.node().id().endsWith("1") ? Fleet.LOST : Outcome.SUCCESS);
    }
    time.advance(EjectionOptions.DEFAULT_BASE_EJECTION_TIME.multipliedBy(2));
    selector.select("greeter").result().next().done(Outcome.SUCCESS);
  }

  private static Set<String> callbacks() {
    return Arrays.stream(SelectorObserver.class.getDeclaredMethods())
        .filter(Method::isDefault)
        .map(Method::getName)
        .collect(Collectors.toCollection(TreeSet::new));
  }

  @Test
  void everyCallbackIsCalled() {
    Set<String> called = new TreeSet<>();

    liveThroughAll(selector(recorder(called, false)));

    assertEquals(callbacks(), called);
  }

  @Test
  void observerThatThrowsBreaksNoCall() {
    Set<String> called = new TreeSet<>();
    Selector selector = selector(recorder(called, true));

    liveThroughAll(selector);

    assertEquals(callbacks(), called);
    assertEquals(0, selector.openPicks());
    selector
        .describe("greeter")
        .nodes()
        .forEach(node -> assertEquals(Health.HEALTHY, node.health()));
  }

  @Test
  void guardHandsEveryCallbackOn() throws Exception {
    Set<String> called = new TreeSet<>();
    SelectorObserver guarded = GuardedSelectorObserver.of(recorder(called, false));

    for (Method callback : SelectorObserver.class.getDeclaredMethods()) {
      if (callback.isDefault()) {
        call(callback, guarded);
        assertTrue(called.contains(callback.getName()), callback::toString);
      }
    }
  }

  private static void call(Method callback, Object target)
      throws IllegalAccessException, InvocationTargetException {
    List<Object> arguments = new ArrayList<>();
    for (Class<?> type : callback.getParameterTypes()) {
      arguments.add(
          type == String.class
              ? "greeter"
              : type == Node.class
                  ? Node.of("n", "127.0.0.1:1")
                  : type == Duration.class
                      ? Duration.ZERO
                      : type == int.class ? 1 : type.getEnumConstants()[0]);
    }
    callback.invoke(target, arguments.toArray());
  }

  @Test
  void observerMayAskTheSelector() {
    Selector[] selector = new Selector[1];
    List<Boolean> panics = new ArrayList<>();
    selector[0] =
        selector(
            new SelectorObserver() {
              @Override
              public void panicStarted(String service, int healthy, int nodes) {
                panics.add(selector[0].describe(service).isPanic());
                selector[0].reset(service);
              }

              @Override
              public void panicEnded(String service) {
                panics.add(selector[0].describe(service).isPanic());
              }
            });

    for (int i = 0; i < 10; i++) {
      selector[0].select("greeter").result().next().done(Fleet.LOST);
    }

    assertEquals(List.of(true, false), panics);
  }
}
