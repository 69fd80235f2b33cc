// SPDX-License-Identifier: Apache-2.0

/**
 * A client of the REST API of ipfs-cluster, with several peers behind one client. Start reading at
 * {@link dev.vertxmicro.runtime.rest.ipfs.IpfsCluster}.
 */
@NullMarked
package dev.vertxmicro.runtime.rest.ipfs;

import org.jspecify.annotations.NullMarked;
