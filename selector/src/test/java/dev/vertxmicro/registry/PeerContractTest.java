// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.registry;

import dev.vertxmicro.time.FakeTimeSource;
import io.vertx.core.Future;
import io.vertx.core.Handler;
import java.time.Duration;
import java.util.List;

/** The contract of registries, on wires in memory. */
class PeerContractTest extends RegistryContract {

  private final FakeTimeSource time = new FakeTimeSource();
  private final FakeWires wires = new FakeWires();

  @Override
  protected Registry open() {
    return new Paced(PeerRegistryTest.registry(wires.join(), time));
  }

  @Override
  protected void pass(Duration duration) {
    time.advance(duration);
  }

  /** Lets the time pass that answers may take. */
  private final class Paced implements Registry {

    private final Registry registry;

    Paced(Registry registry) {
      this.registry = registry;
    }

    private <T> T paced(T result) {
      time.advance(PeerRegistryTest.ANSWER);
      return result;
    }

    @Override
    public Future<List<Service>> get(String service) {
      return paced(registry.get(service));
    }

    @Override
    public Future<List<String>> list() {
      return paced(registry.list());
    }

    @Override
    public Future<Registration> register(Service service, RegisterOptions options) {
      return registry.register(service, options);
    }

    @Override
    public Watch watch(String service, Handler<RegistryEvent> handler) {
      return paced(registry.watch(service, handler));
    }

    @Override
    public Future<Void> close() {
      return registry.close();
    }
  }
}
