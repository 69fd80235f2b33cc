// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.crawler;

import io.vertx.core.json.JsonObject;
import java.util.List;
import java.util.Map;

/** A real store, and what a person would look at in it: past the code that is tested. */
interface CrawlerStore extends AutoCloseable {

  /** Returns its flags and what the election needs in the configuration. */
  List<String> flags();

  /** Returns the table {@code Election} of the configuration. */
  String election();

  /** Returns the nodes of a service, id to address. */
  Map<String, String> nodes(String service);

  /** Returns the name of the leader by the store's own rules; empty without one. */
  String leader();

  /** Returns how many take part in the election. */
  int candidates();

  /** Returns all resources, by key. */
  Map<String, JsonObject> resources();

  @Override
  void close();
}
