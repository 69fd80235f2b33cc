// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.codec;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.Any;
import com.google.protobuf.DynamicMessage;
import com.google.protobuf.FieldMask;
import com.google.protobuf.StringValue;
import com.google.protobuf.Timestamp;
import dev.vertxmicro.codec.sample.Sample;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonObject;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** JSON of Protobuf messages, as go-micro before and after v5.14 writes it. */
class ProtoJsonTest {

  private final Codec codec = new JsonCodec();

  @Test
  void writesProtobufsJson() {
    JsonObject json = new JsonObject(codec.encode(Samples.full()));

    assertEquals("127.0.0.1:1", json.getString("servedBy"));
    assertEquals("-9223372036854775808", json.getValue("bigNumber"));
    assertEquals("18446744073709551615", json.getValue("hugeNumber"));
    assertEquals("GREEN", json.getValue("colour"));
    assertEquals("1970-01-01T00:00:05.000000007Z", json.getValue("at"));
    assertEquals("-2.500s", json.getValue("took"));
    assertEquals("x", json.getValue("textValue"));
    assertEquals("servedBy,child.bigNumber", json.getValue("mask"));
    assertEquals("//79AA==", json.getValue("payload"));
    assertEquals("{}", codec.encode(Sample.getDefaultInstance()).toString());
  }

  @Test
  void readsNamesInSnakeCaseAndInCamelCase() {
    Sample named = Sample.newBuilder().setServedBy("x").setBigNumber(5).build();

    assertEquals(named, sample("{\"servedBy\":\"x\",\"bigNumber\":\"5\"}"));
    assertEquals(named, sample("{\"served_by\":\"x\",\"big_number\":5,\"not_known\":{\"a\":1}}"));
  }

  /** As encoding/json of Go writes the generated struct: checked by eye against the Go types. */
  @Test
  void readsTheJsonOfAGoStruct() {
    Sample read =
        sample(
            """
            {"served_by":"127.0.0.1:1","big_number":-9223372036854775808,
             "huge_number":18446744073709551615,"small_number":-3,"ratio":0.1,"is_on":true,
             "payload":"//79AA==","colour":2,"colours":[1,0],"big_numbers":[1152921504606846976],
             "counts":{"a_b":36028797018963968},"seen":{"x":{"seconds":5,"nanos":7}},
             "parts":{"7":{"served_by":"part","at":{"seconds":5,"nanos":7},"PickedOne":null}},
             "child":{"served_by":"part","at":{"seconds":5,"nanos":7},"PickedOne":null},
             "children":[{"served_by":"part","at":{"seconds":5,"nanos":7},"PickedOne":null},
               {"PickedOne":null}],
             "at":{"seconds":5,"nanos":7},"times":[{"seconds":5,"nanos":7},{}],
             "took":{"seconds":-2,"nanos":-500000000},
             "mask":{"paths":["served_by","child.big_number"]},
             "text_value":{"value":"x"},"bytes_value":{"value":"eA=="},"bool_value":{"value":true},
             "int64_value":{"value":1152921504606846976},
             "uint64_value":{"value":18446744073709551615},"int32_value":{"value":-1},
             "uint32_value":{"value":7},"double_value":{"value":0.5},"float_value":{"value":1.5},
             "struct":{"served_by":"kept"},"PickedOne":{"ByTime":{"seconds":5,"nanos":7}},
             "nick_name":""}
            """);

    assertEquals(Samples.full(), read);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{\"PickedOne\":{\"ByName\":\"x\"}}|x",
        "{\"byName\":\"x\"}|x",
        "{\"by_name\":\"x\"}|x",
        "{\"PickedOne\":{\"ByPart_2\":{\"PickedOne\":{\"ByName\":\"inner\"}}}}|inner",
        "{\"PickedOne\":null}|''",
        "{\"PickedOne\":{\"Other\":1}}|''",
        "{\"picked_one\":{\"ByName\":\"x\"}}|''",
      })
  void readsOneofsUnderTheirGoNames(String json, String name) {
    Sample read = sample(json);

    assertEquals(name, (read.hasByPart2() ? read.getByPart2() : read).getByName());
  }

  @ParameterizedTest
  @CsvSource({
    "kind, Kind",
    "served_by, ServedBy",
    "by_part_2, ByPart_2",
    "by2part, By2Part",
    "_x, XX",
    "a__b, A_B",
    "a_B, A_B",
    "aB_, AB_",
    "URL, URL",
  })
  void namesGoFieldsAsTheirGenerator(String name, String goName) {
    assertEquals(goName, GoStructJson.goName(name));
  }

  @Test
  void readsWrappersWhoseZeroValueGoLeftOut() {
    Sample read =
        sample(
            "{\"text_value\":{},\"bytes_value\":{},\"bool_value\":{},\"int64_value\":{},"
                + "\"double_value\":{}}");

    assertTrue(read.hasTextValue() && read.hasBytesValue() && read.hasBoolValue());
    assertTrue(read.hasInt64Value() && read.hasDoubleValue());
    assertEquals("", read.getTextValue().getValue());
    assertEquals(0, read.getDoubleValue().getValue());
  }

  @Test
  void readsMessagesThatAreOnlyATimeOrAWrapper() {
    Timestamp time = Timestamp.newBuilder().setSeconds(5).build();

    assertEquals(time, read("{\"seconds\":5}", TypeRef.of(Timestamp.class)));
    assertEquals(time, read("\"1970-01-01T00:00:05Z\"", TypeRef.of(Timestamp.class)));
    assertEquals(StringValue.of("x"), read("{\"value\":\"x\"}", TypeRef.of(StringValue.class)));
    assertEquals(StringValue.of("x"), read("\"x\"", TypeRef.of(StringValue.class)));
    assertEquals(
        FieldMask.newBuilder().addPaths("a_b").build(),
        read("\"aB\"", TypeRef.of(FieldMask.class)));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "null", "{}", " {} \n"})
  void readsNothingAsTheEmptyMessage(String body) {
    assertEquals(Sample.getDefaultInstance(), sample(body));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "[]",
        "5",
        "\"x\"",
        "{\"big_number\":\"x\"}",
        "{\"big_number\":1.5}",
        "{\"small_number\":3000000000}",
        "{\"at\":{\"seconds\":\"5\"}}",
        "{\"at\":{\"seconds\":1e30}}",
        "{\"at\":{\"seconds\":253402300800}}",
        "{\"took\":{\"seconds\":5,\"nanos\":-1}}",
        "{\"took\":{\"nanos\":4294967296}}",
        "{\"children\":[null]}",
        "{\"payload\":\"!\"}",
        "{\"served_by\":\"x\"",
        "{\"served_by\":\"x\"}{}",
        "{\"any\":{\"type_url\":\"type.googleapis.com/sample.Sample\",\"value\":\"\"}}",
      })
  void refusesWhatIsNeither(String body) {
    assertThrows(CodecException.class, () -> sample(body));
  }

  @ParameterizedTest
  @ValueSource(ints = {150, 900, 5_000})
  void refusesMessagesThatAreTooDeep(int levels) {
    String deep = "{\"child\":".repeat(levels) + "{}" + "}".repeat(levels);

    assertThrows(CodecException.class, () -> sample(deep));
  }

  @Test
  void readsMessagesInsideOfOtherValues() {
    record Page(List<Sample> samples, Map<String, Timestamp> times, Timestamp absent) {}
    Page page =
        new Page(
            List.of(Samples.full()),
            Map.of("a", Timestamp.newBuilder().setSeconds(5).build()),
            null);

    assertEquals(page, read(codec.encode(page).toString(), TypeRef.of(Page.class)));
    assertEquals(
        List.of(StringValue.of("x"), StringValue.of("y")),
        read("[\"x\",{\"value\":\"y\"}]", new TypeRef<List<StringValue>>() {}));
  }

  @Test
  void writesDynamicMessages() {
    DynamicMessage dynamic = DynamicMessage.newBuilder(Samples.full()).build();

    assertEquals(codec.encode(Samples.full()), codec.encode(dynamic));
  }

  @Test
  void doesNotWriteTypesItDoesNotKnow() {
    Sample packed = Sample.newBuilder().setAny(Any.pack(StringValue.of("x"))).build();

    CodecException refused = assertThrows(CodecException.class, () -> codec.encode(packed));

    assertTrue(refused.getMessage().contains("StringValue"), refused.getMessage());
  }

  private Sample sample(String json) {
    return read(json, TypeRef.of(Sample.class));
  }

  private <T> T read(String json, TypeRef<T> type) {
    return codec.decode(Buffer.buffer(json), type);
  }
}
