// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.rest.ipfs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AddParamsTest {

  @Test
  void theSizeOfShardsStaysUnlessItIsSet() {
    String named = AddParams.defaults().pinOptions(PinOptions.none().name("n")).toString();
    String sized = AddParams.defaults().pinOptions(PinOptions.none().shardSize(7)).toString();

    assertTrue(named.contains("name=n") && named.contains("shard-size=104857600"), named);
    assertTrue(sized.contains("shard-size=7"), sized);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "balanced", "trickle"})
  void takesLayoutsThatPeersKnow(String layout) {
    assertTrue(AddParams.defaults().layout(layout).toString().contains("layout=" + layout + ","));
  }

  @Test
  void refusesWhatPeersDoNotKnow() {
    AddParams params = AddParams.defaults();

    assertThrows(IllegalArgumentException.class, () -> params.layout("flat"));
    assertThrows(IllegalArgumentException.class, () -> params.cidVersion(2));
    assertEquals(AddParams.defaults().toString(), params.toString());
  }
}
