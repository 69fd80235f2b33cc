// SPDX-License-Identifier: Apache-2.0
package com.example.greetings;

/**
 * What the greeter says.
 *
 * @param text one sentence
 */
public record Greeting(String text) {}
