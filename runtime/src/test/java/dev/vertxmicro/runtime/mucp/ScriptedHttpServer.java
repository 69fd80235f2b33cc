// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.mucp;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * A server on a plain socket that does to each request what its script says, bytes and all, and
 * remembers what it was sent. A thread for each connection; requests without a script of their own
 * are answered {@code fine}.
 */
final class ScriptedHttpServer implements AutoCloseable {

  static final String FINE = ok("fine");

  private static final long PATIENCE_SECONDS = 10;

  private final ServerSocket listener;
  private final Queue<Script> scripts = new ConcurrentLinkedQueue<>();
  private final List<Peer> peers = new CopyOnWriteArrayList<>();
  private final BlockingQueue<String> requests = new LinkedBlockingQueue<>();
  private volatile boolean closed;

  /** What is done to one request. */
  @FunctionalInterface
  interface Script {
    void play(Peer peer) throws IOException;
  }

  private ScriptedHttpServer(ServerSocket listener) {
    this.listener = listener;
  }

  static ScriptedHttpServer start(Script... scripts) {
    try {
      ServerSocket listener = new ServerSocket();
      // Little room for what the server does not read.
      listener.setReceiveBufferSize(16 * 1024);
      listener.bind(new InetSocketAddress(InetAddress.getByName("127.0.0.1"), 0));
      ScriptedHttpServer server = new ScriptedHttpServer(listener);
      server.scripts.addAll(List.of(scripts));
      daemon(server::accept);
      return server;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** An answer of go-micro's kind. */
  static String ok(String body) {
    return "HTTP/1.1 200 OK\r\nContent-Length: " + body.length() + "\r\n\r\n" + body;
  }

  int port() {
    return listener.getLocalPort();
  }

  String address() {
    return "127.0.0.1:" + port();
  }

  /** Returns the connection with that number, which is or was there. */
  Peer peer(int index) {
    return peers.get(index);
  }

  int connections() {
    return peers.size();
  }

  /** Waits for the next request: its bytes, one character each. */
  String nextRequest() {
    try {
      String next = requests.poll(PATIENCE_SECONDS, TimeUnit.SECONDS);
      if (next == null) {
        throw new AssertionError("no request");
      }
      return next;
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  /** Returns how many requests came that were not taken by {@link #nextRequest}. */
  int requestsLeft() {
    return requests.size();
  }

  private static void daemon(Runnable task) {
    Thread thread = new Thread(task, "scripted server");
    thread.setDaemon(true);
    thread.start();
  }

  private void accept() {
    while (!closed) {
      try {
        Peer peer = new Peer(listener.accept(), peers.size());
        peers.add(peer);
        daemon(() -> serve(peer));
      } catch (IOException over) {
        if (!closed) {
          throw new UncheckedIOException(over);
        }
      }
    }
  }

  private void serve(Peer peer) {
    try {
      while (!peer.socket.isClosed()) {
        if (!peer.waitForBytes()) {
          peer.ended.complete("FIN");
          return;
        }
        Script script = scripts.poll();
        if (script == null) {
          peer.read();
          peer.write(FINE);
        } else {
          script.play(peer);
        }
      }
    } catch (EOFException end) {
      peer.ended.complete("FIN");
    } catch (SocketException reset) {
      peer.ended.complete("RST");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void close() {
    closed = true;
    try {
      listener.close();
      for (Peer peer : peers) {
        peer.socket.close();
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** One connection. */
  final class Peer {
    private final Socket socket;
    private final int index;
    private final CompletableFuture<String> ended = new CompletableFuture<>();
    private final CompletableFuture<Void> released = new CompletableFuture<>();
    private int first = -1;

    Peer(Socket socket, int index) throws IOException {
      this.socket = socket;
      this.index = index;
      socket.setTcpNoDelay(true);
    }

    int index() {
      return index;
    }

    private boolean waitForBytes() throws IOException {
      first = socket.getInputStream().read();
      return first >= 0;
    }

    private int next() throws IOException {
      int next = first >= 0 ? first : socket.getInputStream().read();
      first = -1;
      if (next < 0) {
        throw new EOFException();
      }
      return next;
    }

    /** Reads the head of a request. */
    String readHead() throws IOException {
      ByteArrayOutputStream head = new ByteArrayOutputStream();
      String text = "";
      while (!text.endsWith("\r\n\r\n")) {
        head.write(next());
        text = head.toString(ISO_8859_1);
      }
      return text;
    }

    /** Hands something to {@link #nextRequest} that is no whole request. */
    void note(String part) {
      requests.add(part);
    }

    /** Reads a whole request. */
    String read() throws IOException {
      String head = readHead();
      int at = head.indexOf("Content-Length: ") + "Content-Length: ".length();
      int length = Integer.parseInt(head.substring(at, head.indexOf("\r\n", at)));
      InputStream in = socket.getInputStream();
      byte[] body = in.readNBytes(length);
      if (body.length < length) {
        throw new EOFException();
      }
      String request = head + new String(body, ISO_8859_1);
      requests.add(request);
      return request;
    }

    /** Writes text, one byte a character. */
    void write(String text) throws IOException {
      socket.getOutputStream().write(text.getBytes(ISO_8859_1));
    }

    /** Ends our side, and lets the client's bytes come until it ends its own. */
    void fin() throws IOException {
      socket.shutdownOutput();
    }

    /** Cuts the connection. */
    void reset() throws IOException {
      socket.setSoLinger(true, 0);
      socket.close();
    }

    /** Waits until the test lets it go on. */
    void hold() {
      awaitIt(released);
    }

    void release() {
      released.complete(null);
    }

    /** Returns how the client has ended the connection; waits for it. */
    String awaitEnd() {
      return awaitIt(ended);
    }

    private <T> @Nullable T awaitIt(CompletableFuture<T> future) {
      try {
        return future.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
      } catch (InterruptedException | ExecutionException | TimeoutException e) {
        throw new AssertionError(e);
      }
    }
  }
}
