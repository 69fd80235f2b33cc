// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.protoc;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.DescriptorProtos.FileDescriptorProto;
import com.google.protobuf.DescriptorProtos.FileDescriptorSet;
import com.google.protobuf.compiler.PluginProtos.CodeGeneratorRequest;
import com.google.protobuf.compiler.PluginProtos.CodeGeneratorResponse;
import com.google.protobuf.compiler.PluginProtos.CodeGeneratorResponse.File;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What the plug-in answers to what protoc itself made of src/test/protobuf. */
class StubPluginTest {

  private static CodeGeneratorRequest request(String file, String parameter) throws IOException {
    try (InputStream descriptors = StubPluginTest.class.getResourceAsStream("/shop.descriptors")) {
      return CodeGeneratorRequest.newBuilder()
          .addFileToGenerate(file)
          .setParameter(parameter)
          .addAllProtoFile(FileDescriptorSet.parseFrom(descriptors).getFileList())
          .build();
    }
  }

  private static Map<String, String> written(String file, String parameter) throws IOException {
    CodeGeneratorResponse answer = StubPlugin.answer(request(file, parameter));
    assertEquals("", answer.getError());
    Map<String, String> written = new LinkedHashMap<>();
    for (File one : answer.getFileList()) {
      written.put(one.getName(), one.getContent());
    }
    return written;
  }

  private static String error(String file, String parameter) throws IOException {
    CodeGeneratorResponse answer = StubPlugin.answer(request(file, parameter));
    assertEquals(List.of(), answer.getFileList());
    return answer.getError();
  }

  private static String golden(String name) throws IOException {
    try (InputStream text = StubPluginTest.class.getResourceAsStream("/golden/" + name + ".txt")) {
      return new String(text.readAllBytes(), UTF_8);
    }
  }

  @Test
  void writesAnInterfaceForEachService() throws Exception {
    Map<String, String> written = written("shop/shop.proto", "");

    assertEquals(
        List.of("com/example/shop/Shop.java", "com/example/shop/ticker.java"),
        List.copyOf(written.keySet()));
    assertEquals(golden("Shop"), written.get("com/example/shop/Shop.java"));
    assertEquals(golden("ticker"), written.get("com/example/shop/ticker.java"));
  }

  @Test
  void writesCallsThatBlockWhereThatIsWanted() throws Exception {
    Map<String, String> written = written("shop/shop.proto", "blocking");

    assertEquals(
        List.of(
            "com/example/shop/Shop.java",
            "com/example/shop/BlockingShop.java",
            "com/example/shop/ticker.java"),
        List.copyOf(written.keySet()));
    assertEquals(golden("BlockingShop"), written.get("com/example/shop/BlockingShop.java"));
  }

  @Test
  void writesPathsWhereTheyAreWanted() throws Exception {
    String written = written("shop/shop.proto", "paths").get("com/example/shop/Shop.java");

    assertTrue(written.contains("@RpcMethod(\"/go.micro.srv.shop.Shop/Buy\")"), written);
    assertTrue(
        written.contains("value = \"/go.micro.srv.shop.Shop/get_stock\",\n      idempotent = true"),
        written);
  }

  @Test
  void findsClassesWithoutOptionsOfJava() throws Exception {
    assertEquals(golden("Plain"), written("shop/plain_names.proto", "").get("plain/v1/Plain.java"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        "''; go.micro.srv.shop; go.micro.srv.shop",
        "name=shop; shop; shop",
        "name:go.micro.srv.shop.Shop=a.shop; a.shop; go.micro.srv.shop",
        "name=all, name:go.micro.srv.shop.ticker=ticks,; all; ticks"
      })
  void namesTheServiceInTheRegistry(String parameter, String shop, String ticker) throws Exception {
    Map<String, String> written = written("shop/shop.proto", parameter);

    assertTrue(written.get("com/example/shop/Shop.java").contains("@RpcService(\"" + shop + "\")"));
    assertTrue(
        written.get("com/example/shop/ticker.java").contains("@RpcService(\"" + ticker + "\")"));
  }

  @Test
  void aFileWithoutPackageNamesItsServiceInLowerCase() throws Exception {
    CodeGeneratorRequest request = request("shop/plain_names.proto", "");
    FileDescriptorProto plain =
        request.getProtoFileList().stream()
            .filter(file -> file.getName().equals("shop/plain_names.proto"))
            .findFirst()
            .orElseThrow();
    String bare = plain.toBuilder().clearPackage().build().toString().replace(".plain.v1.", ".");
    FileDescriptorProto.Builder without = FileDescriptorProto.newBuilder();
    com.google.protobuf.TextFormat.merge(bare, without);

    File file =
        StubPlugin.answer(request.toBuilder().clearProtoFile().addProtoFile(without).build())
            .getFile(0);

    assertEquals("Plain.java", file.getName());
    assertTrue(file.getContent().contains("@RpcService(\"plain\")"), file::getContent);
    assertFalse(file.getContent().contains("package "), file::getContent);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        "nmae=shop; parameter: 'nmae=shop' (expected: name=..., name:<package>.<Service>=..., paths or blocking)",
        "name=; parameter: 'name=' (expected: a name in the registry behind =)",
        "name:a.B; parameter: 'name:a.B' (expected: a name in the registry behind =)"
      })
  void refusesParametersThatItDoesNotKnow(String parameter, String error) throws Exception {
    assertEquals(error, error("shop/shop.proto", parameter));
  }

  @Test
  void refusesMethodsThatJavaCouldNotTellApart() throws Exception {
    assertEquals(
        "shop/twice.proto: Twice.get_user and GetUser have the same name in Java (expected: names"
            + " that differ in more than _)",
        error("shop/twice.proto", ""));
  }

  @Test
  void speaksWithProtocByItsStandardStreams() throws Exception {
    InputStream in = System.in;
    PrintStream out = System.out;
    ByteArrayOutputStream answered = new ByteArrayOutputStream();
    CodeGeneratorRequest request = request("shop/shop.proto", "");
    try {
      System.setIn(new ByteArrayInputStream(request.toByteArray()));
      System.setOut(new PrintStream(answered, true, UTF_8));
      StubPlugin.main(new String[0]);
    } finally {
      System.setIn(in);
      System.setOut(out);
    }

    CodeGeneratorResponse answer = CodeGeneratorResponse.parseFrom(answered.toByteArray());
    assertEquals(StubPlugin.answer(request), answer);
    assertEquals(3L, answer.getSupportedFeatures());
  }
}
