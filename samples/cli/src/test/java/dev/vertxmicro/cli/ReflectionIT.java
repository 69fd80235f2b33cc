// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.vertxmicro.greeter.GreeterProto;
import dev.vertxmicro.greeter.HelloReply;
import dev.vertxmicro.greeter.HelloRequest;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.grpc.common.GrpcMessageDecoder;
import io.vertx.grpc.common.GrpcMessageEncoder;
import io.vertx.grpc.common.ServiceMethod;
import io.vertx.grpc.common.ServiceName;
import io.vertx.grpc.reflection.ReflectionService;
import io.vertx.grpc.server.GrpcServer;
import io.vertx.grpc.server.Service;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A plain gRPC server that describes itself, and takes nothing but protobuf. */
class ReflectionIT {

  private Vertx vertx;
  private String address;

  @BeforeEach
  void start() {
    vertx = Vertx.vertx();
    ServiceName name = ServiceName.create("greeter", "Greeter");
    ServiceMethod<HelloRequest, HelloReply> hello =
        ServiceMethod.server(
            name,
            "Hello",
            GrpcMessageEncoder.encoder(),
            GrpcMessageDecoder.decoder(HelloRequest.newBuilder()));
    Service service =
        Service.service(name, GreeterProto.getDescriptor().findServiceByName("Greeter"))
            .bind(
                hello,
                request ->
                    request.handler(
                        asked ->
                            request
                                .response()
                                .end(
                                    HelloReply.newBuilder()
                                        .setGreeting("Hello " + asked.getName())
                                        .build())))
            .build();
    GrpcServer grpc = GrpcServer.server(vertx);
    grpc.addService(service);
    grpc.addService(ReflectionService.v1());
    HttpServer http =
        vertx
            .createHttpServer(new HttpServerOptions().setHost("127.0.0.1").setPort(0))
            .requestHandler(grpc)
            .listen()
            .await();
    address = "127.0.0.1:" + http.actualPort();
  }

  @AfterEach
  void stop() {
    vertx.close().await();
  }

  @Test
  void jsonBecomesTheMessagesThatTheServerDescribes() {
    Run run = Run.of("call", "any", "Greeter.Hello", "{\"name\":\"Ada\"}", "--address=" + address);
    Run byPath =
        Run.of(
            "call", "any", "/greeter.Greeter/Hello", "{\"name\":\"Bo\"}", "--address=" + address);

    assertEquals(0, run.code(), run::err);
    assertEquals("Hello Ada", run.json().getString("greeting"));
    assertEquals("Hello Bo", byPath.json().getString("greeting"), byPath::err);
  }

  @Test
  void whatTheServerDoesNotHaveIsNamed() {
    Run run = Run.of("call", "any", "Greeter.Nothing", "{}", "--address=" + address);

    assertEquals(3, run.code(), run::err);
    assertTrue(run.err().contains("Greeter.Hello"), run::err);
  }

  @Test
  void whatDoesNotFitTheMessageIsNotSent() {
    Run run = Run.of("call", "any", "Greeter.Hello", "{\"nam\":\"Ada\"}", "--address=" + address);

    assertEquals(2, run.code());
    assertTrue(run.err().contains("greeter.HelloRequest"), run::err);
  }
}
