// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.samples;

/**
 * The reply of {@code Greeter.Hello}.
 *
 * @param greeting what to say
 */
public record Greeting(String greeting) {}
