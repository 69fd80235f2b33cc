// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.benchmarks;

import dev.vertxmicro.broker.SubscribeOption;
import dev.vertxmicro.runtime.grpc.GrpcEngine;
import java.util.EnumSet;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The clients that are compared: those of calls, then those of streams, of skynet, over WebSockets,
 * of REST, of publishes.
 */
enum Variant {
  /** vertx-grpc-client as it is, with a deadline for each call. */
  VERTX_GRPC("raw vertx-grpc-client"),
  /** This runtime with all its defaults. */
  VERTX_MICRO("vertx-micro"),
  /** The same on Vert.x' HTTP client. */
  VERTX_MICRO_HTTP_CLIENT("vertx-micro, HTTP_CLIENT"),
  /** grpc-java, round_robin, callbacks on its event loop. */
  GRPC_JAVA_DIRECT("grpc-java directExecutor"),
  /** Armeria's unary gRPC client. */
  ARMERIA("Armeria UnaryGrpcClient"),
  /** A frame listener on Netty's HTTP/2 codec, and nothing else. */
  BARE_NETTY("bare Netty handler"),

  /** go-micro's own gRPC client of v5.30, in Go, with a server of go-micro. */
  GO_MICRO("go-micro v5.30"),
  /** The same with as much heap as the clients in Java have. */
  GO_MICRO_HEAP("go-micro v5.30, 512 MB heap"),
  /** go-micro's own gRPC client of v4.11. */
  GO_MICRO_4("go-micro v4.11"),
  /** This runtime with all its defaults, with a server of go-micro. */
  VERTX_MICRO_TO_GO("vertx-micro"),
  /** The same on Vert.x' HTTP client. */
  VERTX_MICRO_HTTP_CLIENT_TO_GO("vertx-micro, HTTP_CLIENT"),

  /** A stream of vertx-grpc-client as it is, small messages. */
  VERTX_GRPC_STREAM("raw vertx-grpc-client, 64 B"),
  /** A stream of this runtime with all its defaults, small messages. */
  VERTX_MICRO_STREAM("vertx-micro, 64 B"),
  /** A stream of grpc-java, callbacks on its event loop, small messages. */
  GRPC_JAVA_STREAM("grpc-java direct, 64 B"),
  /** The same as {@link #VERTX_GRPC_STREAM} with large messages. */
  VERTX_GRPC_STREAM_LARGE("raw vertx-grpc-client, 64 KB"),
  /** The same as {@link #VERTX_MICRO_STREAM} with large messages. */
  VERTX_MICRO_STREAM_LARGE("vertx-micro, 64 KB"),
  /** The same as {@link #GRPC_JAVA_STREAM} with large messages. */
  GRPC_JAVA_STREAM_LARGE("grpc-java direct, 64 KB"),

  /** skynet's protocol on a bare socket, small calls. */
  SKYNET_SOCKET("raw NetSocket, 128 B"),
  /** skynet's protocol by this runtime with all its defaults, small calls. */
  SKYNET("vertx-micro, 128 B"),
  /** The same as {@link #SKYNET_SOCKET} with large calls. */
  SKYNET_SOCKET_LARGE("raw NetSocket, 64 KB"),
  /** The same as {@link #SKYNET} with large calls. */
  SKYNET_LARGE("vertx-micro, 64 KB"),

  /** The cluster's protocol on a bare WebSocket, small calls. */
  WEBSOCKET_BARE("raw WebSocket, 128 B"),
  /** The cluster's protocol by this runtime with all its defaults, small calls. */
  WEBSOCKET("vertx-micro, 128 B"),
  /** The same as {@link #WEBSOCKET_BARE} with large calls. */
  WEBSOCKET_BARE_LARGE("raw WebSocket, 64 KB"),
  /** The same as {@link #WEBSOCKET} with large calls. */
  WEBSOCKET_LARGE("vertx-micro, 64 KB"),

  /** POSTs by the HTTP client of Vert.x, small calls. */
  HTTP_CLIENT("raw HttpClient, 128 B"),
  /** POSTs written by hand on bare sockets, small calls. */
  HTTP_SOCKET("raw NetSocket, 128 B"),
  /** POSTs by this runtime with all its defaults, small calls. */
  REST("vertx-micro, 128 B"),
  /** The same as {@link #HTTP_CLIENT} with large calls. */
  HTTP_CLIENT_LARGE("raw HttpClient, 64 KB"),
  /** The same as {@link #HTTP_SOCKET} with large calls. */
  HTTP_SOCKET_LARGE("raw NetSocket, 64 KB"),
  /** The same as {@link #REST} with large calls. */
  REST_LARGE("vertx-micro, 64 KB"),

  /** The event bus as it is, to everybody. */
  EVENT_BUS("raw event bus, publish"),
  /** The broker on the event bus, to everybody. */
  EVENT_BUS_BROKER("EventBusBroker"),
  /** The event bus as it is, to one who answers. */
  EVENT_BUS_REQUEST("raw event bus, request"),
  /** The broker on the event bus, to a queue group. */
  EVENT_BUS_GROUP("EventBusBroker, group"),
  /** jnats as it is: 128 bytes, no answer. */
  JNATS("raw jnats"),
  /** jnats, and go-micro's payload coded and decoded. */
  JNATS_PAYLOAD("raw jnats, go-micro payload"),
  /** The broker on core NATS. */
  NATS_BROKER("NatsBroker"),
  /** amqp-client as it is, with confirms and acknowledgements. */
  AMQP("raw amqp-client, confirmed"),
  /** The broker on RabbitMQ. */
  RABBIT_BROKER("RabbitBroker");

  private static final Set<Variant> CALLS = EnumSet.range(VERTX_GRPC, BARE_NETTY);
  private static final Set<Variant> CALLS_TO_GO =
      EnumSet.range(GO_MICRO, VERTX_MICRO_HTTP_CLIENT_TO_GO);
  private static final Set<Variant> STREAMS =
      EnumSet.range(VERTX_GRPC_STREAM, GRPC_JAVA_STREAM_LARGE);
  private static final Set<Variant> SKYNETS = EnumSet.range(SKYNET_SOCKET, SKYNET_LARGE);
  private static final Set<Variant> WEBSOCKETS = EnumSet.range(WEBSOCKET_BARE, WEBSOCKET_LARGE);
  private static final Set<Variant> RESTS = EnumSet.range(HTTP_CLIENT, REST_LARGE);
  private static final Set<Variant> PUBLISHES = EnumSet.range(EVENT_BUS, RABBIT_BROKER);

  private static final int SMALL_BYTES = 64;
  private static final int LARGE_BYTES = 64 * 1024;

  private final String title;

  Variant(String title) {
    this.title = title;
  }

  static Set<Variant> ofCalls() {
    return CALLS;
  }

  static Set<Variant> ofCallsToGo() {
    return CALLS_TO_GO;
  }

  static Set<Variant> ofStreams() {
    return STREAMS;
  }

  static Set<Variant> ofSkynet() {
    return SKYNETS;
  }

  static Set<Variant> ofWebSockets() {
    return WEBSOCKETS;
  }

  static Set<Variant> ofRest() {
    return RESTS;
  }

  static Set<Variant> ofPublishes() {
    return PUBLISHES;
  }

  /** Returns the bare client that this one is compared with. */
  Variant baseline() {
    return switch (this) {
      case GO_MICRO, GO_MICRO_HEAP, GO_MICRO_4, VERTX_MICRO_TO_GO, VERTX_MICRO_HTTP_CLIENT_TO_GO ->
          GO_MICRO;
      case VERTX_GRPC_STREAM, VERTX_MICRO_STREAM, GRPC_JAVA_STREAM -> VERTX_GRPC_STREAM;
      case VERTX_GRPC_STREAM_LARGE, VERTX_MICRO_STREAM_LARGE, GRPC_JAVA_STREAM_LARGE ->
          VERTX_GRPC_STREAM_LARGE;
      case SKYNET_SOCKET, SKYNET -> SKYNET_SOCKET;
      case SKYNET_SOCKET_LARGE, SKYNET_LARGE -> SKYNET_SOCKET_LARGE;
      case WEBSOCKET_BARE, WEBSOCKET -> WEBSOCKET_BARE;
      case WEBSOCKET_BARE_LARGE, WEBSOCKET_LARGE -> WEBSOCKET_BARE_LARGE;
      case HTTP_CLIENT, HTTP_SOCKET, REST -> HTTP_CLIENT;
      case HTTP_CLIENT_LARGE, HTTP_SOCKET_LARGE, REST_LARGE -> HTTP_CLIENT_LARGE;
      case EVENT_BUS, EVENT_BUS_BROKER -> EVENT_BUS;
      case EVENT_BUS_REQUEST, EVENT_BUS_GROUP -> EVENT_BUS_REQUEST;
      case JNATS -> JNATS;
      case JNATS_PAYLOAD, NATS_BROKER -> JNATS_PAYLOAD;
      case AMQP, RABBIT_BROKER -> AMQP;
      default -> VERTX_GRPC;
    };
  }

  /** Tells whether it wants a RabbitMQ. */
  boolean isOnRabbit() {
    return baseline() == AMQP;
  }

  /** Returns the Go peer that is this client, or null if a process of this program is. */
  @Nullable String program() {
    return switch (this) {
      case GO_MICRO, GO_MICRO_HEAP -> "greeter-v5.30";
      case GO_MICRO_4 -> "greeter-v4.11";
      default -> null;
    };
  }

  /** Returns the variables of the peer's environment. */
  Map<String, String> environment() {
    return this == GO_MICRO_HEAP ? Map.of("GOGC", "off", "GOMEMLIMIT", "512MiB") : Map.of();
  }

  String title() {
    return title;
  }

  /** Opens it; what is no call knows of the port only. */
  Load open(Setup setup) {
    int port = setup.port();
    return switch (this) {
      case VERTX_GRPC -> new VertxGrpcLoad(setup);
      case VERTX_MICRO -> VertxMicroLoad.ofEcho(setup, GrpcEngine.NETTY);
      case VERTX_MICRO_HTTP_CLIENT -> VertxMicroLoad.ofEcho(setup, GrpcEngine.HTTP_CLIENT);
      case VERTX_MICRO_TO_GO -> VertxMicroLoad.ofGreeter(setup, GrpcEngine.NETTY);
      case VERTX_MICRO_HTTP_CLIENT_TO_GO -> VertxMicroLoad.ofGreeter(setup, GrpcEngine.HTTP_CLIENT);
      case GO_MICRO, GO_MICRO_HEAP, GO_MICRO_4 ->
          throw new IllegalStateException(this + " is a program of its own");
      case GRPC_JAVA_DIRECT -> new GrpcJavaLoad(setup);
      case ARMERIA -> new ArmeriaLoad(setup);
      case BARE_NETTY -> new BareNettyLoad(setup);
      case VERTX_GRPC_STREAM -> new VertxGrpcStreamLoad(port, SMALL_BYTES);
      case VERTX_MICRO_STREAM -> new VertxMicroStreamLoad(port, SMALL_BYTES);
      case GRPC_JAVA_STREAM -> new GrpcJavaStreamLoad(port, SMALL_BYTES);
      case VERTX_GRPC_STREAM_LARGE -> new VertxGrpcStreamLoad(port, LARGE_BYTES);
      case VERTX_MICRO_STREAM_LARGE -> new VertxMicroStreamLoad(port, LARGE_BYTES);
      case GRPC_JAVA_STREAM_LARGE -> new GrpcJavaStreamLoad(port, LARGE_BYTES);
      case SKYNET_SOCKET -> new SkynetSocketLoad(port, Load.PAYLOAD_BYTES);
      case SKYNET -> new SkynetLoad(port, Load.PAYLOAD_BYTES);
      case SKYNET_SOCKET_LARGE -> new SkynetSocketLoad(port, LARGE_BYTES);
      case SKYNET_LARGE -> new SkynetLoad(port, LARGE_BYTES);
      case WEBSOCKET_BARE -> new WebSocketBareLoad(port, Load.PAYLOAD_BYTES);
      case WEBSOCKET -> new WebSocketLoad(port, Load.PAYLOAD_BYTES);
      case WEBSOCKET_BARE_LARGE -> new WebSocketBareLoad(port, LARGE_BYTES);
      case WEBSOCKET_LARGE -> new WebSocketLoad(port, LARGE_BYTES);
      case HTTP_CLIENT -> new HttpClientLoad(port, Load.PAYLOAD_BYTES);
      case HTTP_SOCKET -> new HttpSocketLoad(port, Load.PAYLOAD_BYTES);
      case REST -> new RestLoad(port, Load.PAYLOAD_BYTES);
      case HTTP_CLIENT_LARGE -> new HttpClientLoad(port, LARGE_BYTES);
      case HTTP_SOCKET_LARGE -> new HttpSocketLoad(port, LARGE_BYTES);
      case REST_LARGE -> new RestLoad(port, LARGE_BYTES);
      case EVENT_BUS -> new EventBusLoad(false);
      case EVENT_BUS_REQUEST -> new EventBusLoad(true);
      case EVENT_BUS_BROKER -> BrokerLoad.onEventBus();
      case EVENT_BUS_GROUP -> BrokerLoad.onEventBus(SubscribeOption.queue("group"));
      case JNATS -> new JnatsLoad(port, false);
      case JNATS_PAYLOAD -> new JnatsLoad(port, true);
      case NATS_BROKER -> BrokerLoad.onNats(port);
      case AMQP -> new AmqpLoad(port);
      case RABBIT_BROKER -> BrokerLoad.onRabbit(port);
    };
  }
}
