// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.samples;

/**
 * The request of {@code Greeter.Hello}; a record travels as JSON.
 *
 * @param name whom to greet
 */
public record Hello(String name) {}
