// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.broker.rabbitmq;

import com.rabbitmq.client.ConnectionFactory;
import com.rabbitmq.client.SocketConfigurators;
import com.rabbitmq.client.impl.ForgivingExceptionHandler;
import dev.vertxmicro.time.Nanos;
import io.vertx.core.Vertx;
import io.vertx.core.net.KeyCertOptions;
import io.vertx.core.net.PemKeyCertOptions;
import io.vertx.core.net.PemTrustOptions;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.net.Socket;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.ThreadFactory;
import java.util.function.Consumer;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;

/** Turns our options into those of amqp-client. */
final class ConnectionSettings {

  private static final Logger LOG = System.getLogger(ConnectionSettings.class.getName());

  /** Bounds a question to the server, to declare a queue say. */
  private static final int RPC_TIMEOUT_MILLIS = 10_000;

  private ConnectionSettings() {}

  /**
   * Checks what belongs together.
   *
   * @throws IllegalArgumentException if there is a certificate without its key, or the other way
   */
  static void check(RabbitBrokerOptions options) {
    if ((options.getCertificate() == null) != (options.getKey() == null)) {
      throw new IllegalArgumentException(
          (options.getKey() == null ? "key" : "certificate")
              + ": null (expected: set, as certificate and key belong together)");
    }
  }

  /**
   * Returns settings for one server. Reads files of keys, so it blocks.
   *
   * @param socket is given the socket before it is used
   * @param threads makes amqp-client's threads
   * @param closing flushes the socket when it closes, so that one that is stuck can be left behind
   * @param deliveries runs consumers
   */
  static ConnectionFactory of(
      RabbitBrokerOptions options,
      RabbitAddress server,
      Vertx vertx,
      Consumer<Socket> socket,
      ThreadFactory threads,
      ExecutorService closing,
      ExecutorService deliveries)
      throws Exception {
    ConnectionFactory factory = new ConnectionFactory();
    factory.setHost(server.host());
    factory.setPort(server.port());
    factory.setUsername(options.getUser());
    factory.setPassword(options.getPassword());
    factory.setVirtualHost(options.getVirtualHost());
    factory.setConnectionTimeout(millis(options.getConnectTimeout()));
    // Halved for each of the two steps that have an answer.
    factory.setHandshakeTimeout(millis(options.getConnectTimeout().multipliedBy(2)));
    factory.setChannelRpcTimeout(RPC_TIMEOUT_MILLIS);
    factory.setRequestedHeartbeat((int) options.getHeartbeat().toSeconds());
    factory.setThreadFactory(threads);
    factory.setShutdownExecutor(closing);
    factory.setSharedExecutor(deliveries);
    factory.setExceptionHandler(new Quiet());
    // Whoever is larger is the server's to refuse: here it would cost the connection.
    factory.setMaxInboundMessageBodySize(Integer.MAX_VALUE);
    // RabbitLink does that: it knows what is unconfirmed, and fails it.
    factory.setAutomaticRecoveryEnabled(false);
    factory.setTopologyRecoveryEnabled(false);
    if (wantsTls(options)) {
      factory.useSslProtocol(sslContext(options, vertx));
      factory.setSocketConfigurator(
          SocketConfigurators.defaultConfigurator()
              .andThen(SocketConfigurators.enableHostnameVerification())
              .andThen(socket::accept));
    } else {
      factory.setSocketConfigurator(
          SocketConfigurators.defaultConfigurator().andThen(socket::accept));
    }
    return factory;
  }

  private static int millis(Duration duration) {
    return (int) Math.min(Integer.MAX_VALUE, Math.max(1, Nanos.millis(duration)));
  }

  private static boolean wantsTls(RabbitBrokerOptions options) {
    return options.isTls()
        || options.getTrustedCertificates() != null
        || options.getCertificate() != null
        || options.getServers().stream().map(RabbitAddress::parse).anyMatch(RabbitAddress::tls);
  }

  private static SSLContext sslContext(RabbitBrokerOptions options, Vertx vertx) throws Exception {
    String trusted = options.getTrustedCertificates();
    TrustManager[] trust =
        trusted == null
            ? null
            : new PemTrustOptions()
                .addCertPath(trusted)
                .getTrustManagerFactory(vertx)
                .getTrustManagers();
    KeyManager[] keys = null;
    if (options.getCertificate() != null && options.getKey() != null) {
      KeyCertOptions own =
          new PemKeyCertOptions()
              .addCertPath(options.getCertificate())
              .addKeyPath(options.getKey());
      keys = own.getKeyManagerFactory(vertx).getKeyManagers();
    }
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(keys, trust, new SecureRandom());
    return context;
  }

  /** What amqp-client says of a connection that breaks the listeners of it say better. */
  private static final class Quiet extends ForgivingExceptionHandler {

    @Override
    protected void log(String message, Throwable failure) {
      LOG.log(Level.DEBUG, "rabbitmq: " + message, failure);
    }
  }
}
