// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.metadata;

/** The header names of go-micro, in the case that go-micro writes. */
public final class MicroHeaders {

  /** Identifies a request or an event. */
  public static final String ID = "Micro-Id";

  /** The topic of an event. */
  public static final String TOPIC = "Micro-Topic";

  /** The name of the service that sends. */
  public static final String FROM_SERVICE = "Micro-From-Service";

  /** The time that remains for a call, in nanoseconds as a decimal number. */
  public static final String TIMEOUT = "timeout";

  /** The content type that the caller asked for. */
  public static final String X_CONTENT_TYPE = "x-content-type";

  private MicroHeaders() {}
}
