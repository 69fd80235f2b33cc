// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.crawler;

import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import java.util.function.BiFunction;

/**
 * What a gateway does with one path and method.
 *
 * @param handler gets the request and its body, and answers with JSON; fails with {@link
 *     dev.vertxmicro.errors.RpcException}, or IllegalArgumentException for a body that is none
 */
record GatewayRoute(
    HttpMethod method,
    String path,
    BiFunction<HttpServerRequest, Buffer, Future<String>> handler) {}
