// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.stub;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * A method of an {@link RpcService} that publishes its argument: {@code Future<Void>
 * placed(OrderPlaced event, PublishOption... options)}, or {@code void} for the flavour that
 * blocks. See {@link dev.vertxmicro.runtime.RpcClient#publish}.
 */
@Documented
@Retention(RetentionPolicy.CLASS)
@Target(ElementType.METHOD)
public @interface RpcPublish {

  /** The topic. */
  String value();

  /** The content type of the events; default by the body, see {@code Publication}. */
  String contentType() default "";

  /** The time for a publish, as in {@link RpcMethod#timeout}. */
  String timeout() default "";

  /** How often a publish is repeated that the broker did not get, from 0. */
  int retries() default -1;

  /**
   * Whether subscribers may get an event twice; a publish whose fate is unknown is repeated then.
   */
  boolean idempotent() default false;
}
