// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.registry.etcd;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.vertxmicro.registry.Node;
import dev.vertxmicro.registry.RegistryEvent;
import dev.vertxmicro.registry.RegistryEvent.Action;
import dev.vertxmicro.registry.Service;
import java.util.List;
import org.junit.jupiter.api.Test;

class ChangesTest {

  private final Changes changes = new Changes();

  private static Service greeter(String version, String... ids) {
    Service.Builder service = Service.builder("greeter").version(version);
    for (String id : ids) {
      service.node(Node.of(id, "127.0.0.1:1"));
    }
    return service.build();
  }

  private static RegistryEvent event(Action action, Service service) {
    return new RegistryEvent(action, service);
  }

  @Test
  void nothingIsNoEvent() {
    assertEquals(List.of(), changes.events());
  }

  @Test
  void neighboursOfOneKindAreOneEvent() {
    changes.put(null, greeter("1", "a"));
    changes.put(null, greeter("1", "b"));
    changes.put(null, greeter("2", "c"));
    changes.delete(greeter("2", "d"));
    changes.delete(greeter("2", "e"));
    changes.put(null, greeter("1", "f"));

    assertEquals(
        List.of(
            event(Action.CREATE, greeter("1", "a", "b")),
            event(Action.CREATE, greeter("2", "c")),
            event(Action.DELETE, greeter("2", "d", "e")),
            event(Action.CREATE, greeter("1", "f"))),
        changes.events());
  }

  @Test
  void whatRepeatsWhatIsKnownIsNoEvent() {
    changes.put(greeter("1", "a"), greeter("1", "a"));

    assertEquals(List.of(), changes.events());
  }

  @Test
  void aNodeThatMovesToAnotherVersionLeavesTheOldOneFirst() {
    changes.put(greeter("1", "a"), greeter("2", "a"));

    assertEquals(
        List.of(event(Action.DELETE, greeter("1", "a")), event(Action.CREATE, greeter("2", "a"))),
        changes.events());
  }

  @Test
  void otherEndpointsAreAnUpdate() {
    Service before = greeter("1", "a");
    Service after = before.toBuilder().endpoint("Greeter.Hello").build();
    changes.put(before, after);
    changes.put(greeter("1", "b"), greeter("1", "b").toBuilder().metadata("x", "y").build());

    assertEquals(
        List.of(
            event(Action.UPDATE, after),
            event(Action.UPDATE, greeter("1", "b").toBuilder().metadata("x", "y").build())),
        changes.events());
  }
}
