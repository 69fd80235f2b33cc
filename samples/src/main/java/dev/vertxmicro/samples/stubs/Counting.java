// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.samples.stubs;

import static java.util.stream.Collectors.toList;

import dev.vertxmicro.greeter.CountReply;
import dev.vertxmicro.greeter.CountRequest;
import dev.vertxmicro.greeter.Greeter;
import dev.vertxmicro.greeter.GreeterStub;
import dev.vertxmicro.greeter.HelloReply;
import dev.vertxmicro.greeter.HelloRequest;
import dev.vertxmicro.runtime.CallOption;
import dev.vertxmicro.runtime.RpcClient;
import io.vertx.core.Future;
import java.util.List;
import java.util.stream.Collectors;

/** Calls a go-micro service by the .proto file that its Go code is generated from, and no more. */
public final class Counting {

  // tag::proto[]
  private final Greeter greeter;

  Counting(RpcClient client, String service) {
    greeter = GreeterStub.create(client, service); // The name in the registry, as in Go.
  }

  Future<String> hello(String name, CallOption... options) {
    return greeter
        .hello(HelloRequest.newBuilder().setName(name).build(), options)
        .map(HelloReply::getGreeting);
  }

  Future<List<Long>> count(long to, CallOption... options) {
    return greeter
        .count(CountRequest.newBuilder().setTo(to).build(), options)
        .compose(
            stream -> {
              var numbers = stream.collect(Collectors.mapping(CountReply::getNumber, toList()));
              stream.resume();
              return numbers;
            });
  }
  // end::proto[]
}
