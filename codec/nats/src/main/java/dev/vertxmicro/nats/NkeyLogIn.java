// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.nats;

import io.nats.client.AuthHandler;
import io.nats.client.NKey;
import java.io.IOException;
import java.security.GeneralSecurityException;

/** Signs the server's challenge with an NKey that no JWT goes with. */
final class NkeyLogIn implements AuthHandler {

  private final String seed;

  NkeyLogIn(String seed) {
    this.seed = seed;
  }

  @Override
  public byte[] sign(byte[] nonce) {
    NKey key = NKey.fromSeed(seed.toCharArray());
    try {
      return key.sign(nonce);
    } catch (GeneralSecurityException | IOException e) {
      throw new IllegalStateException("nkeySeed: cannot sign (expected: a seed of a user)", e);
    } finally {
      key.clear();
    }
  }

  @Override
  public char[] getID() {
    NKey key = NKey.fromSeed(seed.toCharArray());
    try {
      return key.getPublicKey();
    } catch (GeneralSecurityException | IOException e) {
      throw new IllegalStateException("nkeySeed: no public key (expected: a seed of a user)", e);
    } finally {
      key.clear();
    }
  }

  /** None: an empty one is left out of the log-in. */
  @Override
  public char[] getJWT() {
    return new char[0];
  }
}
