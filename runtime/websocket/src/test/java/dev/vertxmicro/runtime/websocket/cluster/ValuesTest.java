// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.websocket.cluster;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.vertxmicro.codec.JsonCodec;
import dev.vertxmicro.codec.TypeRef;
import io.vertx.core.buffer.Buffer;
import java.util.List;
import org.junit.jupiter.api.Test;

class ValuesTest {

  private final JsonCodec codec = new JsonCodec();

  private <T> T read(Class<T> type, String json) {
    return codec.decode(Buffer.buffer(json), TypeRef.of(type));
  }

  @Test
  void writesRequestsAsTheClusterReadsThem() {
    assertEquals(
        "{\"name\":\"a\",\"cmd\":\"/b\",\"args\":[\"c\"]}",
        codec.encode(new Run("a", "/b", List.of("c"))).toString());
    assertEquals("{\"instance_id\":\"i\"}", codec.encode(new InstanceRef("i")).toString());
    assertEquals(
        "{\"instance_id\":\"i\",\"lines\":0}", codec.encode(new JournalQuery("i", 0)).toString());
    assertEquals("{}", codec.encode(new ListQuery()).toString());
  }

  @Test
  void readsRepliesAsTheClusterWritesThem() {
    assertEquals(new Started("i-7"), read(Started.class, "{\"instance_id\":\"i-7\",\"err\":\"\"}"));
    assertEquals(new Started("7"), read(Started.class, "{\"instance_id\":7}"));
    assertEquals(
        new Status("Finished", "exit 0", "a"),
        read(
            Status.class,
            "{\"status\":\"Finished\",\"status_detail\":\"exit 0\",\"name\":\"a\",\"err\":null}"));
    assertEquals(new Journal("x\n"), read(Journal.class, "{\"journal\":\"x\\n\"}"));
    assertEquals(new Output("x"), read(Output.class, "{\"msg\":\"x\"}"));
    assertEquals(new Done(), read(Done.class, "{\"err\":\"\"}"));
    assertEquals(
        new Instances(List.of(new Instance("i", "a", "/b", List.of("c"), "Running", "pid 1"))),
        read(
            Instances.class,
            "{\"instances\":[{\"instance_id\":\"i\",\"name\":\"a\",\"cmd\":\"/b\",\"args\":[\"c\"],"
                + "\"status\":\"Running\",\"status_detail\":\"pid 1\"}]}"));
  }

  @Test
  void takesWhatIsMissingForEmpty() {
    assertEquals("", read(Started.class, "{}").instanceId());
    assertEquals(List.of(), read(Instances.class, "{}").instances());
    assertEquals(
        new Instance("", "", "", List.of(), "", ""),
        read(Instances.class, "{\"instances\":[{}]}").instances().get(0));
    assertEquals(new Status("", "", ""), read(Status.class, "{}"));
    assertEquals("", read(Journal.class, "{}").journal());
    assertEquals("", read(Output.class, "{}").msg());
    assertTrue(new Status(Status.FINISHED, null, null).hasFinished());
  }

  @Test
  void checksRequests() {
    assertThrows(IllegalArgumentException.class, () -> new JournalQuery("i", -1));
    assertThrows(NullPointerException.class, () -> new InstanceRef(null));
  }

  @Test
  void printsNoArguments() {
    Run run = new Run("a", "/b", List.of("--token", "secret"));
    Instance instance = new Instance("i", "a", "/b", run.args(), "Running", "");

    assertFalse((run + " " + instance).contains("secret"));
    assertTrue(run.toString().contains("args=2"), run.toString());
  }
}
