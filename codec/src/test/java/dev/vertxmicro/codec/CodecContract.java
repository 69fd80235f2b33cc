// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.codec;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vertx.core.buffer.Buffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What every {@link Codec} keeps. One subclass per codec, plug-ins' codecs included. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
public abstract class CodecContract {

  /**
   * A value with the type it is asked for.
   *
   * @param <T> the type
   */
  public record Sample<T>(T value, TypeRef<T> type) {

    /** Returns the sample of a plain class. */
    public static <T> Sample<T> of(T value, Class<T> type) {
      return new Sample<>(value, TypeRef.of(type));
    }

    @Override
    public String toString() {
      return type.toString();
    }
  }

  /** Bytes that are not a value of the type. */
  public record Malformed(Buffer body, TypeRef<?> type) {

    @Override
    public String toString() {
      return body.length() + " bytes as " + type;
    }
  }

  /** Returns the codec; each call may return another. */
  protected abstract Codec codec();

  /** Returns values that come back equal; small and large ones. */
  protected abstract Stream<Sample<?>> samples();

  /** Returns values that the codec does not take. */
  protected abstract Stream<Object> foreignValues();

  /** Returns bodies it must refuse; empty if any bytes are fine. */
  protected abstract Stream<Malformed> malformed();

  @Test
  protected void namesItsContentTypesInLowerCaseWithoutParameters() {
    assertFalse(codec().contentTypes().isEmpty());
    for (String contentType : codec().contentTypes()) {
      assertEquals(contentType.toLowerCase(Locale.ROOT), contentType);
      assertTrue(contentType.matches("[^/;\\s]+/[^/;\\s]+"), contentType);
    }
  }

  @ParameterizedTest
  @MethodSource("samples")
  protected <T> void decodesWhatItEncodes(Sample<T> sample) {
    Buffer body = codec().encode(sample.value());

    assertDeepEquals(sample.value(), codec().decode(body, sample.type()));
  }

  @ParameterizedTest
  @MethodSource("samples")
  protected <T> void handlesWhatItEncodes(Sample<T> sample) {
    assertTrue(codec().handles(sample.type().type()), sample.type().toString());
    assertTrue(codec().handles(sample.value().getClass()), sample.value().getClass().toString());
  }

  @ParameterizedTest
  @MethodSource("samples")
  protected <T> void leavesTheBodyAsItIs(Sample<T> sample) {
    Buffer body = codec().encode(sample.value());
    Buffer before = body.copy();

    assertNotNull(codec().decode(body, sample.type()));

    assertEquals(before, body);
    assertEquals(before, codec().encode(sample.value()));
  }

  @ParameterizedTest
  @MethodSource("foreignValues")
  protected void refusesForeignValuesByNameOfTheirType(Object value) {
    CodecException refused = assertThrows(CodecException.class, () -> codec().encode(value));

    assertTrue(
        refused.getMessage().startsWith("value: " + value.getClass().getTypeName() + " ("),
        refused.getMessage());
  }

  @ParameterizedTest
  @MethodSource("foreignValues")
  protected void refusesToReadForeignTypes(Object value) {
    Buffer body = Buffer.buffer("{}");

    assertThrows(CodecException.class, () -> codec().decode(body, TypeRef.of(value.getClass())));
  }

  @ParameterizedTest
  @MethodSource("malformedOrNone")
  protected void refusesMalformedBodiesWithoutQuotingThem(List<Malformed> bodies) {
    for (Malformed malformed : bodies) {
      CodecException refused =
          assertThrows(
              CodecException.class, () -> codec().decode(malformed.body(), malformed.type()));

      String text = malformed.body().toString();
      assertFalse(text.length() > 3 && refused.getMessage().contains(text), refused.getMessage());
      assertTrue(
          refused.getMessage().startsWith("body: " + malformed.body().length() + " bytes"),
          refused.getMessage());
    }
  }

  final Stream<List<Malformed>> malformedOrNone() {
    return Stream.of(malformed().toList());
  }

  @Test
  protected void readsNothingForVoid() {
    assertTrue(codec().handles(Void.class));
    assertNull(
        codec().decode(Buffer.buffer("\u0001 no value of any kind"), TypeRef.of(Void.class)));
    assertNull(codec().decode(Buffer.buffer(), TypeRef.of(Void.class)));
  }

  @Test
  protected void servesManyThreadsAtOnce() throws InterruptedException, ExecutionException {
    Codec shared = codec();
    List<Sample<?>> samples = samples().toList();
    ExecutorService threads = Executors.newFixedThreadPool(4);
    try {
      List<Future<?>> done = new ArrayList<>();
      for (int thread = 0; thread < 4; thread++) {
        done.add(
            threads.submit(
                () -> {
                  for (int round = 0; round < 50; round++) {
                    samples.forEach(sample -> roundTrip(shared, sample));
                  }
                }));
      }
      for (Future<?> each : done) {
        assertNull(each.get());
      }
    } finally {
      threads.shutdownNow();
    }
  }

  private static <T> void roundTrip(Codec codec, Sample<T> sample) {
    assertDeepEquals(sample.value(), codec.decode(codec.encode(sample.value()), sample.type()));
  }

  private static void assertDeepEquals(Object expected, Object actual) {
    if (expected instanceof byte[] bytes) {
      assertArrayEquals(bytes, (byte[]) actual);
    } else {
      assertEquals(expected, actual);
    }
  }
}
