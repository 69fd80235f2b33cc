// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.rest.ipfs;

/** Who acts on a request that concerns all peers. */
public enum Scope {
  /** All peers of the cluster. */
  CLUSTER,
  /** The peer that is asked, alone. */
  LOCAL;

  String local() {
    return Boolean.toString(this == LOCAL);
  }
}
