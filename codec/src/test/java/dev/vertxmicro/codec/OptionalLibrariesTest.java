// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.codec;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.vertxmicro.errors.GrpcStatus;
import dev.vertxmicro.errors.RpcError;
import io.vertx.core.buffer.Buffer;
import java.io.File;
import java.net.MalformedURLException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import org.junit.jupiter.api.Test;

/** Runs the codecs in class loaders that lack the optional libraries. */
class OptionalLibrariesTest {

  /** Runs where there is no Protobuf at all. */
  public static final class WithoutProtobuf implements Callable<String> {
    @Override
    public String call() {
      Codecs codecs = Codecs.standard();
      Codec json = codecs.get("application/json");
      Buffer body = json.encode(List.of("x"));
      return ProtobufCodec.isAvailable()
          + " "
          + codecs.find("application/grpc+proto")
          + " "
          + json.decode(body, new TypeRef<List<String>>() {})
          + " "
          + json.handles(String.class)
          + " "
          + RpcError.fromGrpc(GrpcStatus.NOT_FOUND, "gone", null).code();
    }
  }

  /** Runs where there is protobuf-java, but no protobuf-java-util. */
  public static final class WithoutUtil implements Callable<String> {
    @Override
    public String call() {
      Codecs codecs = Codecs.standard();
      com.google.protobuf.StringValue text = com.google.protobuf.StringValue.of("x");
      Codec json = codecs.get("application/json");
      return codecs.get("application/protobuf").encode(text).length()
          + " "
          + json.handles(text.getClass())
          + " "
          + failure(() -> json.encode(text))
          + " "
          + failure(() -> json.decode(Buffer.buffer("{}"), TypeRef.of(text.getClass())))
          + " "
          + failure(() -> json.encode(List.of(text)));
    }

    private static String failure(Runnable use) {
      try {
        use.run();
        return "none";
      } catch (CodecException expected) {
        return "{" + expected.getMessage() + "}";
      }
    }
  }

  @Test
  void doWithoutProtobuf() throws Exception {
    assertEquals("false null [x] true 404", runWithout("/protobuf-java", WithoutProtobuf.class));
  }

  @Test
  void sayThatJsonOfMessagesNeedsTheUtil() throws Exception {
    assertEquals(
        "3 false"
            + " {value: com.google.protobuf.StringValue (expected: protobuf-java-util for it)}"
            + " {type: com.google.protobuf.StringValue (expected: protobuf-java-util for it)}"
            + " {value: java.util.ImmutableCollections$List12 (JSON of"
            + " com.google.protobuf.StringValue needs protobuf-java-util for it)}",
        runWithout("/protobuf-java-util", WithoutUtil.class));
  }

  private static String runWithout(String library, Class<? extends Callable<String>> task)
      throws Exception {
    List<URL> all =
        Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator))
            .map(OptionalLibrariesTest::url)
            .toList();
    URL[] kept = all.stream().filter(url -> !url.getPath().contains(library)).toArray(URL[]::new);
    assertTrue(kept.length < all.size(), "nothing to leave out in " + all);
    ClassLoader before = Thread.currentThread().getContextClassLoader();
    try (URLClassLoader loader = new URLClassLoader(kept, ClassLoader.getPlatformClassLoader())) {
      Thread.currentThread().setContextClassLoader(loader);
      Callable<?> copy =
          (Callable<?>) loader.loadClass(task.getName()).getConstructor().newInstance();
      assertFalse(task.isInstance(copy), "loaded by the test's own loader");
      return (String) copy.call();
    } finally {
      Thread.currentThread().setContextClassLoader(before);
    }
  }

  private static URL url(String entry) {
    try {
      return Path.of(entry).toUri().toURL();
    } catch (MalformedURLException impossible) {
      throw new IllegalStateException(entry, impossible);
    }
  }
}
