// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.stub;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * An interface whose methods are the endpoints of one service.
 *
 * <pre>{@code
 * @RpcService("go.micro.srv.greeter")
 * interface Greeter {
 *   @RpcMethod(idempotent = true, timeout = "500ms")
 *   Future<Greeting> hello(Name name, CallOption... options);
 * }
 *
 * Greeter greeter = GreeterStub.create(client);
 * }</pre>
 *
 * <p>The processor writes two types beside it: the class {@code GreeterStub}, which implements the
 * interface on an {@link dev.vertxmicro.runtime.RpcClient}, and, if there is something to serve,
 * the interface {@code GreeterService}, which a server implements and hands to an {@link
 * dev.vertxmicro.runtime.server.RpcServer}.
 *
 * <p>A method is, by its signature, with {@code CallOption... options} as last parameter wherever
 * the caller may add options:
 *
 * <ul>
 *   <li>{@code Future<R> m(Q request)}: a call.
 *   <li>{@code R m(Q request)}: a call that blocks the calling thread, which is a virtual thread or
 *       one that is not of Vert.x. It throws what the call fails with; on an event loop or worker
 *       it throws IllegalStateException before anything is sent.
 *   <li>{@code Future<RpcStream<Q, R>> m(Q request)}: a stream of replies to one request.
 *   <li>{@code Future<RpcStream<Q, R>> m()}: a stream whose requests are written to it.
 *   <li>{@code Future<Void> m(Q request)} with {@link RpcMethod#oneWay}: a request without reply.
 *   <li>{@code Future<Void> m(T event, PublishOption... options)} with {@link RpcPublish}: an
 *       event.
 * </ul>
 *
 * <p>Static, default and private methods are left alone. Whatever else is in the interface is an
 * error of the compilation, at the place where it stands.
 */
@Documented
@Retention(RetentionPolicy.CLASS)
@Target(ElementType.TYPE)
public @interface RpcService {

  /**
   * The name of the service in the registry, for example {@code go.micro.srv.greeter}. Where the
   * same endpoints are served under several names, {@code GreeterStub.create(client, name)} makes a
   * stub for another one.
   */
  String value();

  /**
   * What stands before the dot in the endpoints of this service. Default: the simple name of the
   * interface.
   */
  String handler() default "";

  /** Calls go to nodes of this version only, as {@code SelectOption.version}. Default: to all. */
  String version() default "";

  /**
   * Calls go to nodes in this range of versions only, {@code ^1.2} say, as {@code
   * SelectOption.versionRange}. Default: to all.
   */
  String versionRange() default "";

  /**
   * Calls go to nodes with these labels only, each as {@code name=value}, as {@code
   * SelectOption.label}. Default: to all.
   */
  String[] labels() default {};
}
