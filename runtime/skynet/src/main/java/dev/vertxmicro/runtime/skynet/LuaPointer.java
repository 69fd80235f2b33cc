// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.skynet;

/**
 * A light userdata: a pointer in the memory of the process that sent it, and of no meaning outside
 * of it. It can be received; it is not sent.
 *
 * @param address the eight bytes of it
 */
public record LuaPointer(long address) {}
