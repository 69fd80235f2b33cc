// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.rest.ipfs;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.databind.annotation.JsonDeserialize;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One thing that was added, or how far that is.
 *
 * @param name its path
 * @param cid what it is, or null while it is being added
 * @param bytes how much was read so far
 * @param size in bytes
 * @param allocations the peers that keep it
 */
public record AddedOutput(
    @JsonProperty("name") String name,
    @JsonProperty("cid") @JsonDeserialize(using = CidText.class) @Nullable String cid,
    @JsonProperty("bytes") long bytes,
    @JsonProperty("size") long size,
    @JsonProperty("allocations") List<String> allocations) {

  /** Puts empty values for what is absent. */
  public AddedOutput {
    name = Absent.text(name);
    allocations = Absent.list(allocations);
  }
}
