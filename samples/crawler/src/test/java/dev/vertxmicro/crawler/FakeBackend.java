// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.crawler;

import dev.vertxmicro.crawler.backend.Backend;
import dev.vertxmicro.crawler.backend.Candidacy;
import dev.vertxmicro.crawler.backend.Leadership;
import dev.vertxmicro.crawler.backend.ResourceListener;
import dev.vertxmicro.crawler.backend.Term;
import dev.vertxmicro.registry.Registry;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.function.Function;

/** A store of resources that a test fills, reads, and makes fail. */
final class FakeBackend implements Backend {

  final FixedRegistry registry = new FixedRegistry();
  final Map<String, Buffer> stored = new TreeMap<>();
  final List<String> writes = new ArrayList<>();

  /** What becomes of a write, after it is noted and before it is done. */
  Function<String, Future<Void>> before = name -> Future.succeededFuture();

  /** What becomes of a read, before it is done. */
  Future<Void> beforeRead = Future.succeededFuture();

  Term term(long number) {
    return new Term() {
      @Override
      public long number() {
        return number;
      }

      @Override
      public Future<Void> put(String name, Buffer value) {
        writes.add("put " + name);
        return before.apply(name).onSuccess(done -> stored.put(name, value));
      }

      @Override
      public Future<Void> delete(String name) {
        writes.add("delete " + name);
        return before.apply(name).onSuccess(done -> stored.remove(name));
      }
    };
  }

  Resource resource(String name) {
    Buffer value = stored.get(name);
    return value == null ? null : Resource.read(value);
  }

  @Override
  public Registry registry() {
    return registry;
  }

  @Override
  public Candidacy campaign(String master, Consumer<Leadership> listener) {
    throw new UnsupportedOperationException();
  }

  @Override
  public Future<Map<String, Buffer>> resources() {
    return beforeRead.map(done -> new TreeMap<>(stored));
  }

  @Override
  public Runnable watchResources(ResourceListener listener) {
    throw new UnsupportedOperationException();
  }

  @Override
  public Future<Void> close() {
    return Future.succeededFuture();
  }

  @Override
  public void abandon() {}
}
