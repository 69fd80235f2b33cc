// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.broker;

import dev.vertxmicro.codec.Message;

/**
 * A message that waits for a subscriber.
 *
 * @param message the message
 * @param attempt which delivery the next one is, from 1
 */
record Parcel(Message message, int attempt) {

  Parcel again() {
    return new Parcel(message, attempt + 1);
  }
}
