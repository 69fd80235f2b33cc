// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.crawler;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import dev.vertxmicro.registry.Node;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class AssignmentsTest {

  private static final Node ONE = FixedRegistry.worker(1);
  private static final Node TWO = FixedRegistry.worker(2);

  private final Assignments assignments = new Assignments();

  private String give(String name) {
    Node worker = assignments.leastLoaded();
    assignments.put(new Resource("1", name, Resource.assignee(worker), 1));
    return worker.id();
  }

  @Test
  void withoutWorkersThereIsNobodyToChoose() {
    assertNull(assignments.leastLoaded());
  }

  @Test
  void theLeastLoadedHasItAndOfEqualsTheFirst() {
    assignments.setWorkers(List.of(TWO, ONE));

    List<String> chosen = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      chosen.add(give("r" + i));
    }

    assertEquals(List.of(ONE.id(), TWO.id(), ONE.id(), TWO.id()), chosen);
    assignments.remove("r1");
    assertEquals(TWO.id(), give("r5"));
  }

  @Test
  void anotherAssignmentTakesTheLoadFromTheFormerWorker() {
    assignments.setWorkers(List.of(ONE, TWO));
    give("a");

    assignments.put(new Resource("2", "a", Resource.assignee(TWO), 2));

    assertEquals(0, assignments.load(ONE));
    assertEquals(1, assignments.load(TWO));
    assertEquals(1, assignments.size());
  }

  @Test
  void aWorkerOnAnotherPortIsAnother() {
    assignments.setWorkers(List.of(ONE));
    give("a");

    assignments.setWorkers(List.of(Node.of(ONE.id(), "127.0.0.1:1")));

    assertEquals(List.of("a"), assignments.homeless().stream().map(Resource::name).toList());
  }
}
