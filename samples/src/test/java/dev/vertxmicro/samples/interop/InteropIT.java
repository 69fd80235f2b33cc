// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.samples.interop;

import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * This runtime and every pinned version of real go-micro, in both directions, with what must be
 * seen on the wire between them. The outcome is a table, see {@link InteropTable}.
 */
@Timeout(120)
class InteropIT {

  @RegisterExtension static final InteropTable TABLE = new InteropTable();

  @Nested
  class Grpc extends GrpcCases {}

  @Nested
  class GrpcCallers extends GrpcCallerCases {}

  @Nested
  class Mucp extends MucpCases {}

  @Nested
  class Proxies extends ProxyCases {}

  @Nested
  class Registries extends RegistryCases {}

  @Nested
  class Multicast extends MdnsCases {}

  @Nested
  class Brokers extends BrokerCases {}

  @Nested
  class EndedCalls extends EndedCallCases {}
}
