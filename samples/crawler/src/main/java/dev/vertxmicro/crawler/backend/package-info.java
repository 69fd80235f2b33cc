// SPDX-License-Identifier: Apache-2.0

/**
 * What the processes of the crawler share: a registry, an election, and the resources that only an
 * elected master may write. On etcd, on Consul, and inside one process. Start reading at {@link
 * dev.vertxmicro.crawler.backend.Backend}.
 */
@NullMarked
package dev.vertxmicro.crawler.backend;

import org.jspecify.annotations.NullMarked;
