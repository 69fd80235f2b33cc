// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.selector;

import dev.vertxmicro.registry.Registry;
import dev.vertxmicro.time.TimeSource;
import java.util.Objects;
import java.util.random.RandomGenerator;

/** Collects the parts of a {@link Selector}. Not thread-safe. */
public final class SelectorBuilder {

  private final Registry registry;
  private final TimeSource time;
  private Strategy strategy = Strategy.powerOfTwo();
  private RandomGenerator random = ThreadRandom.INSTANCE;
  private EjectionOptions ejection = new EjectionOptions();
  private SelectorObserver observer = SelectorObserver.NONE;

  SelectorBuilder(Registry registry, TimeSource time) {
    this.registry = Objects.requireNonNull(registry, "registry");
    this.time = Objects.requireNonNull(time, "time");
  }

  /** Sets the strategy. Default {@link Strategy#powerOfTwo()}. */
  public SelectorBuilder strategy(Strategy strategy) {
    this.strategy = Objects.requireNonNull(strategy, "strategy");
    return this;
  }

  /**
   * Sets where strategies get their randomness from. It must be safe for use from several threads
   * if the selector is. Default: a generator for each thread; set one with a fixed seed in tests.
   */
  public SelectorBuilder random(RandomGenerator random) {
    this.random = Objects.requireNonNull(random, "random");
    return this;
  }

  /**
   * Sets when nodes that fail are ejected; copied. Default: on, with the defaults of {@link
   * EjectionOptions}.
   */
  public SelectorBuilder ejection(EjectionOptions ejection) {
    this.ejection = new EjectionOptions(ejection);
    return this;
  }

  /** Sets who sees ejections. Default nobody. */
  public SelectorBuilder observer(SelectorObserver observer) {
    this.observer = Objects.requireNonNull(observer, "observer");
    return this;
  }

  /** Returns the selector. */
  public Selector build() {
    return new RegistrySelector(this);
  }

  Registry registry() {
    return registry;
  }

  TimeSource time() {
    return time;
  }

  Strategy strategy() {
    return strategy;
  }

  RandomGenerator random() {
    return random;
  }

  EjectionOptions ejection() {
    return ejection;
  }

  SelectorObserver observer() {
    return observer;
  }
}
