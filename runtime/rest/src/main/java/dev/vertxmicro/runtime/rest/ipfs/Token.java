// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.rest.ipfs;

import com.fasterxml.jackson.annotation.JsonProperty;

/** What a peer gives out in place of a password. */
record Token(@JsonProperty(value = "token", required = true) String token) {

  @Override
  public String toString() {
    return "Token";
  }
}
