// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime;

import java.time.Duration;

/** One setting of a client, for {@link RpcClient#create} and {@link RpcClient#init}. */
@FunctionalInterface
public interface ClientOption {

  /** Changes {@code options}. */
  void apply(RpcClientOptions options);

  /** See {@link RpcClientOptions#setPoolSize}. */
  static ClientOption poolSize(int size) {
    return options -> options.setPoolSize(size);
  }

  /** See {@link RpcClientOptions#setPoolTtl}. */
  static ClientOption poolTtl(Duration ttl) {
    return options -> options.setPoolTtl(ttl);
  }

  /** Changes the defaults of calls, in order, later wins. */
  static ClientOption calls(CallOption... defaults) {
    return options -> {
      for (CallOption option : defaults) {
        option.apply(options.getCalls());
      }
    };
  }

  /** See {@link RpcClientOptions#setPropagated}. */
  static ClientOption propagate(String... names) {
    return options -> options.setPropagated(names);
  }

  /** See {@link RpcClientOptions#setProxyFromEnvironment}. */
  static ClientOption proxyFromEnvironment() {
    return options -> options.setProxyFromEnvironment(true);
  }

  /** Replaces all options by those of a preset. */
  static ClientOption preset(Preset preset) {
    return options -> options.setAll(preset.options());
  }
}
