// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.broker.http;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertNotNull;

import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** Where a subscription is said to be: keeps the bytes that come and does what a test wants. */
final class RawPeer implements Closeable {

  /** What is done with a connection on which a request has come. */
  interface Behaviour {
    /** Answers, or not. To return is to wait for the next request. */
    void on(Posted request, Socket connection) throws IOException;
  }

  /**
   * A request as it came.
   *
   * @param line the first line
   * @param headers names as they were written, in alphabetical order
   */
  record Posted(String line, TreeMap<String, String> headers, byte[] body) {

    String text() {
      return new String(body, UTF_8);
    }
  }

  static final String OK = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";

  private final ServerSocket server;
  private final Behaviour behaviour;
  private final BlockingQueue<Posted> posted = new LinkedBlockingQueue<>();
  private final Set<Socket> connections = ConcurrentHashMap.newKeySet();

  RawPeer(Behaviour behaviour) {
    this.behaviour = behaviour;
    try {
      server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    } catch (IOException e) {
      throw new AssertionError(e);
    }
    thread(this::accept);
  }

  /** One that answers every request with this status and nothing else. */
  static RawPeer answering(int status) {
    return new RawPeer(
        (request, connection) ->
            write(connection, "HTTP/1.1 " + status + " x\r\nContent-Length: 0\r\n\r\n"));
  }

  static void write(Socket connection, String text) throws IOException {
    connection.getOutputStream().write(text.getBytes(ISO_8859_1));
  }

  /** Has the connection end with RST. */
  static void reset(Socket connection) throws IOException {
    connection.setSoLinger(true, 0);
    connection.close();
  }

  String address() {
    return "127.0.0.1:" + server.getLocalPort();
  }

  Posted next() throws InterruptedException {
    Posted next = posted.poll(20, TimeUnit.SECONDS);
    assertNotNull(next, "nothing came in time");
    return next;
  }

  /** Returns how many requests came that were not taken. */
  int waiting() {
    return posted.size();
  }

  private static void thread(Runnable task) {
    Thread thread = new Thread(task, "raw peer");
    thread.setDaemon(true);
    thread.start();
  }

  private void accept() {
    try {
      while (true) {
        Socket connection = server.accept();
        connections.add(connection);
        thread(() -> serve(connection));
      }
    } catch (IOException closed) {
      connections.forEach(RawPeer::quietly);
    }
  }

  private void serve(Socket connection) {
    try (connection) {
      for (Posted next = read(connection); next != null; next = read(connection)) {
        posted.add(next);
        behaviour.on(next, connection);
      }
    } catch (IOException ended) {
      connections.remove(connection);
    }
  }

  private static Posted read(Socket connection) throws IOException {
    InputStream in = connection.getInputStream();
    String line = line(in);
    if (line == null) {
      return null;
    }
    TreeMap<String, String> headers = new TreeMap<>();
    int length = 0;
    for (String next = line(in); next != null && !next.isEmpty(); next = line(in)) {
      int colon = next.indexOf(':');
      headers.put(next.substring(0, colon), next.substring(colon + 1).strip());
      if (next.substring(0, colon).equalsIgnoreCase("content-length")) {
        length = Integer.parseInt(next.substring(colon + 1).strip());
      }
    }
    return new Posted(line, headers, in.readNBytes(length));
  }

  private static String line(InputStream in) throws IOException {
    StringBuilder line = new StringBuilder();
    for (int b = in.read(); b != '\n'; b = in.read()) {
      if (b < 0) {
        return null;
      }
      if (b != '\r') {
        line.append((char) b);
      }
    }
    return line.toString();
  }

  private static void quietly(Socket connection) {
    try {
      connection.close();
    } catch (IOException gone) {
      connection = null;
    }
  }

  @Override
  public void close() {
    try {
      server.close();
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }
}
