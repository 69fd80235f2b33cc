// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.processor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.vertxmicro.runtime.CallOption;
import dev.vertxmicro.runtime.CallOptions;
import dev.vertxmicro.runtime.Publication;
import dev.vertxmicro.runtime.Request;
import dev.vertxmicro.runtime.RpcCall;
import dev.vertxmicro.runtime.RpcClient;
import io.vertx.core.Future;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What is written for interfaces that are right. */
class StubTest {

  @Test
  void theStubIsPlainCode() {
    Compilation compilation =
        compile(
            """
            @RpcService("go.micro.srv.greeter")
            public interface Api {
              record Name(String text) {}
              record Greeting(String text) {}

              @RpcMethod(idempotent = true, timeout = "500ms", retries = 2)
              Future<Greeting> hello(Name name, CallOption... options);

              Future<RpcStream<Name, List<Greeting>>> greetAll(Name name);
            }
            """);

    assertEquals(
        """
        package app;

        import dev.vertxmicro.codec.TypeRef;
        import dev.vertxmicro.runtime.CallOption;
        import dev.vertxmicro.runtime.Request;
        import dev.vertxmicro.runtime.RpcClient;
        import dev.vertxmicro.runtime.RpcStream;
        import dev.vertxmicro.runtime.stub.OwnOptions;
        import io.vertx.core.Future;
        import java.time.Duration;
        import java.util.List;
        import java.util.Objects;
        import javax.annotation.processing.Generated;

        /**
         * Calls {@code go.micro.srv.greeter} through a client, as {@link Api} says. Whoever may use the client may use this.
         */
        @Generated("dev.vertxmicro.processor.StubProcessor")
        public final class ApiStub implements Api {
          private static final TypeRef<List<Api.Greeting>> GREET_ALL_REPLY = new TypeRef<List<Api.Greeting>>() {};

          private final RpcClient client;

          private final String service;

          private final CallOption[] helloOptions;

          private ApiStub(RpcClient client, String service) {
            this.client = Objects.requireNonNull(client, "client");
            this.service = Objects.requireNonNull(service, "service");
            this.helloOptions = new CallOption[] {CallOption.of(CallOption.idempotent(), CallOption.timeout(Duration.ofMillis(500)), CallOption.retries(2))};
          }

          /**
           * Returns a stub that calls through {@code client} and never closes it.
           */
          public static Api create(RpcClient client) {
            return new ApiStub(client, "go.micro.srv.greeter");
          }

          /**
           * Returns a stub for a service that has the same endpoints under another name, {@code service}.
           */
          public static Api create(RpcClient client, String service) {
            return new ApiStub(client, service);
          }

          @Override
          public Future<Api.Greeting> hello(Api.Name name, CallOption... options) {
            return this.client.call(Request.of(this.service, "Api.Hello", name, Api.Greeting.class), OwnOptions.after(this.helloOptions, options));
          }

          @Override
          public Future<RpcStream<Api.Name, List<Api.Greeting>>> greetAll(Api.Name name) {
            return this.client.stream(Request.of(this.service, "Api.GreetAll", name, GREET_ALL_REPLY));
          }
        }
        """,
        compilation.written("app.ApiStub"));
  }

  @Test
  void theServerSideIsPlainCode() {
    Compilation compilation =
        compile(
            """
            @RpcService("s")
            interface Api {
              Future<String> hello(Long name);
              @RpcMethod("/pkg.Other/Log") void log(List<String> lines);
              @RpcMethod(oneWay = true) Future<Void> note(String text);
              Future<RpcStream<Long, String>> many(Long name);
              Future<RpcStream<Long, String>> chat(CallOption... options);
              @RpcPublish("t") Future<Void> told(String event);
            }
            """);

    assertEquals(
        """
          static RpcServer serve(RpcServer server, ApiService service) {
            server.<Long, String>handle("Api.Hello", Long.class, (request, call) -> service.hello(request, call));
            server.<List<String>, Buffer>handle("Other.Log", new TypeRef<List<String>>() {}, (request, call) -> service.log(request, call).map(done -> NoReply.to(call)));
            server.<String, Buffer>handle("Api.Note", String.class, (request, call) -> service.note(request, call).map(done -> NoReply.to(call)));
            server.<Long, String>handleServerStream("Api.Many", Long.class, (request, replies) -> service.many(request, replies));
            server.<Long, String>handleStream("Api.Chat", Long.class, (stream) -> service.chat(stream));
            return server;
          }
        }
        """,
        compilation
            .written("app.ApiService")
            .substring(compilation.written("app.ApiService").indexOf("  static RpcServer")));
  }

  /** What a stub asked of its client. */
  private final List<Asked> asked = new ArrayList<>();

  private record Asked(String verb, Object what, CallOptions options) {
    Request<?, ?> request() {
      return (Request<?, ?>) what;
    }
  }

  private final RpcClient client =
      (RpcClient)
          Proxy.newProxyInstance(
              getClass().getClassLoader(),
              new Class<?>[] {RpcClient.class},
              (proxy, method, arguments) -> asked(method, arguments));

  private Object asked(Method method, Object[] arguments) {
    CallOptions options = new CallOptions();
    if (arguments[1] instanceof CallOption[] own) {
      Arrays.stream(own).forEach(option -> option.apply(options));
    }
    asked.add(new Asked(method.getName(), arguments[0], options));
    if (method.getReturnType() == RpcCall.class) {
      return Proxy.newProxyInstance(
          getClass().getClassLoader(),
          new Class<?>[] {RpcCall.class},
          (call, reply, none) -> Future.succeededFuture("answer"));
    }
    return Future.succeededFuture("answer");
  }

  private Object call(Compilation compilation, String method, Object... arguments)
      throws Exception {
    Method create = compilation.load("app.ApiStub").getDeclaredMethod("create", RpcClient.class);
    create.setAccessible(true);
    return callOn(create.invoke(null, client), method, arguments);
  }

  private static Object callOn(Object made, String method, Object... arguments) throws Exception {
    Method found =
        Arrays.stream(made.getClass().getDeclaredMethods())
            .filter(one -> one.getName().equals(method))
            .findFirst()
            .orElseThrow();
    found.setAccessible(true);
    try {
      return found.invoke(made, arguments);
    } catch (InvocationTargetException e) {
      throw (Exception) e.getCause();
    }
  }

  private static Compilation compile(String declaration) {
    Compilation compilation = Compilation.of("Api", declaration);
    assertEquals(List.of(), compilation.messages());
    return compilation;
  }

  @Test
  void annotationsSetTheDefaultsAndCallersOptionsWin() throws Exception {
    Compilation compilation =
        compile(
            """
            @RpcService(value = "s", versionRange = "^1.2 || >=2.1 <3", labels = "zone=a")
            interface Api {
              @RpcMethod(idempotent = true, timeout = "2s", attemptTimeout = "300ms", retries = 0,
                  hedgeAfter = "20ms", contentType = "application/json", waitForReady = true)
              Future<String> hello(String client, CallOption... options);
            }
            """);

    call(compilation, "hello", "x", new CallOption[0]);
    call(compilation, "hello", "x", new CallOption[] {CallOption.timeout(Duration.ofSeconds(9))});

    CallOptions set = asked.get(0).options();
    assertTrue(set.isIdempotent());
    assertEquals(Duration.ofSeconds(2), set.getTimeout());
    assertEquals(Duration.ofMillis(300), set.getAttemptTimeout());
    assertEquals(0, set.getRetries());
    assertTrue(set.getHedge().toString().contains("PT0.02S"), set.getHedge()::toString);
    assertEquals("application/json", set.getContentType());
    assertTrue(set.isWaitForReady());
    assertEquals(2, set.getSelectOptions().size());
    assertEquals(Duration.ofSeconds(9), asked.get(1).options().getTimeout());
    assertEquals(0, asked.get(1).options().getRetries());
  }

  @Test
  void eachKindOfMethodAsksForIt() throws Exception {
    Compilation compilation =
        compile(
            """
            @RpcService(value = "s", handler = "H")
            interface Api {
              Future<String> one(String q);
              @RpcMethod(oneWay = true) Future<Void> two(String q);
              Future<RpcStream<String, Long>> three(String q);
              @RpcMethod(value = "/p.S/M", streamTimeout = "1h", idleTimeout = "1m")
              Future<RpcStream<String, Long>> four();
              @RpcPublish(value = "t", contentType = "text/plain") Future<Void> five(String event);
              static String six() { return ""; }
              default String seven() { return ""; }
            }
            """);

    for (String method : List.of("one", "two", "three", "five")) {
      call(compilation, method, "x");
    }
    call(compilation, "four");

    assertEquals(
        List.of("call", "send", "stream", "publish", "stream"),
        asked.stream().map(Asked::verb).toList());
    assertEquals("H.One", asked.get(0).request().endpoint());
    assertEquals("H.Two", asked.get(1).request().endpoint());
    assertEquals("x", asked.get(2).request().body());
    assertEquals("/p.S/M", asked.get(4).request().endpoint());
    assertEquals(String.class, asked.get(4).request().requestType());
    assertEquals(Duration.ofHours(1), asked.get(4).options().getStreamTimeout());
    assertEquals(Duration.ofMinutes(1), asked.get(4).options().getIdleTimeout());
    Publication<?> publication = (Publication<?>) asked.get(3).what();
    assertEquals("t", publication.topic());
    assertEquals("text/plain", publication.contentType());
  }

  @Test
  void theBlockingFlavourReturnsWhatTheCallDoes() throws Exception {
    Compilation compilation =
        compile(
            """
            @RpcService("s")
            interface Api {
              String one(String q, CallOption... options);
              @RpcMethod(oneWay = true) void two(String q);
              @RpcPublish("t") void three(String q, PublishOption... options);
            }
            """);

    assertEquals("answer", call(compilation, "one", "x", new CallOption[0]));
    call(compilation, "two", "x");
    call(compilation, "three", "x", new dev.vertxmicro.broker.PublishOption[0]);

    assertEquals(List.of("start", "send", "publish"), asked.stream().map(Asked::verb).toList());
  }

  @Test
  void aStubMayBeForAServiceOfAnotherName() throws Exception {
    Compilation compilation =
        compile(
            """
            @RpcService("s")
            interface Api { Future<String> one(String q); Future<RpcStream<String, Long>> two(); }
            """);
    Method create =
        compilation.load("app.ApiStub").getDeclaredMethod("create", RpcClient.class, String.class);
    create.setAccessible(true);
    Object made = create.invoke(null, client, "go.micro.srv.other");

    callOn(made, "one", "x");
    callOn(made, "two");
    call(compilation, "one", "x");

    assertEquals(
        List.of("go.micro.srv.other", "go.micro.srv.other", "s"),
        asked.stream().map(one -> one.request().service()).toList());
  }

  @Test
  void theStubOfADeprecatedMethodIsDeprecatedAndWarnsOfNothing() {
    Compilation compilation =
        compile(
            """
            @RpcService("s")
            interface Api { @Deprecated Future<String> one(String q); }
            """);

    assertTrue(compilation.written("app.ApiStub").contains("@Deprecated\n  public Future<String>"));
  }

  @Test
  void whatIsWrittenUsesNoReflection() {
    Compilation compilation =
        compile(
            """
            @RpcService("s")
            interface Api {
              record Name(String text) {}
              Future<Name> one(Name q, CallOption... options);
              List<Name> two(Name q);
              @RpcMethod(oneWay = true) void three(List<Name> q);
              Future<RpcStream<Name, List<String>>> four(Name q);
              Future<RpcStream<Name, String>> five();
              @RpcPublish("t") void six(Name event);
            }
            """);
    List<String> written =
        compilation.classNames().stream()
            .filter(name -> name.matches("app.Api(Stub|Service).*"))
            .toList();

    assertTrue(written.size() >= 2, written::toString);
    for (String type : written) {
      // The constant pool of a class names all that it calls.
      String pool = new String(compilation.code(type), StandardCharsets.ISO_8859_1);
      for (String reflection :
          List.of("java/lang/reflect", "forName", "getDeclared", "newInstance", "findVirtual")) {
        assertFalse(pool.contains(reflection), type + " has " + reflection);
      }
    }
    assertTrue(
        new String(compilation.code("app.ApiStub"), StandardCharsets.ISO_8859_1)
            .contains("dev/vertxmicro/runtime/RpcClient"));
  }

  @Test
  void methodsOfSuperinterfacesCountWithTheirTypes() throws Exception {
    Compilation compilation =
        compile(
            """
            @RpcService("s")
            interface Api extends Base<String> {
            }
            interface Base<T> {
              Future<T> get(T key, CallOption... options);
            }
            """);

    call(compilation, "get", "x", new CallOption[0]);

    assertEquals("Api.Get", asked.get(0).request().endpoint());
    assertEquals(String.class, asked.get(0).request().replyType().type());
  }

  @Test
  void aMethodOfTwoSuperinterfacesIsOne() throws Exception {
    Compilation compilation =
        compile(
            """
            @RpcService("s")
            interface Api extends One, Other {
            }
            interface One { Future<String> get(String key, CallOption... options); }
            interface Other { Future<String> get(String key, CallOption... options); }
            """);

    call(compilation, "get", "x", new CallOption[0]);

    assertEquals("Api.Get", asked.get(0).request().endpoint());
  }

  /** Members of the interface are inherited by the stub, and hide what is imported. */
  @Test
  void nestedTypesMayBeCalledAsThoseOfTheRuntime() throws Exception {
    Compilation compilation =
        compile(
            """
            @RpcService("s")
            interface Api {
              record Request(String name) {}
              record CallOption() {}
              record Objects() {}
              record Duration() {}
              @RpcMethod(timeout = "1s") Future<List<Objects>> get(String key);
            }
            """);

    call(compilation, "get", "x");

    assertEquals("Api.Get", asked.get(0).request().endpoint());
    assertEquals(Duration.ofSeconds(1), asked.get(0).options().getTimeout());
  }

  @Test
  void namesThatAreAlikeAreToldApart() throws Exception {
    Compilation compilation =
        compile(
            """
            @RpcService("s")
            interface Api {
              @RpcMethod(value = "A.List", retries = 1) Future<List<String>> list(String q);
              @RpcMethod(value = "B.List", retries = 2) Future<List<Long>> list(Long q);
              @RpcMethod(value = "C.List", retries = 3) Future<List<Integer>> list2(Long q);
              Future<List<Short>> listAll(String q);
              @RpcMethod("A.ListAll") Future<List<Byte>> list_all(String q);
            }
            """);

    call(compilation, "list2", 1L);
    call(compilation, "list_all", "x");

    assertEquals("C.List", asked.get(0).request().endpoint());
    assertEquals(3, asked.get(0).options().getRetries());
    assertEquals(
        "java.util.List<java.lang.Byte>", asked.get(1).request().replyType().type().toString());
  }

  @Test
  void aNestedInterfaceHasItsTypesBesideTheOuterOne() {
    Compilation compilation =
        compile(
            """
            public class Api {
              @RpcService("s")
              interface Inner { Future<String> get(String key); }
            }
            """);

    assertEquals(List.of("app.ApiInnerStub", "app.ApiInnerService"), compilation.writtenTypes());
  }

  @Test
  void withEventsOnlyThereIsNothingToServe() {
    Compilation compilation =
        compile(
            """
            @RpcService("s")
            interface Api { @RpcPublish("t") Future<Void> told(String event); }
            """);

    assertEquals(List.of("app.ApiStub"), compilation.writtenTypes());
  }
}
