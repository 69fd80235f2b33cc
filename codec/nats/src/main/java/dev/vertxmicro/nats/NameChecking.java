// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.nats;

import java.net.Socket;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509ExtendedTrustManager;
import org.jspecify.annotations.Nullable;

/**
 * Trusts a server whose certificate is trusted <i>and</i> made out to the name that was connected
 * to. jnats leaves the second out, and its sockets are not ours to configure; but the JDK looks at
 * the socket's parameters when it checks the certificate, and that goes through here.
 */
final class NameChecking extends X509ExtendedTrustManager {

  private final X509ExtendedTrustManager delegate;

  private NameChecking(X509ExtendedTrustManager delegate) {
    this.delegate = delegate;
  }

  /** Returns managers that check names, too; null stands for those of the JVM. */
  static TrustManager[] over(@Nullable TrustManagerFactory factory)
      throws GeneralSecurityException {
    TrustManagerFactory trusted = factory;
    if (trusted == null) {
      trusted = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
      trusted.init((KeyStore) null);
    }
    for (TrustManager manager : trusted.getTrustManagers()) {
      if (manager instanceof X509ExtendedTrustManager extended) {
        return new TrustManager[] {new NameChecking(extended)};
      }
    }
    throw new GeneralSecurityException("no X.509 trust manager that can check names");
  }

  @Override
  public void checkServerTrusted(X509Certificate[] chain, String authType, Socket socket)
      throws CertificateException {
    if (!(socket instanceof SSLSocket tls)) {
      throw new CertificateException("socket: " + socket.getClass() + " (expected: of TLS)");
    }
    SSLParameters parameters = tls.getSSLParameters();
    parameters.setEndpointIdentificationAlgorithm("HTTPS");
    tls.setSSLParameters(parameters);
    delegate.checkServerTrusted(chain, authType, socket);
  }

  @Override
  public void checkServerTrusted(X509Certificate[] chain, String authType, SSLEngine engine)
      throws CertificateException {
    SSLParameters parameters = engine.getSSLParameters();
    parameters.setEndpointIdentificationAlgorithm("HTTPS");
    engine.setSSLParameters(parameters);
    delegate.checkServerTrusted(chain, authType, engine);
  }

  /** Never without the name. */
  @Override
  public void checkServerTrusted(X509Certificate[] chain, String authType)
      throws CertificateException {
    throw new CertificateException("the name of the server is not known");
  }

  @Override
  public void checkClientTrusted(X509Certificate[] chain, String authType)
      throws CertificateException {
    delegate.checkClientTrusted(chain, authType);
  }

  @Override
  public void checkClientTrusted(X509Certificate[] chain, String authType, Socket socket)
      throws CertificateException {
    delegate.checkClientTrusted(chain, authType, socket);
  }

  @Override
  public void checkClientTrusted(X509Certificate[] chain, String authType, SSLEngine engine)
      throws CertificateException {
    delegate.checkClientTrusted(chain, authType, engine);
  }

  @Override
  public X509Certificate[] getAcceptedIssuers() {
    return delegate.getAcceptedIssuers();
  }
}
