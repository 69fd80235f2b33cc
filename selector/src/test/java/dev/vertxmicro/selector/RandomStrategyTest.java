// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.selector;

class RandomStrategyTest extends StrategyContract {

  @Override
  protected Strategy strategy() {
    return Strategy.random();
  }
}
