// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.rest;

import dev.vertxmicro.metadata.Metadata;

/**
 * The head of an answer.
 *
 * @param status 200 to 999
 * @param reason the reason phrase, perhaps empty
 * @param headers all of them
 * @param length of the body; -1 if it is not said ahead
 */
record ResponseHead(int status, String reason, Metadata headers, long length) {

  boolean isSuccess() {
    return status < 300;
  }

  String contentType() {
    return headers.get("Content-Type", "");
  }
}
