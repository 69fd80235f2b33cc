// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.processor;

import javax.lang.model.element.Element;

/**
 * What is wrong with an interface.
 *
 * @param at the element that has to be changed
 * @param text what is there, and what is expected
 */
record Mistake(Element at, String text) {}
