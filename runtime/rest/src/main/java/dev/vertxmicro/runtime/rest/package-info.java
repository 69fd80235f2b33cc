// SPDX-License-Identifier: Apache-2.0

/**
 * HTTP/1.1 as a transport of the runtime, for services that are called by method, path and query.
 * Start reading at {@link dev.vertxmicro.runtime.rest.RestRequest}, then {@link
 * dev.vertxmicro.runtime.rest.RestTransport}; a client made of it is in {@link
 * dev.vertxmicro.runtime.rest.ipfs}.
 */
@NullMarked
package dev.vertxmicro.runtime.rest;

import org.jspecify.annotations.NullMarked;
