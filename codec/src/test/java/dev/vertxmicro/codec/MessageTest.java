// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.codec;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.vertxmicro.metadata.Metadata;
import io.vertx.core.buffer.Buffer;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class MessageTest {

  private static final Message FULL =
      Message.request("greeter", "Greeter.Hello")
          .id("7")
          .headers(Metadata.of("x-key", "secret"))
          .trailers(Metadata.of("y", "2"))
          .contentType("application/json")
          .body(Buffer.buffer("{}"))
          .build();

  @Test
  void keepsWhatItWasBuiltFrom() {
    assertEquals(Message.Kind.REQUEST, FULL.kind());
    assertEquals("7", FULL.id());
    assertEquals("greeter", FULL.target());
    assertEquals("Greeter.Hello", FULL.endpoint());
    assertEquals("secret", FULL.headers().get("x-key"));
    assertEquals("2", FULL.trailers().get("y"));
    assertEquals("application/json", FULL.contentType());
    assertEquals("{}", FULL.body().toString());
  }

  @Test
  void isEmptyWhereNothingWasSaid() {
    Message reply = Message.reply().build();

    assertEquals(Message.Kind.REPLY, reply.kind());
    assertEquals("", reply.id() + reply.target() + reply.endpoint() + reply.contentType());
    assertEquals(Metadata.empty(), reply.headers());
    assertEquals(Metadata.empty(), reply.trailers());
    assertEquals(0, reply.body().length());
  }

  static Stream<UnaryOperator<Message.Builder>> changes() {
    return Stream.of(
        builder -> builder.id("8"),
        builder -> builder.headers(Metadata.empty()),
        builder -> builder.trailers(Metadata.empty()),
        builder -> builder.contentType("x/y"),
        builder -> builder.body(Buffer.buffer("[]")));
  }

  @ParameterizedTest
  @MethodSource("changes")
  void isEqualByValue(UnaryOperator<Message.Builder> change) {
    Message same = FULL.toBuilder().build();

    assertEquals(FULL, same);
    assertEquals(FULL.hashCode(), same.hashCode());
    assertNotEquals(FULL, change.apply(FULL.toBuilder()).build());
  }

  @Test
  void changesHeadersInACopy() {
    Message other = FULL.withHeaders(Metadata.of("a", "1"));

    assertEquals(Metadata.of("a", "1"), other.headers());
    assertEquals(FULL, other.withHeaders(FULL.headers()));
  }

  @Test
  void printsNeitherHeaderValuesNorBody() {
    assertEquals(
        "Message[REQUEST, id=7, target=greeter, endpoint=Greeter.Hello,"
            + " contentType=application/json, Metadata[x-key], body=2 bytes]",
        FULL.toString());
  }

  @Test
  void putsIdTopicAndContentTypeIntoTheHeadersOfAWireThatHasOnlyThose() {
    Message event =
        Message.event("news")
            .id("7")
            .contentType("application/json")
            .headers(Metadata.of("micro-topic", "forged", "X-Trace", "a", "x-trace", "b"))
            .build();

    Metadata wire = event.wireHeaders();

    assertEquals(
        Metadata.of(
            "X-Trace",
            "a",
            "x-trace",
            "b",
            "Micro-Id",
            "7",
            "Micro-Topic",
            "news",
            "Content-Type",
            "application/json"),
        wire);
    assertFalse(wire.toString().contains("micro-topic"), wire.toString());
    assertEquals(Metadata.empty(), Message.reply().build().wireHeaders());
  }

  @Test
  void readsIdTopicAndContentTypeFromTheHeadersOfAWire() {
    Message event =
        Message.event("news")
            .id("7")
            .contentType("application/json")
            .headers(Metadata.of("x-trace", "a"))
            .build();

    assertEquals(event, Message.received("subject", event.wireHeaders()).build());
    assertEquals(
        Message.event("subject").headers(Metadata.of("a", "1")).build(),
        Message.received("subject", Metadata.of("a", "1")).build());
    assertEquals("9", Message.received("s", Metadata.of("Micro-ID", "9")).build().id());
  }

  @Test
  void takesNoNulls() {
    assertThrows(NullPointerException.class, () -> Message.event(null));
    assertThrows(NullPointerException.class, () -> Message.reply().body(null));
    assertThrows(NullPointerException.class, () -> Message.reply().headers(null));
  }
}
