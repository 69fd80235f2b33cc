// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.stub;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * What differs from the defaults for one method of an {@link RpcService}. What is not set is as the
 * client's options say; options given to the method win over what is set here.
 *
 * <p>Durations are a whole number and a unit: {@code 500ms}, {@code 2s}, {@code 5m}, {@code 1h}.
 */
@Documented
@Retention(RetentionPolicy.CLASS)
@Target(ElementType.METHOD)
public @interface RpcMethod {

  /**
   * The endpoint, {@code Greeter.Hello} or {@code /pkg.Service/Method}. Default: the handler of the
   * service, a dot, and the method's name with its first letter in upper case.
   */
  String value() default "";

  /** Whether a call may be executed more than once; hedges and most retries need it. */
  boolean idempotent() default false;

  /** The time for the whole call, see {@code CallOptions.setTimeout}. */
  String timeout() default "";

  /** The time for each attempt, see {@code CallOptions.setAttemptTimeout}. */
  String attemptTimeout() default "";

  /** How many attempts may follow the first, from 0; see {@code CallOptions.setRetries}. */
  int retries() default -1;

  /** After how long one more attempt is started beside the first; needs {@link #idempotent}. */
  String hedgeAfter() default "";

  /** The content type of the requests, see {@code CallOptions.setContentType}. */
  String contentType() default "";

  /** Whether to wait for a node while there is none, see {@code CallOptions.setWaitForReady}. */
  boolean waitForReady() default false;

  /** The time for a whole stream, see {@code CallOptions.setStreamTimeout}. Streams only. */
  String streamTimeout() default "";

  /** The longest silence on a stream, see {@code CallOptions.setIdleTimeout}. Streams only. */
  String idleTimeout() default "";

  /** Whether no reply is wanted: the method returns {@code Future<Void>}, once it is written. */
  boolean oneWay() default false;
}
