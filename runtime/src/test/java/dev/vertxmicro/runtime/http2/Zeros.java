// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.http2;

import io.netty.buffer.ByteBuf;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Zeros on their way out, that note what they are told. */
final class Zeros extends OutgoingData {

  /** What it was told: null for having left. */
  final List<@Nullable Throwable> told = new ArrayList<>();

  Zeros(int length, boolean last) {
    super(length, last);
  }

  @Override
  protected void copy(int from, int count, ByteBuf to) {
    to.writeZero(count);
  }

  @Override
  public void left(@Nullable Throwable failure) {
    told.add(failure);
  }
}
