// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.retry;

import dev.vertxmicro.metadata.Metadata;
import dev.vertxmicro.time.Deadline;

/** What policies may know of a call. */
public interface CallInfo {

  /** Returns the service that is called. */
  String service();

  /** Returns the endpoint that is called. */
  String endpoint();

  /** Tells whether the caller declared that the request may be executed more than once. */
  boolean idempotent();

  /** Returns what is sent along. */
  Metadata metadata();

  /** Returns by when the call must have ended. */
  Deadline deadline();
}
