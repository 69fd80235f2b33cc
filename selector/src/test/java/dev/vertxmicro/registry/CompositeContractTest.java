// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.registry;

import dev.vertxmicro.registry.CompositeOptions.Reading;
import dev.vertxmicro.registry.CompositeOptions.Writing;
import dev.vertxmicro.time.FakeTimeSource;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Nested;

/** Two registries as one are a registry, however they are put together. */
class CompositeContractTest {

  abstract static class Composite extends RegistryContract {
    private final FakeTimeSource time = new FakeTimeSource();
    private final MemoryRegistry first = MemoryRegistry.immediate(time);
    private final MemoryRegistry second = MemoryRegistry.immediate(time);
    private final CompositeOptions options;

    Composite(Reading reading, Writing writing) {
      options = new CompositeOptions().setReading(reading).setWriting(writing);
    }

    @Override
    protected Registry open() {
      return CompositeRegistry.immediate(options, time, List.of(first.another(), second.another()));
    }

    @Override
    protected void pass(Duration duration) {
      time.advance(duration);
    }
  }

  @Nested
  class FailoverWritingFirst extends Composite {
    FailoverWritingFirst() {
      super(Reading.FAILOVER, Writing.FIRST);
    }
  }

  @Nested
  class FailoverWritingAll extends Composite {
    FailoverWritingAll() {
      super(Reading.FAILOVER, Writing.ALL);
    }
  }

  @Nested
  class UnionWritingFirst extends Composite {
    UnionWritingFirst() {
      super(Reading.UNION, Writing.FIRST);
    }
  }

  @Nested
  class UnionWritingAll extends Composite {
    UnionWritingAll() {
      super(Reading.UNION, Writing.ALL);
    }
  }
}
