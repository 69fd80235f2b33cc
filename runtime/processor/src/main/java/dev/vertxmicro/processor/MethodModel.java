// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.processor;

import com.palantir.javapoet.CodeBlock;
import com.palantir.javapoet.TypeName;
import java.util.List;
import javax.lang.model.element.ExecutableElement;
import org.jspecify.annotations.Nullable;

/**
 * One method of an interface, found right.
 *
 * @param method the method
 * @param kind what it does
 * @param blocking whether it returns the result and not a future of it
 * @param target the endpoint, or the topic of a publish
 * @param request the type of the request, of the requests of a stream, or of the event
 * @param body the name of the parameter with the request; null if requests are written to a stream
 * @param reply the type of the reply, boxed; {@code Void} where there is none
 * @param options the name of the last parameter, if callers may give options
 * @param defaults the options that the annotations set, as code
 * @param contentType of what is published; null for one by the body
 */
record MethodModel(
    ExecutableElement method,
    Kind kind,
    boolean blocking,
    String target,
    TypeName request,
    @Nullable String body,
    TypeName reply,
    @Nullable String options,
    List<CodeBlock> defaults,
    @Nullable String contentType) {

  /** What a method does. */
  enum Kind {
    CALL,
    ONE_WAY,
    /** One request, many replies. */
    SERVER_STREAM,
    /** Many requests. */
    STREAM,
    PUBLISH;

    boolean isStream() {
      return this == SERVER_STREAM || this == STREAM;
    }
  }

  String name() {
    return method.getSimpleName().toString();
  }

  /** Tells whether a server implements it. */
  boolean isServed() {
    return kind != Kind.PUBLISH;
  }

  /**
   * Returns the endpoint as a server knows it: of {@code /pkg.Greeter/Hello} that is {@code
   * Greeter.Hello}.
   */
  String servedEndpoint() {
    if (!target.startsWith("/")) {
      return target;
    }
    int slash = target.indexOf('/', 1);
    int dot = target.lastIndexOf('.', slash);
    return target.substring(Math.max(dot, 0) + 1, slash) + "." + target.substring(slash + 1);
  }

  /** Returns what no two methods of the interface that servers implement may have in common. */
  String servedSignature() {
    return switch (kind) {
      case STREAM -> name() + "(stream)";
      case SERVER_STREAM -> name() + "(" + request + ", replies)";
      default -> name() + "(" + request + ", call)";
    };
  }
}
