// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.cli;

import com.google.protobuf.Descriptors.MethodDescriptor;
import dev.vertxmicro.codec.CodecException;
import dev.vertxmicro.errors.GrpcStatus;
import dev.vertxmicro.errors.RpcException;
import dev.vertxmicro.registry.Node;
import dev.vertxmicro.registry.Registry;
import dev.vertxmicro.runtime.CallOption;
import dev.vertxmicro.runtime.RpcClient;
import dev.vertxmicro.runtime.RpcClientBuilder;
import dev.vertxmicro.runtime.RpcClientOptions;
import io.vertx.core.Vertx;
import io.vertx.core.json.DecodeException;
import io.vertx.core.json.Json;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** A command that calls an endpoint of a service. */
abstract class CallingCommand extends BaseCommand {

  private static final Duration LOOK_UP = Duration.ofSeconds(10);
  private static final String GRPC = "grpc";

  @Parameters(index = "0", paramLabel = "SERVICE", description = "The name in the registry.")
  String service = "";

  @Parameters(
      index = "1",
      paramLabel = "ENDPOINT",
      description = "Greeter.Hello, or /package.Greeter/Hello.")
  String endpoint = "";

  @Mixin CallFlags flags = new CallFlags();

  private @Nullable Registry registry;

  /** Opens a client, to be closed at the end. The registry is opened if no addresses are given. */
  RpcClient openClient(Vertx vertx) {
    RpcClientOptions options = new RpcClientOptions();
    if (flags.protocol != null) {
      options.setProtocol(flags.protocol);
    }
    RpcClientBuilder builder =
        RpcClient.builder(vertx)
            .with(options)
            .withCodec(new RawCodec())
            .withStrategy(flags.chosenStrategy());
    if (flags.addresses.isEmpty()) {
      Registry opened = openRegistry(vertx);
      registry = opened;
      builder.withRegistry(opened);
    }
    RpcClient client = builder.build();
    atEnd(client::close);
    return client;
  }

  /** Finds out what is to be sent: from the flags, the descriptor set, or the service itself. */
  Wire wire(RpcClient client) {
    if (flags.descriptorSet != null && flags.contentType != null) {
      throw new IllegalArgumentException(
          "--content-type: "
              + flags.contentType
              + " (expected: none beside --descriptor-set, with which protobuf is sent)");
    }
    // First, as a file that is none is found out without a registry.
    MethodDescriptor method =
        flags.descriptorSet == null
            ? null
            : Descriptions.method(Descriptions.read(flags.descriptorSet), endpoint);
    Node node = node();
    String protocol = node.protocol() != null ? node.protocol() : flags.protocol;
    boolean grpc = protocol == null || protocol.equals(GRPC);
    if (method != null) {
      return grpc ? Wire.described(method) : Wire.named(method);
    }
    if (flags.contentType != null) {
      return Wire.plain(endpoint, flags.contentType);
    }
    if (!grpc) {
      return Wire.plain(endpoint, "application/json");
    }
    try {
      return Wire.described(
          Descriptions.method(
              await(Reflection.files(client, node.address()), flags.timeout), endpoint));
    } catch (RpcException silent) {
      if (!tellsNothing(silent)) {
        // What fails is what the user wants, not the question that comes before it.
        throw RpcException.client(silent.grpcStatus(), silent.detail())
            .target(service, endpoint)
            .processed(silent.processed())
            .cause(silent)
            .build();
      }
      return Wire.plain(endpoint, "application/grpc+json");
    }
  }

  /** A server that does not describe itself says so in one of these ways. */
  private static boolean tellsNothing(RpcException failure) {
    return switch (failure.grpcStatus()) {
      case UNIMPLEMENTED, UNKNOWN, INTERNAL, INVALID_ARGUMENT -> true;
      default -> false;
    };
  }

  /** Returns a node to ask about the service. */
  private Node node() {
    if (!flags.addresses.isEmpty()) {
      return Node.of("address", flags.addresses.get(0));
    }
    return await(Objects.requireNonNull(registry).get(service), LOOK_UP).stream()
        .flatMap(version -> version.nodes().stream())
        .findFirst()
        .orElseThrow(
            () ->
                RpcException.client(
                        GrpcStatus.NOT_FOUND, "no service " + service + " in the registry")
                    .build());
  }

  CallOption options(Wire wire) {
    return CallOption.of(flags.options(), CallOption.contentType(wire.contentType()));
  }

  /** Returns JSON for people if they look: indented on a terminal. */
  static String shown(Terminal terminal, String text) {
    if (!terminal.isHere()) {
      return text;
    }
    Object value = parsed(text);
    return value == null ? text : Json.encodePrettily(value);
  }

  /** Returns what the text is as JSON; the text itself if it is none. */
  static @Nullable Object parsed(String text) {
    try {
      return Json.decodeValue(text);
    } catch (DecodeException | CodecException plain) {
      return text;
    }
  }

  static List<String> orEmptyObject(List<String> bodies) {
    return bodies.isEmpty() ? List.of("{}") : bodies;
  }
}
