// SPDX-License-Identifier: Apache-2.0
package com.example.greetings;

/**
 * Who is to be greeted.
 *
 * @param name as the person writes it
 */
public record Hello(String name) {}
