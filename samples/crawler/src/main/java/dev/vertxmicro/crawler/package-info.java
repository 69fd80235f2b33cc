// SPDX-License-Identifier: Apache-2.0

/**
 * A crawler of masters and workers, on the runtime: masters elect a leader, which hands resources
 * out to the workers that the registry knows; followers forward to it with a stub whose address is
 * pinned; workers run what is theirs. Start reading at {@link dev.vertxmicro.crawler.Master}.
 */
@NullMarked
package dev.vertxmicro.crawler;

import org.jspecify.annotations.NullMarked;
