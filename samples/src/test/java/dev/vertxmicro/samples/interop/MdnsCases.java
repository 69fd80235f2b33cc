// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.samples.interop;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;

/**
 * Services that either side announces by multicast DNS, on a network of their own: go-micro sends
 * to whatever network the system takes for multicast, which a test must not.
 */
abstract class MdnsCases {

  private static MdnsNetwork network;

  @BeforeAll
  static void isolate() throws IOException {
    network = MdnsNetwork.open();
  }

  @AfterAll
  static void end() {
    network.close();
  }

  private static void run(String what, String program) {
    network.fault().ifPresent(Assumptions::abort);
    assertEquals("", network.run(what, program));
  }

  @InteropCase(
      number = "30a",
      value =
          "mDNS: J finds G's service as G's own GetService, from a TXT of several strings, and lists"
              + " it by `_services`")
  void javaFindsByMulticast(String program) {
    run(MdnsNetwork.FIND, program);
  }

  @InteropCase(
      number = "30b",
      value =
          "mDNS: G's selector finds and calls J's service, and does not find it when it has gone")
  void goMicroCallsByMulticast(String program) {
    run(MdnsNetwork.SERVE, program);
  }
}
