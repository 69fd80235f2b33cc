// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.registry.etcd;

import dev.vertxmicro.errors.GrpcStatus;
import dev.vertxmicro.errors.RpcException;
import io.vertx.core.AsyncResult;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.buffer.Buffer;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Reads all entries of a range as they were at one revision, in as many requests as it takes. Each
 * answer is made use of when it comes: all of a large service at once would block the event loop.
 *
 * <p>An answer that is too large is asked for again with fewer entries; an entry that is too large
 * by itself is taken without its value. If the revision is compacted between two requests all is
 * read anew, a few times.
 */
final class PrefixReader {

  /**
   * All entries of a range.
   *
   * @param header of the first answer
   */
  record Snapshot(Header header, List<Entry> entries) {}

  private static final int PAGE = 1_000;
  private static final int MOST_RESTARTS = 3;
  private static final int STEP = 4;

  private final Etcd etcd;
  private final RangeQuery query;
  private final int most;
  private final Function<KeyValue, Entry> reader;
  private final Promise<Snapshot> promise = Promise.promise();
  private final List<Entry> entries = new ArrayList<>();

  private RangeQuery page;
  private @Nullable Header header;
  private int restarts;

  private PrefixReader(Etcd etcd, RangeQuery query, int most, Function<KeyValue, Entry> reader) {
    this.etcd = etcd;
    this.query = query;
    this.most = most;
    this.reader = reader;
    this.page = query.withLimit(PAGE);
  }

  /**
   * Reads a range.
   *
   * @param most how many entries there may be; more fail with RESOURCE_EXHAUSTED
   * @param reader makes use of what is in the store
   */
  static Future<Snapshot> read(
      Etcd etcd, RangeQuery query, int most, Function<KeyValue, Entry> reader) {
    PrefixReader all = new PrefixReader(etcd, query, most, reader);
    all.readPage();
    return all.promise.future();
  }

  private void readPage() {
    etcd.range(page).onComplete(this::pageRead);
  }

  private void pageRead(AsyncResult<RangeReply> result) {
    if (result.succeeded()) {
      add(result.result());
      return;
    }
    RpcException failure = RpcException.from(result.cause());
    if (Failures.isTooLarge(failure) && page.limit() > 1) {
      page = page.withLimit(Math.max(1, page.limit() / STEP));
      readPage();
    } else if (Failures.isTooLarge(failure) && !page.keysOnly()) {
      etcd.range(page.withKeysOnly()).onSuccess(this::add).onFailure(promise::fail);
    } else if (failure.grpcStatus() == GrpcStatus.OUT_OF_RANGE
        && query.revision() == 0
        && restarts < MOST_RESTARTS) {
      restarts++;
      entries.clear();
      header = null;
      page = query.withLimit(PAGE);
      readPage();
    } else {
      promise.fail(failure);
    }
  }

  private void add(RangeReply reply) {
    Header first = header == null ? reply.header() : header;
    header = first;
    reply.entries().forEach(entry -> entries.add(reader.apply(entry)));
    if (entries.size() > most) {
      promise.fail(
          Failures.exhausted(
              "more than " + most + " entries from " + query.from() + " on (limit: maxNodes)"));
    } else if (reply.more() && !reply.entries().isEmpty()) {
      Buffer last = reply.entries().get(reply.entries().size() - 1).key();
      page =
          page.withFrom(last.copy().appendByte((byte) 0))
              .withLimit(Math.min(PAGE, page.limit() * STEP))
              .withRevision(query.revision() == 0 ? first.revision() : query.revision());
      readPage();
    } else {
      promise.complete(new Snapshot(first, List.copyOf(entries)));
    }
  }
}
