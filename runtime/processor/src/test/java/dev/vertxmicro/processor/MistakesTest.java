// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.processor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Every mistake is one error, at the element that has it. */
class MistakesTest {

  /** The bodies of an interface {@code Api}, what the error says, and on which word it stands. */
  static Stream<Arguments> methods() {
    return Stream.of(
        of("Future m(String q);", "returns a raw Future", "m"),
        of("Future<?> m(String q);", "(expected: a class)", "m"),
        of("Future<List<? extends Number>> m(String q);", "(expected: a class)", "m"),
        of("int m(String q);", "returns int (expected: Future<R>, or R for a call", "m"),
        of("RpcStream<String, String> m();", "as a stream is opened first", "m"),
        of("Future<RpcStream> m();", "raw RpcStream (expected: Future<RpcStream<Q, R>>)", "m"),
        of("<T> Future<T> m(String q);", "generic method", "m"),
        of("Future<Future<String>> m(String q);", "io.vertx.core.Future is no value", "m"),
        of(
            "java.util.concurrent.CompletionStage<String> m(String q);",
            "java.util.concurrent.CompletionStage is no value that could be sent (expected:",
            "m"),
        of("Future<String> m(io.vertx.core.streams.ReadStream<String> q);", "is no value", "m"),
        of("Future<String> m(Void nothing);", "takes java.lang.Void (expected: a", "nothing"),
        of("Future<String> m();", "takes no request", "m"),
        of("Future<String> m(CallOption... options);", "takes no request", "m"),
        of("Future<String> m(String a, String b);", "takes 2 requests (expected: one;", "b"),
        of("Future<String> m(int a);", "takes int (expected: a class)", "a"),
        of("Future<String> m(String q, CallOption one);", "expected: CallOption... as", "one"),
        of("Future<String> m(String q, CallOption[] all);", "expected: CallOption... as", "all"),
        of("Future<String> m(String q, String... more);", "expected: CallOption... as", "more"),
        of(
            "Future<String> m(String q, PublishOption... own);",
            "takes dev.vertxmicro.broker.PublishOption... (expected: CallOption... as",
            "own"),
        of("Future<String> m(String q); Future<String> m(Long q);", "endpoint: Api.M is", "m"),
        of(
            "Future<String> m(String q); @RpcMethod(\"Api.M\") Future<String> n(String q);",
            "endpoint: Api.M is that of m(java.lang.String), too",
            "n"),
        of(
            "Future<String> m(String q); @RpcMethod(\"/x.Api/M\") Future<String> n(String q);",
            "endpoint: /x.Api/M is that of m(java.lang.String), too",
            "n"),
        of("@RpcMethod(\"Hello\") Future<String> m(String q);", "endpoint: 'Hello'", "m"),
        of("@RpcMethod(\"a.b.C\") Future<String> m(String q);", "endpoint: 'a.b.C'", "m"),
        of("@RpcMethod(\"/a/b/c\") Future<String> m(String q);", "endpoint: '/a/b/c'", "m"),
        of("@RpcMethod(timeout = \"5\") Future<String> m(String q);", "timeout: '5'", "m"),
        of("@RpcMethod(timeout = \"0s\") Future<String> m(String q);", "timeout: '0s'", "m"),
        of("@RpcMethod(attemptTimeout = \"1d\") Future<String> m(String q);", "'1d'", "m"),
        of("@RpcMethod(retries = -2) Future<String> m(String q);", "retries: -2", "m"),
        of("@RpcMethod(retries = 101) Future<String> m(String q);", "(expected: 0 to 100)", "m"),
        of(
            "@RpcPublish(value = \"t\", retries = 1001) Future<Void> m(String q);",
            "retries: 1001 (expected: 0 to 1000)",
            "m"),
        of(
            "@RpcMethod(contentType = \"json\") Future<String> m(String q);",
            "contentType: 'json' (expected: type/subtype",
            "m"),
        of(
            "@RpcPublish(value = \"t\", contentType = \"text/\") Future<Void> m(String q);",
            "contentType: 'text/' (expected: type/subtype",
            "m"),
        of(
            "@RpcMethod(hedgeAfter = \"5ms\") Future<String> m(String q);",
            "hedgeAfter: set without idempotent",
            "m"),
        of(
            "@RpcMethod(idleTimeout = \"5s\") Future<String> m(String q);",
            "idleTimeout: set for a method that opens no stream",
            "m"),
        of(
            "@RpcMethod(oneWay = true) Future<String> m(String q);",
            "one-way, but returns java.lang.String",
            "m"),
        of(
            "@RpcMethod(oneWay = true) Future<RpcStream<String, String>> m();",
            "oneWay: set for a method that opens a stream",
            "m"),
        of(
            "Future<RpcStream<Long, String>> m();"
                + " @RpcMethod(\"Api.N\") Future<RpcStream<String, Long>> m(CallOption... own);",
            "opens a stream, as m() does (expected: another name",
            "m"),
        of(
            "Future<String> m(Long q);"
                + " @RpcMethod(\"Api.N\") Future<String> m(Long q, CallOption... own);",
            "takes what m(java.lang.Long) takes (expected: another name",
            "m"),
        of(
            "Future<RpcStream<List<String>, String>> m();",
            "streams requests of a generic type: java.util.List<java.lang.String>",
            "m"),
        of(
            "Future<RpcStream<String, String>> m(Long q);",
            "takes java.lang.Long, but returns a stream of requests of java.lang.String",
            "m"),
        of(
            "@RpcMethod @RpcPublish(\"t\") Future<Void> m(String q);",
            "@RpcMethod and @RpcPublish: both are there",
            "m"),
        of("@RpcPublish(\" \") Future<Void> m(String q);", "topic: ' '", "m"),
        of("@RpcPublish(\"t\") Future<Void> m();", "takes no event", "m"),
        of("@RpcPublish(\"t\") Future<String> m(String q);", "publishes, but returns", "m"),
        of(
            "@RpcPublish(\"t\") Future<Void> m(String q, CallOption... own);",
            "expected: PublishOption... as",
            "own"),
        of(
            "@RpcMethod default Future<String> m(String q) { return null; }",
            "@RpcMethod stands on a method with a body",
            "m"),
        of("", "no methods", "Api"));
  }

  private static Arguments of(String body, String says, String at) {
    return Arguments.of(body, says, at);
  }

  @ParameterizedTest
  @MethodSource("methods")
  void aWrongMethodIsOneErrorAtItsPlace(String body, String says, String at) throws Exception {
    check(Compilation.of("Api", "@RpcService(\"s\") interface Api { " + body + " }"), says, at);
  }

  static Stream<Arguments> types() {
    String method = " { Future<String> m(String q); }";
    return Stream.of(
        of("@RpcService(\"s\") class Api {}", "stands on a class (expected: an interface)", "Api"),
        of("@RpcService(\"s\") enum Api {}", "stands on an enum", "Api"),
        of("@RpcService(\"s\") record Api() {}", "stands on a record", "Api"),
        of("@RpcService(\"s\") @interface Api {}", "stands on an annotation type", "Api"),
        of("@RpcService(\"s\") interface Api<T>" + method, "generic interface", "Api"),
        of(
            "@RpcService(\"s\") sealed interface Api"
                + method
                + " non-sealed class A implements Api"
                + " { public Future<String> m(String q) { return null; } }",
            "sealed: app.Api (expected: an interface that its stub may implement)",
            "Api"),
        of(
            "@RpcService(\"s\") interface Api extends Comparable<String> {}",
            "compareTo(T) of java.lang.Comparable, inherited: returns int",
            "Api"),
        of(
            "interface Base<T> { Future<T> m(String q); } @RpcService(\"s\") interface Api extends"
                + " Base<List<?>> {}",
            "m(java.lang.String) of app.Base, inherited: returns",
            "Api"),
        of("@RpcService(\" \") interface Api" + method, "service: ' '", "Api"),
        of("@RpcService(value = \"s\", handler = \"a.b\") interface Api" + method, "'a.b'", "Api"),
        of(
            "@RpcService(value = \"s\", version = \"1\", versionRange = \"^1\") interface Api"
                + method,
            "version and versionRange: both are set",
            "Api"),
        of(
            "@RpcService(value = \"s\", versionRange = \"^1 or so\") interface Api" + method,
            "versionRange: '^1 or so'",
            "Api"),
        of(
            "@RpcService(value = \"s\", labels = \"zone\") interface Api" + method,
            "label: 'zone' (expected: name=value)",
            "Api"),
        of(
            "@RpcService(value = \"s\", labels = {\"a=1\", \"a=2\"}) interface Api" + method,
            "label: 'a=2' (expected: each name once",
            "Api"),
        of(
            "class Api { @RpcService(\"s\") private interface Inner" + method + " }",
            "private: app.Api.Inner (expected: visible in its package",
            "Inner"),
        of(
            "interface Api { @RpcMethod Future<String> m(String q); }",
            "@RpcMethod stands outside of an @RpcService interface",
            "m"),
        of(
            "interface Api { @RpcPublish(\"t\") Future<Void> m(String q); }",
            "@RpcPublish stands outside of an @RpcService interface",
            "m"));
  }

  @ParameterizedTest
  @MethodSource("types")
  void aWrongTypeIsOneErrorAtItsPlace(String declaration, String says, String at) throws Exception {
    check(Compilation.of("Api", declaration), says, at);
  }

  private static void check(Compilation compilation, String says, String at) throws Exception {
    assertFalse(compilation.succeeded());
    assertEquals(1, compilation.messages().size(), compilation.messages()::toString);
    assertTrue(compilation.messages().get(0).contains(says), compilation.messages().get(0));
    String marked = compilation.marked();
    assertTrue(marked.matches("(?s).*\\b" + at + "\\b.*"), marked);
    assertEquals(List.of(), compilation.writtenTypes());
  }

  @Test
  void allMistakesOfAnInterfaceAreReportedAtOnce() {
    Compilation compilation =
        Compilation.of("Api", "@RpcService(\"\") interface Api { int a(String q);\nFuture b(); }");

    assertEquals(3, compilation.messages().size(), compilation.messages()::toString);
  }

  @Test
  void aStubThatIsThereAlreadyIsAnError() {
    Compilation compilation =
        new Compilation(
            Map.of(
                "app.Api",
                Compilation.source(
                    "@RpcService(\"s\") interface Api { Future<String> m(String q); }"),
                "app.ApiStub",
                "package app; class ApiStub {}"));

    assertFalse(compilation.succeeded());
    assertTrue(
        compilation.messages().stream().anyMatch(m -> m.contains("cannot write ApiStub")),
        compilation.messages()::toString);
  }

  @Test
  void aTypeThatIsMissingIsTheCompilersToReport() {
    Compilation compilation =
        Compilation.of("Api", "@RpcService(\"s\") interface Api { Future<Lost> m(Gone q); }");

    assertFalse(compilation.succeeded());
    assertTrue(
        compilation.messages().stream().allMatch(m -> m.contains("cannot find symbol")),
        compilation.messages()::toString);
  }
}
