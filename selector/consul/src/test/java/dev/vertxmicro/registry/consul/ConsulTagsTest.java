// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.registry.consul;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.vertxmicro.errors.RpcException;
import dev.vertxmicro.registry.Complaints;
import dev.vertxmicro.registry.Endpoint;
import dev.vertxmicro.registry.Node;
import dev.vertxmicro.registry.RecordedLog;
import dev.vertxmicro.registry.Service;
import dev.vertxmicro.registry.ServiceJson;
import dev.vertxmicro.registry.Value;
import dev.vertxmicro.time.FakeTimeSource;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.zip.DeflaterOutputStream;
import org.junit.jupiter.api.Test;

class ConsulTagsTest {

  private static final String WHERE = "consul service greeter";

  /** What go-micro v4 and v5 write. */
  private static final String GO_VERSION = "v-789cca492c492d2e01040000ffff08cc028e";

  private static final String GO_PROTOCOL =
      "t-789caa562a28ca2fc94fcecf51b2524a2f2a4856aa05040000ffff468306d9";

  private static final String GO_NO_VERSION = "v-789c010000ffff00000001";

  private final RecordedLog log = new RecordedLog();
  private final Complaints complaints = new Complaints(log, new FakeTimeSource());

  private ConsulTagReader reader() {
    return new ConsulTagReader(complaints, 16 << 20);
  }

  private Map<String, String> metadata(String... tags) {
    return reader().metadata(List.of(tags), WHERE);
  }

  private String version(String... tags) {
    return reader().version(List.of(tags), WHERE);
  }

  private List<String> endpoints(String... tags) {
    return reader().endpoints(List.of(tags), WHERE).stream().map(Endpoint::name).toList();
  }

  static String hex(char letter, String content) {
    return hex(letter, content.getBytes(StandardCharsets.UTF_8));
  }

  private static String hex(char letter, byte[] content) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (DeflaterOutputStream out = new DeflaterOutputStream(bytes)) {
      out.write(content);
    } catch (IOException e) {
      throw new AssertionError(e);
    }
    return letter + "-" + HexFormat.of().formatHex(bytes.toByteArray());
  }

  @Test
  void whatIsWrittenIsRead() {
    Endpoint hello =
        new Endpoint(
            "Greeter.Hello",
            new Value("HelloRequest", "HelloRequest", List.of(new Value("n", "string", List.of()))),
            null,
            Map.of("stream", "true"));
    Service service =
        Service.builder("greeter").version("1.2 \u00e4").endpoint(hello).endpoint("B.C").build();
    Node node =
        Node.builder("a", "h:1").metadata(Map.of("zone", "\u00fc\n\"", "protocol", "grpc")).build();

    List<String> tags = ConsulTags.write(service, node);

    assertEquals(
        List.of('t', 't', 'e', 'e', 'v'), tags.stream().map(tag -> tag.charAt(0)).toList());
    assertEquals("1.2 \u00e4", reader().version(tags, WHERE));
    assertEquals(node.metadata(), reader().metadata(tags, WHERE));
    assertEquals(service.endpoints(), reader().endpoints(tags, WHERE));
    assertEquals(List.of(), log.warnings());
  }

  @Test
  void whatGoMicroWritesIsRead() {
    assertEquals("latest", version(GO_VERSION));
    assertEquals("latest", version(GO_VERSION.replace("ca", "CA").replace("ffff", "FFFF")));
    assertEquals("", version(GO_NO_VERSION));
    assertEquals(Map.of("protocol", "grpc"), metadata(GO_PROTOCOL));
  }

  @Test
  void oldPlainFormIsRead() {
    assertEquals("1.0.0", version("v=1.0.0"));
    assertEquals("", version("v="));
    assertEquals(Map.of("a", "1", "b", "2"), metadata("t={\"a\":\"1\"}", "t={\"b\":\"2\"}"));
    assertEquals(List.of("A.B"), endpoints("e={\"name\":\"A.B\"}"));
  }

  @Test
  void theFirstFormOfALetterFixesIt() {
    String a = hex('t', "{\"a\":\"1\"}");
    assertEquals(Map.of("a", "1"), metadata(a, "t={\"b\":\"2\"}"));
    assertEquals(Map.of("b", "2"), metadata("t={\"b\":\"2\"}", a));
    assertEquals(Map.of("a", "1"), metadata("e={\"name\":\"A.B\"}", a, "v=1"));
    assertEquals(List.of("A.B"), endpoints(hex('e', "{\"name\":\"A.B\"}"), "e={\"name\":\"C.D\"}"));
    assertEquals("latest", version(GO_VERSION, "v=1"));
    assertEquals("1", version("v=1", GO_VERSION));
  }

  @Test
  void tagsOfOthersMayStandAnywhere() {
    List<String> foreign =
        List.of(
            "t",
            "e",
            "v",
            "",
            "team",
            "edge",
            "vip",
            "t-shirt",
            "e-mail",
            "v-neck",
            "t-",
            "e-",
            "t=",
            "e=mc2",
            "t=0",
            "traefik.enable=true",
            "urlprefix-/",
            "T-00",
            "\u00e4");
    String endpoint = hex('e', "{\"name\":\"A.B\"}");
    List<String> tags = new ArrayList<>(foreign);
    Collections.addAll(tags, GO_PROTOCOL, endpoint, GO_VERSION);
    Random random = new Random(7);

    for (int round = 0; round < 200; round++) {
      Collections.shuffle(tags, random);

      assertEquals("latest", reader().version(tags, WHERE));
      assertEquals(Map.of("protocol", "grpc"), reader().metadata(tags, WHERE));
      assertEquals(1, reader().endpoints(tags, WHERE).size());
    }
    assertEquals(List.of(), log.warnings());
  }

  @Test
  void whatCannotBeReadIsLeftOutWithAComplaint() {
    String good = hex('t', "{\"a\":\"1\"}");
    String cut = good.substring(0, good.length() - 12);
    String noZlib = "t-0011";
    String noJson = hex('t', "{\"a\":");
    String noObject = hex('t', "[1]");
    String wrongSum = good.substring(0, good.length() - 2) + (good.endsWith("00") ? "01" : "00");

    assertEquals(
        Map.of("a", "1"), metadata(cut, noZlib, noJson, noObject, wrongSum, "t={\"a\":", good));

    // The old form is broken as the new one is, which is said once.
    assertEquals(5, log.warnings().size(), log.warnings()::toString);
    log.warnings().forEach(message -> assertTrue(message.contains(WHERE), message));
  }

  @Test
  void aVersionThatCannotBeReadLeavesTheNext() {
    assertEquals("latest", version("v-0011", GO_VERSION));
    assertEquals("latest", version(hex('v', "x".repeat(ServiceJson.MAX_NAME + 1)), GO_VERSION));
    assertEquals("", version("v-0011"));
    assertEquals(2, log.warnings().size());
  }

  @Test
  void aTagThatInflatesToTooMuchIsLeftOut() {
    byte[] much = new byte[ServiceJson.MAX_BYTES + 1];
    String bomb = hex('t', much);
    assertTrue(bomb.length() < 5_000);

    assertEquals(Map.of("protocol", "grpc"), metadata(bomb, GO_PROTOCOL));

    assertEquals(1, log.warnings().size());
  }

  @Test
  void anAnswerWhoseTagsInflateToTooMuchFails() {
    ConsulTagReader reader = new ConsulTagReader(complaints, 100_000);
    String large = hex('t', "{\"a\":\"" + "x".repeat(60_000) + "\"}");
    String other = hex('t', "{\"b\":\"" + "x".repeat(60_000) + "\"}");

    assertEquals(60_000, reader.metadata(List.of(large), WHERE).get("a").length());
    assertEquals(60_000, reader.metadata(List.of(large), WHERE).get("a").length());
    assertThrows(RpcException.class, () -> reader.metadata(List.of(large, other), WHERE));
  }

  @Test
  void metadataAndEndpointsAreBounded() {
    List<String> tags = new ArrayList<>();
    for (int i = 0; i <= ServiceJson.MAX_ENDPOINTS; i++) {
      tags.add("t={\"k" + i + "\":\"1\"}");
      tags.add("e={\"name\":\"A.B" + i + "\"}");
    }

    assertEquals(ServiceJson.MAX_METADATA, reader().metadata(tags, WHERE).size());
    assertEquals(ServiceJson.MAX_ENDPOINTS, reader().endpoints(tags, WHERE).size());
  }

  @Test
  void nothingThatStandsInATagBreaksTheReader() {
    List<String> seeds =
        List.of(
            GO_VERSION,
            GO_PROTOCOL,
            GO_NO_VERSION,
            hex('e', "{\"name\":\"A.B\",\"request\":{\"name\":\"R\",\"type\":\"R\"}}"),
            "t={\"a\":\"1\"}",
            "e={\"name\":\"A\"}",
            "v=1.0");
    Random random = new Random(42);

    for (int round = 0; round < 20_000; round++) {
      StringBuilder tag = new StringBuilder(seeds.get(random.nextInt(seeds.size())));
      for (int change = random.nextInt(4); change >= 0 && tag.length() > 0; change--) {
        int at = random.nextInt(tag.length());
        switch (random.nextInt(4)) {
          case 0 -> tag.setCharAt(at, "0123456789abcdef".charAt(random.nextInt(16)));
          case 1 -> tag.setCharAt(at, (char) random.nextInt(0x10000));
          case 2 -> tag.deleteCharAt(at);
          default -> tag.insert(at, tag.substring(random.nextInt(tag.length())));
        }
      }
      List<String> tags = List.of(tag.toString(), GO_PROTOCOL, GO_VERSION);
      ConsulTagReader reader = reader();
      Map<String, String> metadata = reader.metadata(tags, WHERE);
      reader.version(tags, WHERE);
      reader.endpoints(tags, WHERE);

      // The good tag survives, unless the changed one reads as the old form.
      assertTrue(
          metadata.containsKey("protocol") || tag.toString().startsWith("t="), tag::toString);
    }
  }
}
