// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.wrapper;

import dev.vertxmicro.metadata.Metadata;
import dev.vertxmicro.runtime.CallOptions;
import dev.vertxmicro.runtime.Request;
import io.vertx.core.buffer.Buffer;
import java.lang.reflect.Type;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What makes two calls the same to a cache: all of it, compared byte by byte. go-micro's key is a
 * 64-bit FNV-1 hash of service, endpoint, body and namespace ({@code client/cache.go}): two
 * requests with the same hash would get each other's reply, and so would two users.
 *
 * @param service the name
 * @param endpoint the endpoint
 * @param reply what the reply is read as
 * @param body the request
 * @param circumstances metadata that counts, content type, nodes
 */
record CacheKey(
    String service,
    String endpoint,
    Type reply,
    Buffer body,
    List<@Nullable Object> circumstances) {

  static CacheKey of(Request<?, ?> request, Buffer body, CallOptions options, List<String> varyBy) {
    List<@Nullable Object> circumstances = new ArrayList<>();
    Metadata shared = options.getMetadata();
    for (String name : varyBy) {
      String own = request.metadata().get(name);
      circumstances.add(own != null ? own : shared.get(name));
    }
    circumstances.add(options.getContentType());
    circumstances.add(options.getAddresses());
    circumstances.add(options.getSelectOptions());
    circumstances.add(options.getCallWrappers());
    return new CacheKey(
        request.service(), request.endpoint(), request.replyType().type(), body, circumstances);
  }

  /** Returns how much memory it takes, more or less. */
  int bytes() {
    return 2 * (service.length() + endpoint.length()) + body.length();
  }
}
