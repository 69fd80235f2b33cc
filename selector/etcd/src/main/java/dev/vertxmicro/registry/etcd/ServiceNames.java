// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.registry.etcd;

import dev.vertxmicro.errors.RpcException;
import dev.vertxmicro.registry.Complaints;
import io.vertx.core.AsyncResult;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.buffer.Buffer;
import java.util.List;
import java.util.TreeSet;

/**
 * Reads the names of all services out of the keys, without the values: a page of keys, then on from
 * behind the last service of the page. Cost O(services + pages) in memory and requests.
 */
final class ServiceNames {

  private static final int PAGE = 1_000;
  private static final int STEP = 4;

  private final Etcd etcd;
  private final EtcdKeys keys;
  private final Complaints complaints;
  private final int most;
  private final TreeSet<String> names = new TreeSet<>();
  private final Promise<List<String>> promise = Promise.promise();

  private ServiceNames(Etcd etcd, EtcdKeys keys, Complaints complaints, int most) {
    this.etcd = etcd;
    this.keys = keys;
    this.complaints = complaints;
    this.most = most;
  }

  /**
   * Reads the names, sorted.
   *
   * @param most how many there may be; more fail with RESOURCE_EXHAUSTED
   */
  static Future<List<String>> read(
      Etcd etcd, EtcdKeys keys, Complaints complaints, boolean serializable, int most) {
    ServiceNames reader = new ServiceNames(etcd, keys, complaints, most);
    reader.readPage(new RangeQuery(keys.first(), keys.end(), PAGE, 0, serializable, true));
    return reader.promise.future();
  }

  private void readPage(RangeQuery page) {
    etcd.range(page).onComplete(result -> pageRead(page, result));
  }

  private void pageRead(RangeQuery page, AsyncResult<RangeReply> result) {
    if (result.failed()) {
      RpcException failure = RpcException.from(result.cause());
      if (Failures.isTooLarge(failure) && page.limit() > 1) {
        readPage(page.withLimit(Math.max(1, page.limit() / STEP)));
      } else {
        promise.fail(failure);
      }
      return;
    }
    List<KeyValue> entries = result.result().entries();
    entries.forEach(this::add);
    if (names.size() > most) {
      promise.fail(Failures.exhausted("more than " + most + " services (limit: maxNodes)"));
    } else if (result.result().more() && !entries.isEmpty()) {
      Buffer last = entries.get(entries.size() - 1).key();
      String service = keys.serviceOf(last);
      readPage(
          page.withFrom(
              service.isEmpty() ? last.copy().appendByte((byte) 0) : keys.endOf(service)));
    } else {
      promise.complete(List.copyOf(names));
    }
  }

  private void add(KeyValue entry) {
    String service = keys.serviceOf(entry.key());
    if (service.isEmpty()) {
      complaints.about("etcd key " + entry.key(), "not the key of a node; skipped");
    } else {
      names.add(service);
    }
  }
}
