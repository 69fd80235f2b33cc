// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.errors;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;

import java.nio.charset.StandardCharsets;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PercentEncodingTest {

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      ignoreLeadingAndTrailingWhitespace = false,
      value = {
        "Not Found|Not Found",
        "100%|100%25",
        "a+b=c & d|a+b=c & d",
        "café|caf%C3%A9",
        "\t|%09",
        "\u007f|%7F",
        "日本|%E6%97%A5%E6%9C%AC",
        "😀|%F0%9F%98%80",
        " ~| ~",
      })
  void encodesWhatGrpcAsksFor(String text, String encoded) {
    assertEquals(encoded, PercentEncoding.encode(text));
  }

  @Test
  void encodesLineBreaks() {
    assertEquals("a%0D%0Ab%00", PercentEncoding.encode("a\r\nb\0"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      ignoreLeadingAndTrailingWhitespace = false,
      value = {
        "plain text|plain text",
        "a+b|a+b",
        "caf%C3%A9|café",
        "caf%c3%a9|café",
        "100%|100%",
        "100%2|100%2",
        "%zz%20%|%zz %",
        "%٢٣|%٢٣",
        "%E6%97%A5|日",
        "日本%21|日本!",
        "%FF|\ufffd",
      })
  void decodesAndLeavesWhatIsNoEscape(String value, String text) {
    assertEquals(text, PercentEncoding.decode(value));
  }

  @Test
  void readsRawUtf8ThatAParserHandedOverAsLatin1() {
    String raw = new String("für 日本".getBytes(StandardCharsets.UTF_8), StandardCharsets.ISO_8859_1);

    assertEquals("für 日本", PercentEncoding.decode(raw));
  }

  @Test
  void returnsTextWithoutEscapesItself() {
    String text = new String("connection refused");

    assertSame(text, PercentEncoding.encode(text));
    assertSame(text, PercentEncoding.decode(text));
  }

  @Test
  void decodesWhatItEncodes() {
    Random random = new Random(7);
    for (int round = 0; round < 2_000; round++) {
      String text =
          random
              .ints(random.nextInt(20), 0, Character.MAX_CODE_POINT)
              .filter(point -> point < Character.MIN_SURROGATE || point > Character.MAX_SURROGATE)
              .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
              .toString();

      assertEquals(text, PercentEncoding.decode(PercentEncoding.encode(text)));
    }
  }

  @Test
  void decodesAnyLatin1WithoutThrowing() {
    Random random = new Random(8);
    for (int round = 0; round < 2_000; round++) {
      byte[] bytes = new byte[random.nextInt(12)];
      random.nextBytes(bytes);
      String value = new String(bytes, StandardCharsets.ISO_8859_1).replace('\0', '%');

      String text = PercentEncoding.decode(value);

      assertEquals(text, PercentEncoding.decode(PercentEncoding.encode(text)));
    }
  }
}
