// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.peers;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.util.ArrayList;
import java.util.List;

/** Ports of the loopback interface that nobody listened on a moment ago. */
public final class FreePorts {

  private FreePorts() {}

  /** Returns one port. */
  public static int one() {
    return take(1).get(0);
  }

  /**
   * Returns several different ports. For servers that cannot be told to take any port, or that must
   * come back on the same; somebody else may take one meanwhile, and then the server does not
   * start.
   */
  public static List<Integer> take(int count) {
    List<ServerSocket> held = new ArrayList<>();
    try {
      for (int i = 0; i < count; i++) {
        ServerSocket socket = new ServerSocket();
        held.add(socket);
        socket.bind(new InetSocketAddress(InetAddress.getByName("127.0.0.1"), 0));
      }
      return held.stream().map(ServerSocket::getLocalPort).toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } finally {
      held.forEach(FreePorts::close);
    }
  }

  private static void close(ServerSocket socket) {
    try {
      socket.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
