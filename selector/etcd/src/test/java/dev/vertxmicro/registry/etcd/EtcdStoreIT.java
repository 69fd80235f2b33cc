// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.registry.etcd;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.vertxmicro.errors.RpcException;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Keys beside the registry's, in a real etcd. */
class EtcdStoreIT {

  private static final Buffer VALUE = Buffer.buffer("value");

  private static EtcdServer etcd;
  private static Vertx vertx;
  private static EtcdStore store;

  @BeforeAll
  static void start() {
    etcd = EtcdServer.start();
    vertx = Vertx.vertx();
    store = EtcdStore.create(vertx, etcd.options());
  }

  @AfterAll
  static void stop() {
    if (etcd != null) {
      store.close().await();
      store.close().await();
      vertx.close().await();
      etcd.close();
    }
  }

  @AfterEach
  void clear() {
    etcd.deleteAll("/");
  }

  @Test
  void writesUnderConditions() {
    EtcdStore.Committed made = store.write().ifAbsent("/a").put("/a", VALUE).commit().await();
    EtcdStore.Committed again = store.write().ifAbsent("/a").put("/a", VALUE).commit().await();
    EtcdStore.Committed fenced =
        store.write().ifWrittenAt("/a", made.revision()).put("/b", VALUE).commit().await();
    store.write().delete("/a").commit().await();
    EtcdStore.Committed late =
        store.write().ifWrittenAt("/a", made.revision()).put("/c", VALUE).commit().await();

    assertTrue(made.succeeded());
    assertFalse(again.succeeded());
    assertTrue(fenced.succeeded());
    assertFalse(late.succeeded());
    assertEquals(
        List.of(new EtcdStore.Item("/b", VALUE, fenced.revision(), fenced.revision())),
        store.read("/").await().items());
  }

  @Test
  void readsMoreThanOnePage() {
    for (int part = 0; part < 11; part++) {
      EtcdStore.Write write = store.write();
      int first = part * 100;
      IntStream.range(first, first + 100).forEach(i -> write.put("/many/" + i, VALUE));
      write.commit().await();
    }
    etcd.put("/manyothers", "not among them");

    EtcdStore.Items all = store.read("/many/").await();

    assertEquals(1_100, all.items().stream().map(EtcdStore.Item::key).distinct().count());
    assertEquals(1_100, all.items().size());
  }

  @Test
  void aLeaseEndsWhatHangsOnIt() {
    long lease = store.grant(Duration.ofSeconds(60)).await();
    store.write().put("/a", VALUE, lease).commit().await();
    assertTrue(store.keepAlive(lease).await().compareTo(Duration.ofSeconds(50)) > 0);

    store.revoke(lease).await();
    store.revoke(lease).await();

    assertEquals(List.of(), store.read("/a").await().items());
    assertEquals(Duration.ZERO, store.keepAlive(lease).await());
  }

  @Test
  void aWatchReportsWhatComesAfterARevision() throws InterruptedException {
    etcd.put("/w/before", "1");
    long revision = store.read("/w/").await().revision();
    etcd.put("/w/a", "1");
    BlockingQueue<String> seen = new ArrayBlockingQueue<>(10);

    Runnable watch =
        store.watch(
            "/w/",
            revision,
            new EtcdStore.Watcher() {
              @Override
              public void put(EtcdStore.Item item) {
                seen.add(item.key() + "=" + item.value());
              }

              @Override
              public void deleted(String key) {
                seen.add("no " + key);
              }

              @Override
              public void ended(RpcException failure) {
                seen.add("ended");
              }
            });

    assertEquals("/w/a=1", seen.poll(10, TimeUnit.SECONDS));
    etcd.put("/w/a", "2");
    etcd.delete("/w/a");
    assertEquals("/w/a=2", seen.poll(10, TimeUnit.SECONDS));
    assertEquals("no /w/a", seen.poll(10, TimeUnit.SECONDS));
    watch.run();
    watch.run();
  }

  @Test
  void aWatchOnWhatIsCompactedEnds() throws InterruptedException {
    etcd.put("/w/a", "1");
    etcd.put("/w/a", "2");
    etcd.compact();
    BlockingQueue<RpcException> ended = new ArrayBlockingQueue<>(1);

    store.watch(
        "/w/",
        1,
        new EtcdStore.Watcher() {
          @Override
          public void put(EtcdStore.Item item) {}

          @Override
          public void deleted(String key) {}

          @Override
          public void ended(RpcException failure) {
            ended.add(failure);
          }
        });

    RpcException failure = ended.poll(10, TimeUnit.SECONDS);
    assertTrue(failure != null && failure.detail().contains("compacted"), () -> "" + failure);
  }
}
