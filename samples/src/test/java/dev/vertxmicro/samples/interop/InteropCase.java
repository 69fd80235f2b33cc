// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.samples.interop;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;

/** A test that runs against each pinned version of go-micro and has a row in the table. */
@Target(ElementType.METHOD)
@Retention(RetentionPolicy.RUNTIME)
@ParameterizedTest(name = "{0}")
@FieldSource("dev.vertxmicro.peers.GoPeer#ALL")
@interface InteropCase {

  /** Returns where it stands in the table, a number and letters. */
  String number();

  /** Returns what is done and what must be seen, in the words of the table. */
  String value();
}
