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
  private SelectorObserver observer = SelectorObserver.NONE;
  private SelectorOptions options = new SelectorOptions();

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

  /** Sets what the selector minds besides its strategy; copied. Default {@link SelectorOptions}. */
  public SelectorBuilder options(SelectorOptions options) {
    this.options = new SelectorOptions(options);
    return this;
  }

  /** Sets a part of the options: when nodes that fail are ejected; copied. */
  public SelectorBuilder ejection(EjectionOptions ejection) {
    options.setEjection(ejection);
    return this;
  }

  /** Sets who sees ejections. Default nobody. */
  public SelectorBuilder observer(SelectorObserver observer) {
    this.observer = Objects.requireNonNull(observer, "observer");
    return this;
  }

  /**
   * Returns the selector.
   *
   * @throws IllegalArgumentException if the options contradict each other
   */
  public Selector build() {
    options.check();
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

  SelectorObserver observer() {
    return observer;
  }

  /** Returns the options, which the selector may keep. */
  SelectorOptions options() {
    return new SelectorOptions(options);
  }
}
