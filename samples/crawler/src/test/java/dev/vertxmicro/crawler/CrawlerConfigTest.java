// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.crawler;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class CrawlerConfigTest {

  @Test
  void readsTheFileOfThisModule() {
    CrawlerConfig config = CrawlerConfig.read(Path.of("config.toml"));

    assertEquals("127.0.0.1:2379", config.text("MasterServer", "RegistryAddress"));
    assertEquals(
        Duration.ofSeconds(60), config.seconds("GRPCServer", "RegisterTTL", Duration.ZERO));
    assertEquals(List.of("douban_book_list", "xxx"), config.tasks());
  }

  @Test
  void whatIsNotThereHasADefault() {
    assertNull(CrawlerConfig.NONE.text("MasterServer", "Name"));
    assertEquals(
        Duration.ofMillis(1_500),
        CrawlerConfig.parse("f", "[Election]\nTTL = 1.5")
            .seconds("Election", "TTL", Duration.ZERO));
    assertEquals(List.of(), CrawlerConfig.NONE.tasks());
  }

  /** A Consul that is as it comes refuses a shorter session: there would never be a leader. */
  @Test
  void anElectionInConsulHasATtlThatConsulTakes() {
    assertEquals(Duration.ofSeconds(5), ProcessFlags.election(CrawlerConfig.NONE, "etcd").ttl());
    assertEquals(Duration.ofSeconds(10), ProcessFlags.election(CrawlerConfig.NONE, "consul").ttl());
    CrawlerConfig own = CrawlerConfig.parse("f", "[Election]\nTTL = 1.5");
    assertEquals(Duration.ofMillis(1_500), ProcessFlags.election(own, "consul").ttl());
    CrawlerConfig file = CrawlerConfig.read(Path.of("config.toml"));
    assertEquals(Duration.ofSeconds(10), ProcessFlags.election(file, "consul").ttl());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "[MasterServer",
        "[MasterServer]\nRegisterTTL = \"60\"",
        "[MasterServer]\nRegisterTTL = -1",
        "[MasterServer]\nName = 7",
        "Tasks = [{}]"
      })
  void whatDoesNotFitIsNamed(String toml) {
    IllegalArgumentException unfit =
        assertThrows(
            IllegalArgumentException.class,
            () -> {
              CrawlerConfig config = CrawlerConfig.parse("file.toml", toml);
              config.text("MasterServer", "Name");
              config.seconds("MasterServer", "RegisterTTL", Duration.ZERO);
              config.tasks();
            });
    assertTrue(unfit.getMessage().contains("file.toml"), unfit::getMessage);
  }

  @ParameterizedTest
  @CsvSource(
      nullValues = "none",
      value = {
        "master1-10.156.157.194:9091, 10.156.157.194:9091",
        "master1-my-host:9091, my-host:9091",
        "master1-[::1]:9091, [::1]:9091",
        "master1, none",
        "master1-, none",
        "master1-host, none",
        "master1-host:x, none",
        "1-host:9091, none"
      })
  void theAddressOfALeaderFollowsTheFirstDash(String name, String address) {
    assertEquals(address, MasterName.address(name));
  }

  @ParameterizedTest
  @CsvSource({
    ":8081, 127.0.0.1:8081",
    "0.0.0.0:0, 0.0.0.0:0",
    "[::1]:1, [::1]:1",
    "host:65535, host:65535"
  })
  void anAddressHasAHostOrTheDefault(String text, String address) {
    assertEquals(address, ListenAddress.parse("--http", text, "127.0.0.1").toString());
  }

  @ParameterizedTest
  @ValueSource(strings = {"8081", "host", ":65536", ":", ":-1"})
  void whatIsNoAddressIsRefused(String text) {
    assertThrows(
        IllegalArgumentException.class, () -> ListenAddress.parse("--http", text, "127.0.0.1"));
  }
}
