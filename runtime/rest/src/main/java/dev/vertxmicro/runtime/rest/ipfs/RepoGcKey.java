// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.rest.ipfs;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.databind.annotation.JsonDeserialize;
import org.jspecify.annotations.Nullable;

/**
 * One thing that the collection of garbage removed, or could not.
 *
 * @param key its CID, or null
 * @param error what went wrong; empty if nothing did
 */
public record RepoGcKey(
    @JsonProperty("key") @JsonDeserialize(using = CidText.class) @Nullable String key,
    @JsonProperty("error") String error) {

  /** Puts empty values for what is absent. */
  public RepoGcKey {
    error = Absent.text(error);
  }
}
