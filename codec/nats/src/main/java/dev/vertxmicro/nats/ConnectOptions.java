// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.nats;

import io.nats.client.AuthHandler;
import io.nats.client.ConnectionListener;
import io.nats.client.ErrorListener;
import io.nats.client.Nats;
import io.nats.client.Options;
import io.vertx.core.Vertx;
import io.vertx.core.net.KeyCertOptions;
import io.vertx.core.net.PemKeyCertOptions;
import io.vertx.core.net.PemTrustOptions;
import java.security.SecureRandom;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.jspecify.annotations.Nullable;

/** Turns our options into those of jnats. */
final class ConnectOptions {

  private ConnectOptions() {}

  /**
   * Checks what belongs together.
   *
   * @throws IllegalArgumentException if there are several ways to log in, or half of one
   */
  static void check(NatsOptions<?> options) {
    together("password", options.getPassword(), "user", options.getUser());
    together("certificate", options.getCertificate(), "key", options.getKey());
    int logIns = 0;
    for (String logIn :
        new @Nullable String[] {
          options.getUser(), options.getToken(), options.getNkeySeed(), options.getCredentialsFile()
        }) {
      logIns += logIn == null ? 0 : 1;
    }
    if (logIns > 1) {
      throw new IllegalArgumentException(
          "user, token, nkeySeed, credentialsFile: " + logIns + " of them (expected: one at most)");
    }
  }

  private static void together(
      String name, @Nullable String value, String other, @Nullable String otherValue) {
    if ((value == null) != (otherValue == null)) {
      throw new IllegalArgumentException(
          (value == null ? name : other)
              + ": null (expected: set, as "
              + name
              + " and "
              + other
              + " belong together)");
    }
  }

  /** Reads files of keys, so it blocks. */
  static Options of(
      NatsOptions<?> options,
      Vertx vertx,
      ConnectionListener connectionListener,
      ErrorListener errorListener)
      throws Exception {
    Options.Builder builder =
        new Options.Builder()
            .servers(options.getServers().toArray(new String[0]))
            .connectionTimeout(options.getConnectTimeout())
            .pingInterval(options.getPingInterval())
            .maxPingsOut(2)
            .maxReconnects(-1)
            .reconnectWait(options.getReconnectWait())
            // The Outbox says what waits while there is no connection, and how much is under way.
            .reconnectBufferSize(0)
            .maxMessagesInOutgoingQueue(0)
            .connectionListener(connectionListener)
            .errorListener(errorListener);
    if (options.getConnectionName() != null) {
      builder.connectionName(options.getConnectionName());
    }
    logIn(options, builder);
    if (wantsTls(options)) {
      // A name that was resolved could not be compared with the certificate's.
      builder
          .sslContext(sslContext(options, vertx))
          .hostnameResolveMode(Options.HostnameResolveMode.ResolveToFirst);
    }
    return builder.build();
  }

  private static void logIn(NatsOptions<?> options, Options.Builder builder) {
    String user = options.getUser();
    String password = options.getPassword();
    String token = options.getToken();
    if (user != null && password != null) {
      builder.userInfo(user.toCharArray(), password.toCharArray());
    } else if (token != null) {
      builder.token(token.toCharArray());
    }
    AuthHandler handler = authHandler(options);
    if (handler != null) {
      builder.authHandler(handler);
    }
  }

  private static @Nullable AuthHandler authHandler(NatsOptions<?> options) {
    String seed = options.getNkeySeed();
    String file = options.getCredentialsFile();
    if (seed != null) {
      return new NkeyLogIn(seed);
    }
    return file == null ? null : Nats.credentials(file);
  }

  private static boolean wantsTls(NatsOptions<?> options) {
    return options.isTls()
        || options.getTrustedCertificates() != null
        || options.getCertificate() != null
        || options.getServers().stream().anyMatch(server -> server.startsWith("tls://"));
  }

  private static SSLContext sslContext(NatsOptions<?> options, Vertx vertx) throws Exception {
    String trusted = options.getTrustedCertificates();
    TrustManagerFactory trust =
        trusted == null
            ? null
            : new PemTrustOptions().addCertPath(trusted).getTrustManagerFactory(vertx);
    KeyManager[] keys = null;
    if (options.getCertificate() != null && options.getKey() != null) {
      KeyCertOptions own =
          new PemKeyCertOptions()
              .addCertPath(options.getCertificate())
              .addKeyPath(options.getKey());
      keys = own.getKeyManagerFactory(vertx).getKeyManagers();
    }
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(keys, NameChecking.over(trust), new SecureRandom());
    return context;
  }
}
