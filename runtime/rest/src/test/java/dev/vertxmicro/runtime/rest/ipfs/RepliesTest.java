// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.rest.ipfs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.vertxmicro.codec.CodecException;
import dev.vertxmicro.codec.JsonCodec;
import dev.vertxmicro.codec.TypeRef;
import io.vertx.core.buffer.Buffer;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What peers answer, as they write it. */
class RepliesTest {

  private static <T> T read(String json, Class<T> type) {
    return new JsonCodec().decode(Buffer.buffer(json), TypeRef.of(type));
  }

  @Test
  void readsAPinWithItsOptionsBesideIt() {
    Pin pin =
        read(
            """
            {"replication_factor_min":-1,"replication_factor_max":2,"name":"n","mode":"recursive",
             "shard_size":104857600,"user_allocations":null,"expire_at":"0001-01-01T00:00:00Z",
             "metadata":{"k":"v"},"pin_update":null,"origins":[],"cid":"Qm1","type":"pin",
             "allocations":["p1"],"max_depth":-1,"reference":null,
             "timestamp":"2024-05-06T07:08:09.123456789+02:00","new_field":{"x":[1]}}
            """,
            Pin.class);

    assertEquals("Qm1", pin.cid());
    assertEquals(-1, pin.replicationFactorMin());
    assertEquals(List.of("p1"), pin.allocations());
    assertEquals(List.of(), pin.userAllocations());
    assertEquals(Map.of("k", "v"), pin.metadata());
    assertNull(pin.expireAt());
    assertNull(pin.reference());
    assertEquals(Instant.parse("2024-05-06T05:08:09.123456789Z"), pin.timestamp());
  }

  @Test
  void whatIsAbsentIsEmpty() {
    Pin pin = read("{\"cid\":\"Qm1\"}", Pin.class);

    assertEquals("", pin.name());
    assertEquals(List.of(), pin.origins());
    assertEquals(Map.of(), pin.metadata());
    assertNull(pin.timestamp());
    assertEquals(Map.of(), read("{}", GlobalPinInfo.class).peerMap());
    assertNull(read("{}", ClusterId.class).ipfs());
  }

  @Test
  void readsWhatPeersKnowOfAPin() {
    GlobalPinInfo info =
        read(
            """
            {"cid":"Qm1","name":"","allocations":[],"origins":null,"created":"2024-01-01T00:00:00Z",
             "metadata":null,"peer_map":{"p1":{"peername":"one","ipfs_peer_id":"i1",
             "ipfs_peer_addresses":["/ip4/1.2.3.4/tcp/4001"],"status":"pin_queued",
             "timestamp":"2024-01-01T00:00:00Z","error":"","attempt_count":3,"priority_pin":true},
             "p2":{"peername":"two","status":"from_the_future"}}}
            """,
            GlobalPinInfo.class);

    PinInfo one = info.peerMap().get("p1");
    assertEquals(TrackerStatus.PIN_QUEUED, one.status());
    assertEquals(3, one.attemptCount());
    assertEquals(true, one.priorityPin());
    assertEquals(TrackerStatus.UNDEFINED, info.peerMap().get("p2").status());
  }

  @Test
  void readsMetricsAlertsAndGraphs() {
    String metric =
        "\"name\":\"freespace\",\"peer\":\"p\",\"value\":\"7\",\"expire\":1700000000000000000,"
            + "\"valid\":true,\"weight\":7,\"partitionable\":false,\"received_at\":1700000000000000001";

    assertEquals(1_700_000_000_000_000_001L, read("{" + metric + "}", Metric.class).receivedAt());
    Alert alert = read("{" + metric + ",\"triggered_at\":\"2024-01-01T00:00:00Z\"}", Alert.class);
    assertEquals(Instant.parse("2024-01-01T00:00:00Z"), alert.triggeredAt());
    ConnectGraph graph =
        read(
            "{\"cluster_id\":\"a\",\"cluster_links\":{\"a\":[\"b\"],\"b\":null},"
                + "\"cluster_trust_links\":{\"a\":true}}",
            ConnectGraph.class);
    assertEquals(Map.of("a", List.of("b")), graph.clusterLinks());
    assertEquals(Map.of("a", true), graph.clusterTrustLinks());
    RepoGc gc =
        read(
                "{\"peer_map\":{\"a\":{\"peer\":\"a\",\"keys\":[{\"key\":\"Qm\"},{\"error\":\"x\"}]}}}",
                GlobalRepoGc.class)
            .peerMap()
            .get("a");
    assertEquals(List.of(new RepoGcKey("Qm", ""), new RepoGcKey(null, "x")), gc.keys());
  }

  @Test
  void readsTheCidsOfOldPeers() {
    Pin pin =
        read(
            "{\"cid\":{\"/\":\"Qm1\"},\"reference\":{\"/\":\"Qm2\"},\"pin_update\":null}",
            Pin.class);

    assertEquals("Qm1", pin.cid());
    assertEquals("Qm2", pin.reference());
    assertNull(pin.pinUpdate());
    assertEquals("Qm1", read("{\"cid\":{\"/\":\"Qm1\"}}", GlobalPinInfo.class).cid());
    assertEquals("Qm1", read("{\"cid\":{\"/\":\"Qm1\"}}", AddedOutput.class).cid());
    assertEquals("Qm1", read("{\"key\":{\"/\":\"Qm1\"}}", RepoGcKey.class).key());
  }

  @ParameterizedTest
  @ValueSource(strings = {"1", "[]", "{}", "{\"/\":1}", "{\"x\":\"Qm\"}", "{\"/\":\"Qm\",\"x\":1}"})
  void whatIsNoCidIsMalformed(String cid) {
    assertThrows(CodecException.class, () -> read("{\"cid\":" + cid + "}", Pin.class));
  }

  @Test
  void aTimeThatIsNoneIsMalformed() {
    assertThrows(CodecException.class, () -> read("{\"timestamp\":\"soon\"}", Pin.class));
    assertThrows(CodecException.class, () -> read("{\"timestamp\":{}}", Pin.class));
  }
}
