// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.registry;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.vertxmicro.codec.CodecException;
import dev.vertxmicro.time.FakeTimeSource;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonObject;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ServiceJsonTest {

  private static final String WHERE = "etcd /micro/registry/greeter/a";

  private static final Service GREETER =
      Service.builder("greeter")
          .version("1.2")
          .metadata("team", "a \"quoted\" ü")
          .endpoint(
              new Endpoint(
                  "Greeter.Hello",
                  new Value(
                      "HelloRequest",
                      "HelloRequest",
                      List.of(new Value("names", "[]string", List.of()))),
                  null,
                  Map.of("stream", "true")))
          .node(Node.builder("greeter-1", "127.0.0.1:9000").protocol("grpc").build())
          .node(Node.of("greeter-2", "[::1]:9000"))
          .build();

  private final RecordedLog log = new RecordedLog();
  private final Complaints complaints = new Complaints(log, new FakeTimeSource());

  private Service read(String json) {
    return ServiceJson.read(Buffer.buffer(json), WHERE, complaints);
  }

  private static String quoted(String json) {
    return json.replace('\'', '"');
  }

  private String refused(Buffer json) {
    return assertThrows(CodecException.class, () -> ServiceJson.read(json, WHERE, complaints))
        .getMessage();
  }

  @Test
  void whatIsWrittenIsReadBack() {
    assertEquals(GREETER, ServiceJson.read(ServiceJson.write(GREETER), WHERE, complaints));
    Endpoint endpoint = GREETER.endpoints().get(0);
    assertEquals(
        endpoint, ServiceJson.readEndpoint(ServiceJson.write(endpoint), WHERE, complaints));
    Map<String, String> metadata = Map.of("protocol", "grpc", "", "empty key");
    assertEquals(
        metadata, ServiceJson.readMetadata(ServiceJson.write(metadata), WHERE, complaints));
    assertEquals(List.of(), log.warnings());
  }

  @Test
  void formIsThatOfGoMicro() {
    Service service =
        Service.builder("greeter")
            .endpoint(
                new Endpoint(
                    "Greeter.Hello", null, new Value("Reply", "Reply", List.of()), Map.of()))
            .node(Node.builder("greeter-1", "127.0.0.1:9000").protocol("grpc").build())
            .build();

    assertEquals(
        quoted(
            "{'name':'greeter','version':'latest','metadata':{},'endpoints':[{'name':"
                + "'Greeter.Hello','request':null,'response':{'name':'Reply','type':'Reply',"
                + "'values':[]},'metadata':{}}],'nodes':[{'id':'greeter-1','address':"
                + "'127.0.0.1:9000','metadata':{'protocol':'grpc'}}]}"),
        ServiceJson.write(service).toString());
  }

  @Test
  void entryOfGoMicroIsRead() {
    // As a go-micro v5 service writes it; Go writes nil maps and slices as null.
    Service service =
        read(
            quoted(
                "{'name':'helloworld','version':'latest','metadata':null,'endpoints':[{'name':"
                    + "'Helloworld.Call','request':{'name':'CallRequest','type':'CallRequest',"
                    + "'values':[{'name':'name','type':'string','values':null}]},'response':null,"
                    + "'metadata':{}}],'nodes':[{'metadata':{'broker':'http','protocol':'grpc',"
                    + "'registry':'etcd','server':'grpc','transport':'grpc'},"
                    + "'id':'helloworld-1d5ab2f1','address':'192.0.2.7:40961'}]}"));

    assertEquals("helloworld", service.name());
    assertEquals("latest", service.version());
    assertEquals(
        new Value("CallRequest", "CallRequest", List.of(new Value("name", "string", List.of()))),
        service.endpoints().get(0).request());
    assertEquals("grpc", service.nodes().get(0).protocol());
    assertEquals("192.0.2.7:40961", service.nodes().get(0).address());
    assertEquals(List.of(), log.warnings());
  }

  @Test
  void namesOfFieldsMayBeInAnyCaseAsInGo() {
    Service service =
        read(
            quoted(
                "{'Name':'greeter','VERSION':'1','Metadata':{'Key':'v'},"
                    + "'Nodes':[{'Id':'a','Address':'h:1'}],'Endpoints':[{'Name':'G.H'}]}"));

    assertEquals(
        Service.builder("greeter")
            .version("1")
            .metadata("Key", "v")
            .node(Node.of("a", "h:1"))
            .endpoint("G.H")
            .build(),
        service);
  }

  @Test
  void absentNullAndUnknownFieldsAreNoFault() {
    Service bare = Service.builder("greeter").version("").build();

    assertEquals(bare, read(quoted("{'name':'greeter'}")));
    assertEquals(
        bare,
        read(
            quoted(
                "{'name':'greeter','version':null,'metadata':null,'endpoints':null,'nodes':null,"
                    + "'domain':{'deep':[1,2,{'x':null}]},'ttl':1e400}")));
    assertEquals(List.of(), log.warnings());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '"',
      value = {
        "{'id':'a'}                          | node a: no address",
        "{'address':'h:1'}                   | node without an id",
        "{'id':'a','address':'h:99999'}      | node a: address h:99999",
        "{'id':'a','address':17}             | address of a node: no string",
        "{'id':{},'address':'h:1'}           | id of a node: no string",
        "'a'                                 | node: no object",
        "[{'id':'a','address':'h:1'}]        | node: no object",
        "{'id':'good','address':'h:2'}       | node good comes twice"
      })
  void malformedNodeIsLeftOutAndTheRestIsServed(String node, String complaint) {
    String json =
        quoted("{'name':'greeter','nodes':[{'id':'good','address':'h:1'}," + node + ",null]}");

    assertEquals(List.of(Node.of("good", "h:1")), read(json).nodes());
    assertEquals(List.of(Node.of("good", "h:1")), read(json).nodes());

    List<String> warnings = log.warnings();
    assertTrue(warnings.get(0).startsWith(WHERE + ": " + complaint), warnings.toString());
    assertEquals(warnings.stream().distinct().toList(), warnings);
  }

  @Test
  void valuesOfAWrongTypeAreLeftOut() {
    Service service =
        read(
            quoted(
                "{'name':'greeter','version':2,'metadata':{'a':'b','n':1,'o':{'x':[]},'z':null},"
                    + "'endpoints':[{'name':''},7,{'name':'G.H','request':'x','metadata':[]}],"
                    + "'nodes':{'id':'a'}}"));

    assertEquals(
        Service.builder("greeter")
            .version("")
            .metadata("a", "b")
            .metadata("z", "")
            .endpoint("G.H")
            .build(),
        service);
    assertEquals(7, log.warnings().size(), log.warnings().toString());
  }

  @Test
  void hugeValuesAreLeftOut() {
    String huge = "x".repeat(ServiceJson.MAX_METADATA_VALUE + 1);
    Map<String, Object> many = new HashMap<>();
    for (int i = 0; i < 1_000; i++) {
      many.put("k" + i, "v");
    }
    JsonObject json =
        new JsonObject()
            .put("name", "greeter")
            .put("version", huge)
            .put("metadata", new JsonObject(many))
            .put(
                "nodes",
                List.of(
                    Map.of("id", huge, "address", "h:1"),
                    Map.of("id", "a", "address", "h:1", "metadata", Map.of("k", "v", "h", huge)),
                    Map.of("id", "b", "address", huge)));

    Service service = read(json.encode());

    assertEquals("", service.version());
    assertEquals(ServiceJson.MAX_METADATA, service.metadata().size());
    assertEquals(List.of(Node.builder("a", "h:1").metadata("k", "v").build()), service.nodes());
    log.warnings().forEach(line -> assertTrue(line.length() < 700, line));
  }

  @Test
  void hugeKeysAreLeftOutOrRefused() {
    String json = "{'name':'greeter','metadata':{'%s':'v','k':'v'}}";

    Service service = read(quoted(json.formatted("x".repeat(ServiceJson.MAX_NAME + 1))));
    assertEquals(Map.of("k", "v"), service.metadata());

    Buffer huge = Buffer.buffer(quoted(json.formatted("x".repeat(100_000))));
    assertTrue(refused(huge).contains("exceeds its limit"));
  }

  @Test
  void endpointsAndTheirFieldsAreBounded() {
    String fields = "{},".repeat(ServiceJson.MAX_VALUES);
    Service service =
        read(
            quoted(
                "{'name':'greeter','endpoints':["
                    + "{'name':'A','request':{'values':["
                    + fields
                    + "{}]},'response':{}},"
                    + "{'name':'B'},".repeat(ServiceJson.MAX_ENDPOINTS)
                    + "{'name':'C'}],'nodes':[{'id':'a','address':'h:1'}]}"));

    assertEquals(ServiceJson.MAX_ENDPOINTS, service.endpoints().size());
    assertEquals(ServiceJson.MAX_VALUES - 1, service.endpoints().get(0).request().values().size());
    assertEquals(1, service.nodes().size());
    assertEquals(2, log.warnings().size());
  }

  @ParameterizedTest
  @ValueSource(strings = {"", " ", "null", "7", "'x'", "[]", "{}", "{'name':''}", "{'name':null}"})
  void whatIsNoServiceIsRefusedByName(String json) {
    String message = refused(Buffer.buffer(quoted(json)));

    assertTrue(message.startsWith(WHERE + ": "), message);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '"',
      value = {
        "{'name':'greeter'     | ends too early, after 17 bytes",
        "{'name':'gre          | ends too early, after 12 bytes",
        "{'name':tru}          | not JSON at byte 1",
        "{'name':'a',}         | not JSON at byte 1",
        "{name:'a'}            | not JSON at byte 1",
        "{'name':'a'}{}        | more after the end",
        "<html>                | not JSON at byte 0"
      })
  void whatIsNotJsonIsRefusedWithItsPlace(String json, String why) {
    String message = refused(Buffer.buffer(quoted(json)));

    assertTrue(message.startsWith(WHERE + ": ") && message.contains(why), message);
  }

  @Test
  void contentIsNotQuotedInAFailure() {
    String message = refused(Buffer.buffer(quoted("{'name':'a','metadata':{'k':secret}}")));

    assertTrue(!message.contains("secret"), message);
  }

  @Test
  void bytesThatAreNoUtf8AreRefused() {
    byte[] json = "{\"name\":\"gr?eter\"}".getBytes(StandardCharsets.UTF_8);
    json[11] = (byte) 0xff;

    assertTrue(refused(Buffer.buffer(json)).contains("not JSON"));
  }

  @Test
  void depthAndSizeAreBounded() {
    String deep = "{\"name\":\"greeter\",\"x\":" + "[".repeat(100_000);
    assertTrue(refused(Buffer.buffer(deep)).contains("exceeds its limit"));

    Buffer huge = Buffer.buffer(" ".repeat(ServiceJson.MAX_BYTES + 1));
    assertEquals(WHERE + ": 1048577 bytes (expected: at most 1048576)", refused(huge));
  }

  @Test
  void whatNobodyCouldReadIsNotWritten() {
    Service huge = Service.builder("greeter").metadata("k", "x".repeat(1 << 20)).build();

    String message = assertThrows(CodecException.class, () -> ServiceJson.write(huge)).getMessage();
    assertTrue(message.startsWith("service greeter: 10"), message);
  }

  @Test
  void endpointWithoutANameAndMetadataThatIsNoObjectAreRefused() {
    for (String json : List.of("{}", "null", "7", "{\"name\":7}")) {
      assertThrows(
          CodecException.class,
          () -> ServiceJson.readEndpoint(Buffer.buffer(json), WHERE, complaints));
    }
    for (String json : List.of("null", "[]", "\"x\"")) {
      assertThrows(
          CodecException.class,
          () -> ServiceJson.readMetadata(Buffer.buffer(json), WHERE, complaints));
    }
  }

  @Test
  void everyMutationIsReadOrRefusedWithTheOneException() {
    SplittableRandom random = new SplittableRandom(42);
    byte[] seed = ServiceJson.write(GREETER).getBytes();
    String tokens = "{}[]\":,0-e.\\unltrfas\u0000\u007f";
    int read = 0;
    int refused = 0;
    for (int round = 0; round < 20_000; round++) {
      byte[] mutant = mutate(seed, tokens, random);
      try {
        Service service = ServiceJson.read(Buffer.buffer(mutant), WHERE, complaints);
        ServiceJson.read(ServiceJson.write(service), WHERE, complaints);
        service.nodes().forEach(n -> assertTrue(NodeFault.find(n.id(), n.address()).isEmpty()));
        read++;
      } catch (CodecException malformed) {
        assertTrue(malformed.getMessage().startsWith(WHERE), malformed.getMessage());
        refused++;
      }
    }

    assertTrue(read > 1_000 && refused > 1_000, read + " read, " + refused + " refused");
    assertTrue(log.warnings().size() <= Complaints.MOST + 1, "unbounded complaints");
  }

  /** Changes, removes, repeats or cuts a few bytes. */
  private static byte[] mutate(byte[] seed, String tokens, SplittableRandom random) {
    Buffer mutant = Buffer.buffer(seed);
    int changes = 1 + random.nextInt(4);
    for (int i = 0; i < changes && mutant.length() > 1; i++) {
      int at = random.nextInt(mutant.length());
      int until = Math.min(mutant.length(), at + 1 + random.nextInt(40));
      switch (random.nextInt(6)) {
        case 0 -> mutant.setByte(at, (byte) random.nextInt(256));
        case 1, 2 -> mutant.setByte(at, (byte) tokens.charAt(random.nextInt(tokens.length())));
        case 3 ->
            mutant =
                Buffer.buffer()
                    .appendBuffer(mutant.slice(0, at))
                    .appendBuffer(mutant.slice(until, mutant.length()));
        case 4 ->
            mutant =
                Buffer.buffer()
                    .appendBuffer(mutant.slice(0, until))
                    .appendBuffer(mutant.slice(at, mutant.length()));
        default -> mutant = random.nextInt(10) == 0 ? mutant.slice(0, at) : mutant;
      }
    }
    return mutant.getBytes();
  }
}
